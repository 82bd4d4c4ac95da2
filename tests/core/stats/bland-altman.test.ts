import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blandAltman } from "@/core/stats/agreement/bland-altman";
import { numberClusters } from "@/core/stats/clustered/clusters";
import { intraclassCorrelation, oneWayAnova } from "@/core/stats/clustered/intraclass-correlation";
import { fUpperTail, studentQuantile, z95 } from "@/core/stats/distributions";
import { StatsError } from "@/core/stats/errors";
import type { Estimate } from "@/core/stats/types";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

/** Peak flow (l/min), large and mini meter, first readings: Bland JM, Altman DG. Lancet 1986;327:307-310, table 1. */
const wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427];
const mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451];

/** Cardiac output (l/min) by two methods: Bland JM, Altman DG. Stat Methods Med Res 1999;8:135-160, table 4. */
const cardiac = [
  { rv: [7.83, 7.42, 7.89, 7.12, 7.88], ic: [6.57, 5.62, 6.9, 6.57, 6.35] },
  { rv: [6.16, 7.26, 6.71, 6.54], ic: [4.06, 4.29, 4.26, 4.09] },
  { rv: [4.75, 5.24, 4.86, 4.78, 6.05, 5.42], ic: [4.71, 5.5, 5.08, 5.02, 6.01, 5.67] },
  { rv: [4.21, 3.61, 3.72, 3.87, 3.92], ic: [4.14, 4.2, 4.61, 4.68, 5.04] },
  { rv: [3.13, 2.98, 2.85, 3.17, 3.09, 3.12], ic: [3.03, 2.86, 2.77, 2.46, 2.32, 2.43] },
  { rv: [5.92, 6.42, 5.92, 6.27], ic: [5.9, 5.81, 5.7, 5.76] },
  { rv: [7.13, 6.62, 6.58, 6.93], ic: [5.09, 4.63, 4.61, 5.09] },
  { rv: [4.54, 4.81, 5.11, 5.29, 5.39, 5.57], ic: [4.72, 4.61, 4.36, 4.2, 4.36, 4.2] },
  { rv: [4.48, 4.92, 3.97], ic: [3.17, 3.12, 2.96] },
  { rv: [4.22, 4.65, 4.74, 4.44, 4.5], ic: [4.35, 4.62, 3.16, 3.53, 3.53] },
  { rv: [6.78, 6.07, 6.52, 6.42, 6.41, 5.76], ic: [7.2, 6.09, 7, 7.1, 7.4, 6.8] },
  { rv: [5.06, 4.72, 4.9, 4.8, 4.9, 5.1], ic: [4.5, 4.2, 3.8, 3.8, 4.2, 4.5] },
];
const cardiacOf = (people: typeof cardiac) => ({
  first: people.flatMap(({ rv }) => rv),
  second: people.flatMap(({ ic }) => ic),
  subject: people.flatMap(({ rv }, i) => rv.map(() => `subject ${i + 1}`)),
});

const numbersOf = ({ estimate, lower, upper }: Estimate) => [estimate, lower, upper];
const expectAll = (actual: (number | null)[], expected: (number | null)[], within = {}) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expectClose(value, expected[i], { what: `number ${i}`, ...within });
};

/** Diameters in tenths of a millimetre; at least three subjects, one of them with two pairs. */
const pair = fc.record({
  first: fc.integer({ min: 10, max: 300 }).map((value) => value / 10),
  second: fc.integer({ min: 10, max: 300 }).map((value) => value / 10),
});
const repeated = fc
  .tuple(
    fc.tuple(pair, pair, pair, pair),
    fc.array(fc.record({ pair, subject: fc.integer({ min: 0, max: 7 }) }), { maxLength: 25 }),
  )
  .map(([fixed, others]) => {
    const all = [...fixed.map((each, i) => ({ pair: each, subject: i % 3 })), ...others];
    return {
      first: all.map((each) => each.pair.first),
      second: all.map((each) => each.pair.second),
      subject: all.map(({ subject }) => subject),
    };
  });

describe("limits of agreement with one pair a subject", () => {
  it("give the numbers of Bland and Altman 1986: bias -2.1 (-22.0 to 17.8), SD 38.8", () => {
    const { bias, standardDeviation } = blandAltman({ first: wright, second: mini, subject: null });
    expectAll(numbersOf(bias), [-2.1, -22, 17.8], { absolute: 0.05 });
    expectClose(standardDeviation, 38.8, { absolute: 0.05 });
  });

  // R 4.2.2: s <- sd(d); z <- qnorm(.975); h <- qt(.975, 16) * s * sqrt(1/17 + z^2/32)
  it("give what R gives: t.test(d), mean(d) - z * s + c(0, -h, h), mean(d) + z * s + c(0, -h, h)", () => {
    const { bias, lowerLimit, upperLimit } = blandAltman({ first: wright, second: mini, subject: null });
    expectAll(numbersOf(bias), [-2.11764705882353, -22.0488376966452, 17.813543578999]);
    expectAll(numbersOf(lowerLimit), [-78.0959054671117, -112.851553139311, -43.3402577949126]);
    expectAll(numbersOf(upperLimit), [73.8606113494646, 39.1049636772655, 108.616259021664]);
  });

  // R 4.2.2: f <- lm(d ~ x); X <- cbind(1, x); B <- solve(crossprod(X))
  // V <- 17/15 * B %*% crossprod(X * resid(f)) %*% B
  it("give the slope on the mean with R's sandwich: coef(f)[2] + c(0, -1, 1) * qt(.975, 16) * sqrt(V[2, 2])", () => {
    const { proportionalBias } = blandAltman({ first: wright, second: mini, subject: null });
    expectAll(numbersOf(proportionalBias), [0.0286874451525492, -0.191883177881492, 0.249258068186591]);
  });

  it("are the same whether subjects are not given or all different", () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 20 }), (pairs) => {
        const [first, second] = [pairs.map((each) => each.first), pairs.map((each) => each.second)];
        const named = blandAltman({ first, second, subject: pairs.map((_, i) => `patient ${i}`) });
        expect(named).toEqual(blandAltman({ first, second, subject: null }));
      }),
    );
  });
});

describe("limits of agreement with several pairs a subject", () => {
  // R 4.2.2: a <- anova(aov(d ~ factor(s))); m <- table(s); m0 <- (60 - sum(m^2)/60)/11; b <- (a[1, 3] - a[2, 3])/m0
  it("weigh pairs alike as Bland and Altman 2007 do: mean(d), b, sqrt(b + a[2, 3])", () => {
    const { pairWeighted, withinVariance } = blandAltman(cardiacOf(cardiac));
    expectClose(withinVariance, 0.170713993055555);
    expectClose(pairWeighted?.bias, 0.602166666666667);
    expectClose(pairWeighted?.betweenVariance, 0.81062213034773);
    expectClose(pairWeighted?.standardDeviation, 0.990624108026493);
    expectClose(pairWeighted?.lowerLimit, 0.602166666666667 - z95 * 0.990624108026493);
    expectClose(pairWeighted?.upperLimit, 0.602166666666667 + z95 * 0.990624108026493);
  });

  // R 4.2.2: dm <- tapply(d, s, mean); S2 <- var(dm); h <- 12/sum(1/m); p <- c(S2, (1 - 1/h) * a[2, 3])
  // df <- c(11, 48); z <- qnorm(.975); l <- sum(p) - sqrt(sum((p * (1 - df/qchisq(.975, df)))^2))
  // u <- sum(p) + sqrt(sum((p * (df/qchisq(.025, df) - 1))^2))
  // out <- z * sqrt(S2/12 + (sqrt(u) - sqrt(sum(p)))^2); inn <- z * sqrt(S2/12 + (sqrt(sum(p)) - sqrt(l))^2)
  it("have MOVER intervals as in R: mean(dm) - z * sqrt(sum(p)) + c(0, -out, inn)", () => {
    const result = blandAltman(cardiacOf(cardiac));
    expect(result).toMatchObject({ pairs: 60, subjects: 12 });
    expectAll(numbersOf(result.bias).slice(0, 2), [0.709236111111111, 0.10223650123315]);
    expectAll([result.standardDeviation, result.betweenVariance], [1.02352461079228, 0.876888635841926]);
    expectAll(numbersOf(result.lowerLimit), [-1.29683526333213, -2.66291121232811, -0.561033312961436]);
    expectAll(numbersOf(result.upperLimit), [2.71530748555435, 1.97950553518366, 4.08138343455033]);
    // As above with sc <- rowsum(X * resid(f), s); V <- 12/11 * 59/58 * B %*% crossprod(sc) %*% B, and t of 11
    expectAll(numbersOf(result.proportionalBias), [0.0357805937744949, -0.379565639131102, 0.45112682668008]);
  });

  // tests/testthat/test-agree_nest.R of SimplyAgree 0.3.0, "examples from Zou": two decimals, the last not exact.
  it("give Zou's example of 2013, the first four subjects, as the R package SimplyAgree has it", () => {
    const { bias, lowerLimit, upperLimit } = blandAltman(cardiacOf(cardiac.slice(0, 4)));
    expectClose(bias.estimate, 0.7255, { absolute: 5e-5 });
    expectAll(numbersOf(lowerLimit), [-2.14, -9.83, -0.33], { absolute: 0.01 });
    expectAll(numbersOf(upperLimit), [3.59, 1.77, 11.27], { absolute: 0.01 });
  });

  it("have the variances of pairwise differences, the slope of the normal equations and its sandwich", () => {
    fc.assert(
      fc.property(repeated, ({ first, second, subject }) => {
        const result = blandAltman({ first, second, subject });
        const ids = [...new Set(subject)];
        const d = first.map((value, i) => value - (second[i] ?? 0));
        const own = ids.map((id) => d.filter((_, i) => subject[i] === id));
        const squares = (values: number[]) =>
          values.reduce((sum, a) => sum + values.reduce((inner, b) => inner + (a - b) ** 2, 0), 0) / 2 / values.length;
        const means = own.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
        const within = own.reduce((sum, values) => sum + squares(values), 0) / (d.length - ids.length);
        const ofMeans = squares(means) / (ids.length - 1);
        const share = own.reduce((sum, values) => sum + 1 / values.length, 0) / ids.length;
        const near = { relative: 1e-8, absolute: 1e-9 };
        expectClose(result.withinVariance, within, near);
        expectClose(result.betweenVariance, Math.max(0, ofMeans - share * within), near);
        const sd = Math.sqrt(ofMeans + (1 - share) * within);
        expectClose(result.standardDeviation, sd, near);
        const bias = means.reduce((a, b) => a + b, 0) / ids.length;
        const half = studentQuantile(0.975, ids.length - 1) * Math.sqrt(ofMeans / ids.length);
        expectAll(numbersOf(result.bias), [bias, bias - half, bias + half], near);
        expectClose(result.upperLimit.estimate, bias + z95 * sd, near);

        const x = first.map((value, i) => (value + (second[i] ?? 0)) / 2 - 15);
        const sum = (of: (i: number) => number) => d.reduce((total, _, i) => total + of(i), 0);
        const [n, sx, sxx] = [d.length, sum((i) => x[i] ?? 0), sum((i) => (x[i] ?? 0) ** 2)];
        const determinant = n * sxx - sx * sx;
        if (determinant < 1e-3) return;
        const [sd1, sxd] = [sum((i) => d[i] ?? 0), sum((i) => (x[i] ?? 0) * (d[i] ?? 0))];
        const slope = (n * sxd - sx * sd1) / determinant;
        const intercept = (sd1 - slope * sx) / n;
        const influence = ids.map((id) =>
          sum((i) => {
            const residual = (d[i] ?? 0) - intercept - slope * (x[i] ?? 0);
            return subject[i] === id ? ((n * (x[i] ?? 0) - sx) / determinant) * residual : 0;
          }),
        );
        const factor = ((ids.length / (ids.length - 1)) * (n - 1)) / (n - 2);
        const error = Math.sqrt(factor * influence.reduce((total, value) => total + value ** 2, 0));
        expectClose(result.proportionalBias.estimate, slope, { relative: 1e-7, absolute: 1e-9 });
        const { lower } = result.proportionalBias;
        if (lower === null) expect(error).toBeLessThan(1e-9);
        else
          expectClose(slope - lower, studentQuantile(0.975, ids.length - 1) * error, {
            relative: 1e-5,
            absolute: 1e-7,
          });
      }),
    );
  });

  it("have MOVER intervals that the closed form of chi-square with 2 degrees of freedom gives: -2 ln(1 - p)", () => {
    fc.assert(
      fc.property(fc.tuple(pair, pair, pair, pair, pair), (pairs) => {
        const [first, second] = [pairs.map((each) => each.first), pairs.map((each) => each.second)];
        const result = blandAltman({ first, second, subject: ["a", "b", "c", "a", "b"] });
        const [a = 0, b = 0, c = 0, d = 0, e = 0] = first.map((value, i) => value - (second[i] ?? 0));
        const within = ((a - d) ** 2 / 2 + (b - e) ** 2 / 2) / 2;
        const means = [(a + d) / 2, (b + e) / 2, c];
        const bias = means.reduce((sum, value) => sum + value, 0) / 3;
        const ofMeans = means.reduce((sum, value) => sum + (value - bias) ** 2, 0) / 2;
        const parts = [ofMeans, within / 3];
        const variance = ofMeans + within / 3;
        const [low, high] = [0.025, 0.975].map((p) => {
          const factor = 2 / (-2 * Math.log(1 - p)) - 1;
          const distance = Math.hypot(...parts.map((part) => part * factor));
          return Math.sqrt(Math.max(0, variance + Math.sign(factor) * distance));
        });
        const sd = Math.sqrt(variance);
        const outward = z95 * Math.sqrt(ofMeans / 3 + ((low ?? 0) - sd) ** 2);
        const inward = z95 * Math.sqrt(ofMeans / 3 + (sd - (high ?? 0)) ** 2);
        const limit = bias - z95 * sd;
        expectAll(numbersOf(result.lowerLimit), [limit, limit - outward, limit + inward], {
          relative: 1e-7,
          absolute: 1e-6,
        });
      }),
    );
  });

  it("agree with the pair-weighted ones when every subject has as many pairs", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(pair, pair), { minLength: 2, maxLength: 8 }), (subjects) => {
        const pairs = subjects.flat();
        const { bias, lowerLimit, pairWeighted, betweenVariance } = blandAltman({
          first: pairs.map((each) => each.first),
          second: pairs.map((each) => each.second),
          subject: subjects.flatMap((_, i) => [i, i]),
        });
        const near = { relative: 1e-8, absolute: 1e-9 };
        expectClose(pairWeighted?.bias, bias.estimate, near);
        expectClose(pairWeighted?.lowerLimit, lowerLimit.estimate, near);
        expectClose(pairWeighted?.betweenVariance, betweenVariance, near);
      }),
    );
  });

  it("of copies of one pair a subject are those of the single pairs, and so is the bias with its interval", () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 3, maxLength: 10 }), fc.integer({ min: 2, max: 4 }), (pairs, copies) => {
        const of = (list: typeof pairs) => ({
          first: list.map((each) => each.first),
          second: list.map((each) => each.second),
        });
        const plain = blandAltman({ ...of(pairs), subject: null });
        const copied = blandAltman({
          ...of(pairs.flatMap((each) => Array.from({ length: copies }, () => each))),
          subject: pairs.flatMap((_, i) => Array.from({ length: copies }, () => i)),
        });
        expect(copied.withinVariance).toBe(0);
        expectAll(numbersOf(copied.bias), numbersOf(plain.bias));
        expectClose(copied.lowerLimit.estimate, plain.lowerLimit.estimate);
        expectClose(copied.upperLimit.estimate, plain.upperLimit.estimate);
        expectClose(copied.betweenVariance, (plain.standardDeviation ?? 0) ** 2);
      }),
    );
  });

  it("say that the variance between subjects came out negative, and only then", () => {
    const alternating = { first: [1, 3, 1, 3, 1, 3], second: [2, 2, 2, 2, 2, 2], subject: [1, 1, 2, 2, 3, 3] };
    const { betweenVariance, cautions } = blandAltman(alternating);
    expect(betweenVariance).toBe(0);
    expect(cautions).toContainEqual(saying(/negative/));
    const { cautions: others } = blandAltman({ ...alternating, subject: [1, 2, 1, 2, 1, 2] });
    expect(others).not.toContainEqual(expect.stringContaining("negative"));
  });
});

describe("limits of agreement of any kind", () => {
  const both = fc.tuple(repeated, fc.boolean()).map(([data, isPlain]) => (isPlain ? { ...data, subject: null } : data));
  const near = { relative: 1e-6, absolute: 1e-7 };
  const mirrored = (estimate: Estimate) =>
    [estimate.estimate, estimate.upper, estimate.lower].map((value) => -(value ?? 0));

  it("mirror when the readers change places", () => {
    fc.assert(
      fc.property(both, ({ first, second, subject }) => {
        const forth = blandAltman({ first, second, subject });
        const back = blandAltman({ first: second, second: first, subject });
        expectAll(numbersOf(back.bias), mirrored(forth.bias), near);
        expectAll(numbersOf(back.lowerLimit), mirrored(forth.upperLimit), near);
        expectAll(numbersOf(back.upperLimit), mirrored(forth.lowerLimit), near);
        if (forth.proportionalBias.estimate !== null)
          expectClose(back.proportionalBias.estimate, -forth.proportionalBias.estimate, near);
        expect(back.cautions).toEqual(forth.cautions);
      }),
    );
  });

  it("shift with a constant added to one reader, which moves neither SD nor slope, and scale with the unit", () => {
    fc.assert(
      fc.property(both, ({ first, second, subject }) => {
        const original = blandAltman({ first, second, subject });
        const shifted = blandAltman({ first: first.map((value) => value + 2.5), second, subject });
        const inCentimetres = blandAltman({
          first: first.map((value) => value / 10),
          second: second.map((value) => value / 10),
          subject,
        });
        for (const of of ["bias", "lowerLimit", "upperLimit"] as const) {
          const values = numbersOf(original[of]);
          expectAll(
            numbersOf(shifted[of]),
            values.map((value) => (value ?? 0) + 2.5),
            near,
          );
          expectAll(
            numbersOf(inCentimetres[of]),
            values.map((value) => (value ?? 0) / 10),
            near,
          );
        }
        expectClose(shifted.standardDeviation, original.standardDeviation, near);
        expectClose(shifted.proportionalBias.estimate, original.proportionalBias.estimate, near);
        expectClose(inCentimetres.proportionalBias.estimate, original.proportionalBias.estimate, near);
      }),
    );
  });

  it("do not depend on order, names of subjects or kind of array, and leave the arrays alone", () => {
    fc.assert(
      fc.property(both, ({ first, second, subject }) => {
        const original = blandAltman({ first: Object.freeze(first), second: Object.freeze(second), subject });
        const typed = { first: Float64Array.from(first), second: Float64Array.from(second) };
        expect(blandAltman({ ...typed, subject: subject?.map((id) => `patient ${id}`) ?? null })).toEqual(original);
        expect([...typed.first]).toEqual(first);
        const reversed = blandAltman({
          first: [...first].reverse(),
          second: [...second].reverse(),
          subject: subject && [...subject].reverse(),
        });
        for (const of of ["bias", "lowerLimit", "upperLimit", "proportionalBias"] as const)
          expectAll(numbersOf(reversed[of]), numbersOf(original[of]), near);
      }),
    );
  });

  it("lie inside their intervals, and no number is NaN or infinite, however few and equal the pairs", () => {
    const value = fc.constantFrom(0, 0.1, 0.3, 9.7);
    const few = fc.array(fc.tuple(value, value, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(few, fc.boolean(), (pairs, isPlain) => {
        const result = blandAltman({
          first: pairs.map(([a]) => a),
          second: pairs.map(([, b]) => b),
          subject: isPlain ? null : pairs.map(([, , id]) => id),
        });
        const numbers: number[] = [];
        JSON.stringify(result, (_, each: unknown) => {
          if (typeof each === "number") numbers.push(each);
          return each;
        });
        expect(numbers.every(Number.isFinite)).toBe(true);
        for (const of of ["bias", "lowerLimit", "upperLimit", "proportionalBias"] as const) {
          const { estimate, lower, upper } = result[of];
          if (estimate === null || lower === null || upper === null) continue;
          expect([lower <= estimate, estimate <= upper]).toEqual([true, true]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are not estimable for one subject, whose bias is given without an interval; two subjects have both", () => {
    const pairs = { first: [5, 7, 6], second: [4, 7, 4] };
    const one = blandAltman({ ...pairs, subject: ["a", "a", "a"] });
    expect(one.bias).toMatchObject({ estimate: 1, lower: null });
    expect(one.lowerLimit).toMatchObject({ estimate: null, reason: saying(/one subject/) });
    expect(one).toMatchObject({ withinVariance: 1, betweenVariance: null, standardDeviation: null });
    expect(blandAltman({ first: [5], second: [4], subject: null }).bias).toMatchObject({ estimate: 1, lower: null });
    const two = blandAltman({ ...pairs, subject: ["a", "a", "b"] });
    expect(numbersOf(two.lowerLimit)).not.toContain(null);
  });

  it("warn of differences that do not vary, of few subjects and of a slope, and are silent otherwise", () => {
    const flat = blandAltman({ first: [1.1, 2.1, 3.3, 4.1], second: [1, 2, 3.2, 4], subject: null });
    expect(flat.lowerLimit).toMatchObject({ caution: saying(/do not vary/) });
    const same = blandAltman({ first: [1, 2, 3], second: [3, 2, 1], subject: null });
    expect(same.proportionalBias).toMatchObject({ estimate: null, reason: saying(/same mean/) });

    const noise = (i: number) => ((i * 7919) % 101) / 101 - 0.5;
    const reads = (slope: number) => ({
      first: Array.from({ length: 40 }, (_, i) => 5 + (i % 20) * (1 + slope) + noise(i)),
      second: Array.from({ length: 40 }, (_, i) => 5 + (i % 20) * 1 + noise(i + 50)),
      subject: null,
    });
    expect(blandAltman(reads(0)).cautions).toEqual([]);
    expect(blandAltman(reads(0.3)).cautions).toEqual([saying(/proportional bias/)]);
    expect(blandAltman({ first: wright, second: mini, subject: null }).cautions).toEqual([
      saying("only 17 subjects: the limits of agreement are rough"),
    ]);
  });

  it("refuse impossible input with its code and place, and take the same input put right", () => {
    const of = (first: number[], second: number[], subject: number[] | null) => {
      try {
        blandAltman({ first, second, subject });
      } catch (error) {
        return error instanceof StatsError ? { code: error.code, index: error.index } : error;
      }
      return "nothing thrown";
    };
    expect(of([], [], null)).toEqual({ code: "empty", index: null });
    expect(of([1, 2], [1], null)).toEqual({ code: "length_mismatch", index: 1 });
    expect(of([1, 2], [1, 2], [1])).toEqual({ code: "length_mismatch", index: 1 });
    expect(of([1, Number.NaN], [1, 2], [1, 1])).toEqual({ code: "not_finite", index: 1 });
    expect(of([1, 2], [Number.POSITIVE_INFINITY, 2], null)).toEqual({ code: "not_finite", index: 0 });
    expect(of([1, 2], [1, 2], [1, 1])).toBe("nothing thrown");
  });
});

describe("the intraclass correlation", () => {
  const clustered = fc
    .array(fc.record({ value: fc.integer({ min: 0, max: 9 }), cluster: fc.integer({ min: 0, max: 5 }) }), {
      maxLength: 30,
    })
    .map((units) => [{ value: 1, cluster: 0 }, { value: 4, cluster: 0 }, { value: 2, cluster: 1 }, ...units])
    .map((units) => ({ value: units.map(({ value }) => value), cluster: units.map(({ cluster }) => cluster) }));

  // R 4.2.2: anova(aov(v ~ factor(g)))$"Mean Sq"
  it("rests on the mean squares of R's aov, for measurements and for calls, in clusters of unequal size", () => {
    const measured = intraclassCorrelation({
      value: [6.1, 7.2, 6.8, 9.3, 8.8, 4.1, 5.2, 4.9, 4.4, 7.7],
      cluster: [1, 1, 1, 2, 2, 3, 3, 3, 3, 4],
    });
    expectAll([measured.meanSquareBetween, measured.meanSquareWithin], [9.41, 0.245833333333333]);
    expectClose(measured.n0, (10 - 30 / 10) / 3);
    const called = intraclassCorrelation({
      value: [1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0],
      cluster: [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5, 5],
    });
    expectAll([called.meanSquareBetween, called.meanSquareWithin], [0.395833333333333, 0.202380952380952]);
    expect(called.icc).toMatchObject({ caution: saying(/binary/) });
    expect(measured.icc).not.toMatchObject({ caution: saying(/binary/) });
  });

  it("follows from the sums of squares of all pairs of units, counted one by one", () => {
    fc.assert(
      fc.property(clustered, ({ value, cluster }) => {
        const ids = [...new Set(cluster)];
        const squares = (list: number[]) =>
          list.reduce((sum, a) => sum + list.reduce((inner, b) => inner + (a - b) ** 2, 0), 0) / 2 / list.length;
        const own = ids.map((id) => value.filter((_, i) => cluster[i] === id));
        const within = own.reduce((sum, list) => sum + squares(list), 0);
        const [n, k] = [value.length, ids.length];
        const [msb, msw] = [(squares(value) - within) / (k - 1), within / (n - k)];
        const n0 = (n - own.reduce((sum, list) => sum + list.length ** 2, 0) / n) / (k - 1);
        const result = intraclassCorrelation({ value, cluster });
        expectClose(result.icc.estimate, (msb - msw) / (msb + (n0 - 1) * msw), { absolute: 1e-10 });
        expectClose(result.sizeWeightedMeanSize, own.reduce((sum, list) => sum + list.length ** 2, 0) / n);
        expectClose(result.meanSize, n / k);
      }),
    );
  });

  // R 4.2.2: p <- Map(head, split(chickwts$weight, chickwts$feed), m); a <- anova(aov(unlist(p) ~ rep(names(p), m)))
  // r <- (a[1, 3] - a[2, 3])/(a[1, 3] + (n0 - 1) * a[2, 3]); Smith's variance as the R package ICCbin writes it
  it("has Smith's interval of R's chick weights in clusters of m = c(12, 2, 5, 1, 8, 3)", () => {
    const feeds = [
      [368, 390, 379, 260, 404, 318, 352, 359, 216, 222, 283, 332],
      [179, 160],
      [309, 229, 181, 141, 260],
      [325],
      [243, 230, 248, 327, 329, 250, 193, 271],
      [423, 340, 392],
    ];
    const { icc, n0, meanSize, sizeWeightedMeanSize } = intraclassCorrelation({
      value: feeds.flat(),
      cluster: feeds.flatMap((weights, i) => weights.map(() => `feed ${i}`)),
    });
    expectAll(numbersOf(icc), [0.522616473126209, 0.0649994314348449, 0.980233514817573]);
    expectAll([n0, meanSize, sizeWeightedMeanSize], [4.6064516129032258, 31 / 6, 7.967741935483871]);
    expect(icc).toMatchObject({ caution: saying("only 6 clusters: the interval is likely too narrow") });
  });

  it("has with equal sizes the variance 2 (1-r)² (1+(m-1)r)²/m² (1/(N-k) + 1/(k-1)), which Smith's reduces to", () => {
    const sized = fc.tuple(
      fc.integer({ min: 2, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 40, maxLength: 60 }),
    );
    fc.assert(
      fc.property(sized, ([m, values]) => {
        const k = Math.floor(values.length / m);
        const value = values.slice(0, k * m);
        const { icc } = intraclassCorrelation({ value, cluster: value.map((_, i) => Math.floor(i / m)) });
        const { estimate: r, lower } = icc;
        if (r === null || lower === null || lower < -1 / (m - 1) + 1e-9) return;
        const variance =
          ((2 * (1 - r) ** 2 * (1 + (m - 1) * r) ** 2) / m ** 2) * (1 / (value.length - k) + 1 / (k - 1));
        expectClose(r - lower, z95 * Math.sqrt(variance), { relative: 1e-8 });
      }),
    );
  });

  it("has an interval near Searle's exact one for many balanced clusters", () => {
    const value = Array.from({ length: 800 }, (_, i) => ((Math.floor(i / 4) * 37) % 83) + ((i * 7919) % 61));
    const { icc, meanSquareBetween, meanSquareWithin } = intraclassCorrelation({
      value,
      cluster: value.map((_, i) => Math.floor(i / 4)),
    });
    const f = (meanSquareBetween ?? 0) / (meanSquareWithin ?? 1);
    const pAt = (r: number) => fUpperTail((f * (1 - r)) / (1 + 3 * r), 199, 600);
    expect(pAt(icc.lower ?? 0)).toBeGreaterThan(0.015);
    expect(pAt(icc.lower ?? 0)).toBeLessThan(0.035);
    expect(pAt(icc.upper ?? 1)).toBeGreaterThan(0.965);
    expect(pAt(icc.upper ?? 1)).toBeLessThan(0.985);
  });

  it("is 1 when the members of each cluster are identical, and the design effect then the cluster size", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ min: 0.1, max: 30, noNaN: true }), { minLength: 2, maxLength: 9 }),
        (own) => {
          const value = own.flatMap((each) => [each, each, each]);
          const result = intraclassCorrelation({ value, cluster: own.flatMap((_, i) => [i, i, i]) });
          expect(result.icc).toMatchObject({
            estimate: 1,
            lower: null,
            caution: saying(/variance is 0/),
          });
          expect([result.designEffect.estimate, result.designEffectSizeWeighted.estimate]).toEqual([3, 3]);
        },
      ),
    );
  });

  it("of clusters that mirror each other is negative, down to -1/(n0 - 1), and the design effect then 1", () => {
    const { icc, designEffect } = intraclassCorrelation({ value: [1, 3, 1, 3, 3, 1], cluster: [1, 1, 2, 2, 3, 3] });
    expect(icc.estimate).toBe(-1);
    expect(designEffect).toMatchObject({ estimate: 1, caution: saying(/negative/) });
  });

  it("does not depend on order, names, origin or unit, and its interval stays in its range", () => {
    fc.assert(
      fc.property(clustered, ({ value, cluster }) => {
        const original = intraclassCorrelation({ value, cluster });
        const changed = intraclassCorrelation({
          value: Float64Array.from([...value].reverse(), (each) => each * 2.5 + 1),
          cluster: [...cluster].reverse().map((id) => `patient ${id}`),
        });
        for (const of of ["icc", "designEffect", "designEffectSizeWeighted"] as const)
          expectAll(numbersOf(changed[of]), numbersOf(original[of]), { relative: 1e-7, absolute: 1e-8 });
        const { estimate, lower, upper } = original.icc;
        if (estimate === null || lower === null || upper === null) return;
        expect(lower).toBeLessThanOrEqual(estimate + 1e-12);
        expect(upper).toBeGreaterThanOrEqual(estimate - 1e-12);
        expect(upper).toBeLessThanOrEqual(1);
        expect(lower).toBeGreaterThanOrEqual(-1 / ((original.n0 ?? 0) - 1));
        expect(original.designEffect.estimate).toBeGreaterThanOrEqual(1);
        const { designEffect, designEffectSizeWeighted } = original;
        expect(designEffectSizeWeighted.estimate ?? 0).toBeGreaterThanOrEqual((designEffect.estimate ?? 0) - 1e-12);
      }),
    );
  });

  it("is not estimable for one cluster, for single units or for equal values, and says which", () => {
    const reasonOf = (value: number[], cluster: number[]) => intraclassCorrelation({ value, cluster }).icc;
    expect(reasonOf([1, 2], [1, 1])).toMatchObject({ estimate: null, reason: saying(/one cluster/) });
    expect(reasonOf([1, 2], [1, 2])).toMatchObject({ estimate: null, reason: saying(/one unit/) });
    expect(reasonOf([2, 2, 2], [1, 1, 2])).toMatchObject({ estimate: null, reason: saying("every value is the same") });
    expect(reasonOf([1, 2, 2], [1, 1, 2]).estimate).not.toBeNull();
  });

  it("refuses no unit at all, unequal lengths and what is not finite", () => {
    expect(() => intraclassCorrelation({ value: [], cluster: [] })).toThrow("There is no unit");
    expect(() => intraclassCorrelation({ value: [1, 2], cluster: [1] })).toThrow("1 cluster ids for 2 units");
    expect(() => intraclassCorrelation({ value: [1, Number.NaN], cluster: [1, 1] })).toThrow("value[1] is NaN");
    expect(oneWayAnova([0.1, 0.1, 0.1], numberClusters([1, 1, 1], 3))).toMatchObject({ within: 0, between: null });
  });
});
