import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohenKappa } from "@/core/stats/agreement/kappa";
import { type ConfusionCounts, confusionMetrics } from "@/core/stats/counts/confusion";
import { StatsError } from "@/core/stats/errors";
import { contradictions, impliedPrevalences } from "@/core/stats/paper/contradictions";
import { auditInterval } from "@/core/stats/paper/interval-audit";
import { auditKappa, type KappaAudit, kappaStrata } from "@/core/stats/paper/kappa-audit";
import {
  type FigureName,
  type Figures,
  figureNames,
  fraction,
  type Printed,
  percent,
} from "@/core/stats/paper/printed";
import {
  attainableTotals,
  commonMargins,
  conflicts,
  mismatches,
  smallestTotal,
  tablesFor,
} from "@/core/stats/paper/tables";
import { sayIn } from "@/core/words";

const counts = (tp: number, fn: number, tn: number, fp: number): ConfusionCounts => ({ tp, fn, tn, fp });
const row = (ppv: string, npv: string, sensitivity: string, specificity: string, auc: string, accuracy: string) => ({
  sensitivity: percent(sensitivity),
  specificity: percent(specificity),
  ppv: percent(ppv),
  npv: percent(npv),
  accuracy: percent(accuracy),
  auc: fraction(auc),
});

// Li J et al. Quant Imaging Med Surg 2021;11:2477-2485, as printed. C1: size hidden, C2: size shown.
const r2c1 = row("64.7", "61.6", "54.7", "70.9", "0.626", "62.7");
const r2c2 = row("62.7", "66.1", "68.2", "60.4", "0.643", "64.3");
const r3c1 = row("65.5", "68.5", "69.8", "64.1", "0.671", "67.1");
const r3c2 = row("64.6", "69.4", "72.3", "61.3", "0.670", "66.9");
const readers = [r2c1, r2c2, r3c1, r3c2];
const inconsistent = [
  ["R2 C1", r2c1],
  ["R3 C1", r3c1],
  ["R3 C2", r3c2],
] as const;
const { auc: _, ...network } = row("95.2", "95.3", "95.3", "95.2", "0.994", "95.7");

const only = (figures: Figures, ...names: FigureName[]): Figures =>
  Object.fromEntries(names.map((name) => [name, figures[name]]));
const without = (figures: Figures, name: FigureName): Figures =>
  only(figures, ...figureNames.filter((other) => other !== name && figures[other]));
const predictive = (figures: Figures) => only(figures, "sensitivity", "specificity", "ppv", "npv");

/** All six figures of a table, printed as the paper does. */
function print(table: ConfusionCounts): Figures {
  const { sensitivity, specificity, ppv, npv, accuracy, balancedAccuracy } = confusionMetrics(table);
  const text = (estimate: number | null, decimals: number) =>
    ((estimate ?? 0) * 10 ** (3 - decimals)).toFixed(decimals);
  return {
    sensitivity: percent(text(sensitivity.estimate, 1)),
    specificity: percent(text(specificity.estimate, 1)),
    ppv: percent(text(ppv.estimate, 1)),
    npv: percent(text(npv.estimate, 1)),
    accuracy: percent(text(accuracy.estimate, 1)),
    auc: fraction(text(balancedAccuracy.estimate, 3)),
  };
}

const nearby = { positives: [300, 340], negatives: [300, 340] } as const;
const recovered = {
  r2c1: counts(174, 144, 231, 95),
  r2c2: counts(217, 101, 197, 129),
  r3c1: counts(222, 96, 209, 117),
  r3c2: counts(230, 88, 200, 126),
};

describe("the reader rows of the founding paper", () => {
  it("have no table with the stated 319 positive and 325 negative images, nor with the two swapped", () => {
    for (const figures of readers) {
      for (const some of [figures, predictive(figures)]) {
        expect(tablesFor({ figures: some, positives: 319, negatives: 325 })).toEqual([]);
        expect(tablesFor({ figures: some, positives: 325, negatives: 319 })).toEqual([]);
      }
    }
  });

  it("would have one with 319 and 325, were their figures those of a table of that size", () => {
    const table = counts(174, 145, 231, 94);
    expect(tablesFor({ figures: print(table), positives: 319, negatives: 325 })).toEqual([table]);
  });

  it("share only the margins 318 and 326, 644 in all, with one table each", () => {
    const options = { rows: readers.map(predictive), positives: [200, 449], negatives: [200, 449] } as const;
    const start = performance.now();
    const common = commonMargins(options);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(common).toEqual([
      { positives: 318, negatives: 326, tables: Object.values(recovered).map((table) => [table]) },
    ]);
  });

  it("share no margins once accuracy and AUC count as well, though each row with a table alone has some", () => {
    expect(commonMargins({ rows: readers, ...nearby })).toEqual([]);
    expect(commonMargins({ rows: [r2c2], ...nearby })).toHaveLength(2);
  });

  it("imply a prevalence of .4931 to .4946 by their predictive values", () => {
    const implied = readers.flatMap((figures) => impliedPrevalences(predictive(figures)));
    expect(implied).toHaveLength(8);
    const [low, high] = [Math.max(...implied.map((each) => each.low)), Math.min(...implied.map((each) => each.high))];
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(["0.4931", "0.4946"]);
    expect(318 / 644 > low && 318 / 644 < high).toBe(true);
    expect(319 / 644 > high).toBe(true);
  });

  it("give for R2 C2 exactly two tables in all six figures", () => {
    expect(tablesFor({ figures: r2c2, ...nearby })).toEqual([counts(210, 98, 191, 125), recovered.r2c2]);
    expect(conflicts({ figures: r2c2, ...nearby })).toEqual([]);
  });

  it.each(inconsistent)("give none for %s, whichever one figure is dropped", (_, figures) => {
    expect(tablesFor({ figures, ...nearby })).toEqual([]);
    for (const name of figureNames) expect(tablesFor({ figures: without(figures, name), ...nearby })).toEqual([]);
    const rest = without(without(figures, "auc"), "accuracy");
    expect(tablesFor({ figures: rest, ...nearby }).length).toBeGreaterThan(0);
  });

  it.each(inconsistent)("conflict in %s by AUC and, apart from it, by accuracy", (_, figures) => {
    const found = conflicts({ figures, ...nearby });
    expect(found[0]).toEqual(["sensitivity", "specificity", "auc"]);
    expect(found).toContainEqual(["sensitivity", "specificity", "ppv", "accuracy"]);
    expect(found).toContainEqual(["sensitivity", "specificity", "npv", "accuracy"]);
    for (const names of found) {
      expect(tablesFor({ figures: only(figures, ...names), ...nearby })).toEqual([]);
      for (const name of names) {
        const fewer = without(only(figures, ...names), name);
        expect(tablesFor({ figures: fewer, ...nearby, atMost: 1 })).toHaveLength(1);
      }
    }
  });

  it.each([
    ["R2 C1", r2c1, [0.6275, 0.6285]],
    ["R3 C1", r3c1, [0.669, 0.67]],
    ["R3 C2", r3c2, [0.6675, 0.6685]],
  ] as const)("print in %s an AUC that is not the mean of sensitivity and specificity", (_, figures, expected) => {
    const found = contradictions(figures).find(({ rule }) => rule === "auc mean");
    expect(found).toMatchObject({ figures: ["sensitivity", "specificity", "auc"], expected });
  });

  it("contradict themselves nowhere in R2 C2", () => {
    expect(contradictions(r2c2)).toEqual([]);
  });

  it("need in R2 C1 more positives than negatives for the accuracy and fewer for the PPV", () => {
    const [ppv, npv, accuracy] = impliedPrevalences(r2c1);
    expect([ppv?.from, npv?.from, accuracy?.from]).toEqual(["ppv", "npv", "accuracy"]);
    expect(ppv?.high).toBeLessThan(0.5);
    // The lower end is .5 itself, for a specificity of 70.85 exactly.
    expect(accuracy?.low).toBeCloseTo(0.5, 12);
    expect(accuracy?.high).toBeGreaterThan(0.51);
    expect(contradictions(r2c1)).toContainEqual(
      expect.objectContaining({ rule: "prevalence", figures: ["sensitivity", "specificity", "ppv", "accuracy"] }),
    );
  });

  it("get accuracy and AUC as printed from one true negative more or less, and then lose the other figures", () => {
    expect(mismatches({ table: recovered.r2c1, figures: r2c1 })).toEqual(["accuracy", "auc"]);
    expect(mismatches({ table: recovered.r3c1, figures: r3c1 })).toEqual(["accuracy", "auc"]);
    expect(mismatches({ table: recovered.r3c2, figures: r3c2 })).toEqual(["accuracy", "auc"]);
    expect(mismatches({ table: recovered.r2c2, figures: r2c2 })).toEqual([]);
    const others = ["specificity", "ppv", "npv"];
    expect(mismatches({ table: counts(174, 144, 230, 96), figures: r2c1 })).toEqual(others);
    expect(mismatches({ table: counts(222, 96, 210, 116), figures: r3c1 })).toEqual(others);
    expect(mismatches({ table: counts(230, 88, 201, 125), figures: r3c2 })).toEqual(others);
  });

  it("get them as well from one true positive", () => {
    const lost = ["sensitivity", "ppv", "npv"];
    const others = [
      mismatches({ table: counts(173, 145, 231, 95), figures: r2c1 }),
      mismatches({ table: counts(223, 95, 209, 117), figures: r3c1 }),
      mismatches({ table: counts(231, 87, 200, 126), figures: r3c2 }),
    ];
    for (const names of others) for (const name of names) expect(lost).toContain(name);
  });
});

describe("the network row of the founding paper", () => {
  it("prints an accuracy that does not lie between sensitivity and specificity", () => {
    const [found, ...more] = contradictions(network);
    expect(found).toMatchObject({ rule: "accuracy between", expected: [0.9515, 0.9535] });
    expect(found && sayIn("en")(found.said)).toContain(
      "95.7 does not lie between sensitivity 95.3 and specificity 95.2",
    );
    expect(more).toEqual([]);
    expect(contradictions({ ...network, accuracy: percent("95.3") })).toEqual([]);
  });

  it("fits no table below 989 images even without the accuracy, and one there", () => {
    const figures = predictive(network);
    expect(smallestTotal({ figures, upTo: 988 })).toEqual({ found: false, upTo: 988 });
    expect(smallestTotal({ figures, upTo: 2000 })).toEqual({
      found: true,
      total: 989,
      tables: [counts(471, 23, 471, 24)],
    });
  });

  it("fits no table of any size searched with the accuracy", () => {
    expect(smallestTotal({ figures: network, upTo: 1200 })).toEqual({ found: false, upTo: 1200 });
  });

  it("cannot have its accuracy with a validation set of 128 or 129 images", () => {
    const figure = percent("95.7");
    expect(attainableTotals({ figure, totals: [128, 129] })).toEqual([]);
    expect(attainableTotals({ figure: percent("95.3"), totals: [128, 129] })).toEqual([128, 129]);
    expect(attainableTotals({ figure, totals: [100, 160] })).toEqual([115, 116, 117, 138, 139, 140, 141]);
  });

  it("comes nearest with 64 and 64 images and three errors in each: 95.3 for all five figures", () => {
    const same = percent("95.3");
    const figures = { sensitivity: same, specificity: same, ppv: same, npv: same, accuracy: same };
    const table = counts(61, 3, 61, 3);
    expect(tablesFor({ figures, positives: 64, negatives: 64 })).toEqual([table]);
    expect(mismatches({ table, figures: network })).toEqual(["specificity", "ppv", "accuracy"]);
  });
});

describe("the kappas of the founding paper", () => {
  const c1 = { printed: fraction("0.359"), strata: kappaStrata(recovered.r2c1, recovered.r3c1) };
  const c2 = { printed: fraction("0.465"), strata: kappaStrata(recovered.r2c2, recovered.r3c2) };
  const rounded = ({ lowest, highest, below, above }: KappaAudit, decimals: number) =>
    [lowest, highest, below, above].map((value) => value?.kappa.toFixed(decimals));

  it("lie between attainable values and are none of them with the recovered tables", () => {
    const [first, second] = [audited(c1), audited(c2)];
    expect(rounded(first, 3).slice(0, 2)).toEqual(["-0.392", "0.784"]);
    expect(rounded(second, 3).slice(0, 2)).toEqual(["-0.390", "0.950"]);
    expect(rounded(first, 4).slice(2)).toEqual(["0.3534", "0.3596"]);
    expect(rounded(second, 4).slice(2)).toEqual(["0.4616", "0.4679"]);
    expect(first.step).toBeCloseTo(0.0062, 4);
    expect([...first.matching, ...second.matching]).toEqual([]);
  });

  it("are attainable with one true negative moved, as accuracy and AUC are", () => {
    const first = audited({ ...c1, strata: kappaStrata(counts(174, 144, 230, 96), counts(222, 96, 210, 116)) });
    const second = audited({ ...c2, strata: kappaStrata(recovered.r2c2, counts(230, 88, 201, 125)) });
    expect(first.matching.map(({ bothPositive, kappa }) => [bothPositive, kappa.toFixed(5)])).toEqual([
      [200, "0.35918"],
    ]);
    expect(second.matching.map(({ bothPositive, kappa }) => [bothPositive, kappa.toFixed(5)])).toEqual([
      [265, "0.46486"],
    ]);
  });

  it("tell that R3 C1 gained a true negative, not a true positive; for R2 C1 and R3 C2 they leave it open", () => {
    const [r2Negative, r2Positive] = [counts(174, 144, 230, 96), counts(173, 145, 231, 95)];
    const [r3Negative, r3Positive] = [counts(222, 96, 210, 116), counts(223, 95, 209, 117)];
    const matching = (first: ConfusionCounts, second: ConfusionCounts) =>
      audited({ ...c1, strata: kappaStrata(first, second) }).matching.length;
    expect([matching(r2Negative, r3Negative), matching(r2Positive, r3Negative)]).toEqual([1, 1]);
    expect([matching(r2Negative, r3Positive), matching(r2Positive, r3Positive)]).toEqual([0, 0]);
    expect(audited({ ...c2, strata: kappaStrata(recovered.r2c2, counts(231, 87, 200, 126)) }).matching).toHaveLength(1);
  });

  it("have standard errors of .036 and .035 as of 644 independent images", () => {
    const joint = (n: number, m1: number, m2: number, both: number) => [
      [n - m1 - m2 + both, m2 - both],
      [m1 - both, both],
    ];
    const first = kappaOf(joint(644, 270, 338, 200));
    const second = kappaOf(joint(644, 346, 355, 265));
    expect([first.standardError?.toFixed(4), second.standardError?.toFixed(4)]).toEqual(["0.0358", "0.0350"]);
  });

  it("have in C1 an interval that is not about its estimate, and in C2 one that is", () => {
    const first = auditInterval({ estimate: fraction(".359"), lower: fraction(".228"), upper: fraction(".430") });
    expect(first).toMatchObject({ symmetric: false, middle: 0.329, lowerIfUpperHolds: 0.288 });
    expect(first.standardErrors[1].toFixed(3)).toBe("0.036");
    const second = auditInterval({ estimate: fraction(".465"), lower: fraction(".396"), upper: fraction(".534") });
    expect(second).toMatchObject({
      symmetric: true,
      middle: 0.465,
      lowerIfUpperHolds: 0.396,
      upperIfLowerHolds: 0.534,
    });
    const corrected = auditInterval({ estimate: fraction(".359"), lower: fraction(".288"), upper: fraction(".430") });
    expect(corrected.symmetric).toBe(true);
  });
});

describe("a printed figure", () => {
  it("is the same as text, as a number with its decimals, as a fraction and in per cent", () => {
    const range = ({ low, high, denominator }: Printed) => [low, high, denominator];
    expect(range(percent("62.7"))).toEqual([1253, 1255, 2000]);
    for (const same of [fraction(".627"), fraction("0·627"), percent({ value: 62.7, decimals: 1 }), percent("62.7 %")])
      expect(range(same)).toEqual([1253, 1255, 2000]);
    expect(range(fraction({ value: 0.67, decimals: 3 }))).toEqual(range(fraction("0.670")));
    expect(fraction("−.12").value).toBe(-0.12);
  });

  it("keeps its final zero: .67 leaves more room than .670", () => {
    const totals = [20, 29] as const;
    expect(attainableTotals({ figure: fraction(".67"), totals })).toEqual([21, 24, 27]);
    expect(attainableTotals({ figure: fraction(".670"), totals })).toEqual([]);
    expect(attainableTotals({ figure: fraction(".670"), totals: [88, 100] })).toEqual([88, 91, 94, 97, 100]);
  });

  it("is met by a half on both sides, by neither beyond", () => {
    const printed = (text: string) => attainableTotals({ figure: fraction(text), totals: 8 });
    // 1/8 = .125, 5/8 = .625
    for (const text of [".12", ".13", ".62", ".63"]) expect(printed(text)).toEqual([8]);
    for (const text of [".11", ".14", ".61", ".64"]) expect(printed(text)).toEqual([]);
  });

  it("does not print the same half up in one figure and down in another of the same table", () => {
    // 381/400 = .9525
    const table = counts(381, 19, 381, 19);
    const margins = { positives: 400, negatives: 400 };
    const [up, down] = [percent("95.3"), percent("95.2")];
    for (const same of [up, down])
      expect(tablesFor({ figures: { sensitivity: same, specificity: same }, ...margins })).toContainEqual(table);
    const mixed = { sensitivity: up, specificity: down };
    expect(tablesFor({ figures: mixed, ...margins })).not.toContainEqual(table);
    expect(mismatches({ table, figures: mixed })).toEqual(["sensitivity", "specificity"]);
  });

  it("is refused when it is no decimal number, too large, or too fine to be compared exactly", () => {
    for (const text of ["", "n/a", "62,7", "1e2", "<.05", "62.7%"])
      expect(codeOf(() => fraction(text))).toEqual("not_finite");
    for (const refused of [() => fraction("62.7"), () => percent("1000"), () => fraction("0.1234567")])
      expect(codeOf(refused)).toBe("out_of_range");
    expect(codeOf(() => fraction({ value: 0.6712, decimals: 3 }))).toBe("out_of_range");
    expect(codeOf(() => fraction({ value: Number.NaN, decimals: 3 }))).toBe("out_of_range");
    expect(codeOf(() => fraction({ value: 0.67, decimals: 1.5 }))).toBe("not_a_count");
    expect(fraction("0.123456").value).toBe(0.123456);
  });
});

describe("the search for tables", () => {
  const count = fc.integer({ min: 1, max: 14 });
  const table = fc.record({ p: count, n: count, tp: fc.nat(14), tn: fc.nat(14) }).map(({ p, n, tp, tn }) => {
    const [found, cleared] = [Math.min(tp, p), Math.min(tn, n)];
    return counts(found, p - found, cleared, n - cleared);
  });

  it("finds what a try of every table in exact arithmetic finds", () => {
    const names = fc.subarray([...figureNames], { minLength: 1 });
    const nudges = fc.array(fc.constantFrom(-1, 0, 0, 0, 1), { minLength: 6, maxLength: 6 });
    const seen = { some: 0, none: 0 };
    fc.assert(
      fc.property(table, names, nudges, fc.constantFrom(1, 2, 3), (given, chosen, nudge, decimals) => {
        const shown = print(given);
        const entries = chosen.map((name, i) => {
          const steps = Math.round((shown[name]?.value ?? 0) * 10 ** decimals) + (nudge[i] ?? 0);
          const value = Math.min(1, Math.max(0, steps / 10 ** decimals));
          return [name, fraction({ value, decimals })];
        });
        const figures: Figures = Object.fromEntries(entries);
        const [positives, negatives] = [given.tp + given.fn, given.tn + given.fp];
        const found = tablesFor({ figures, positives, negatives });
        expect(found).toEqual(everyTable(figures, positives, negatives));
        for (const each of found) expect(mismatches({ table: each, figures })).toEqual([]);
        seen[found.length > 0 ? "some" : "none"]++;
      }),
      { numRuns: 1000, seed: 1 },
    );
    expect(Math.min(seen.some, seen.none)).toBeGreaterThan(200);
  });

  it("recovers every table from its own printed figures", () => {
    const defined = table.filter(({ tp, fn, tn, fp }) => tp + fp > 0 && tn + fn > 0);
    fc.assert(
      fc.property(defined, (given) => {
        const figures = print(given);
        const [positives, negatives] = [given.tp + given.fn, given.tn + given.fp];
        expect(mismatches({ table: given, figures })).toEqual([]);
        expect(tablesFor({ figures, positives, negatives: [1, 20] })).toContainEqual(given);
        expect(conflicts({ figures, positives, negatives })).toEqual([]);
        expect(contradictions(figures)).toEqual([]);
        const { found } = smallestTotal({ figures, upTo: Math.max(2, positives + negatives) });
        expect(found).toBe(true);
        const common = commonMargins({ rows: [figures, figures], positives: [1, 14], negatives });
        const same = expect.arrayContaining([given]);
        expect(common).toContainEqual({ positives, negatives, tables: [same, same] });
      }),
      { seed: 2 },
    );
  });

  it("matches no predictive value of a reader who never makes that call", () => {
    const positives = 5;
    const negatives = 5;
    const never = { sensitivity: percent("0"), specificity: percent("100") };
    expect(tablesFor({ figures: never, positives, negatives })).toEqual([counts(0, 5, 5, 0)]);
    expect(tablesFor({ figures: { ...never, ppv: percent("0") }, positives, negatives })).toEqual([]);
    expect(tablesFor({ figures: { ...never, npv: percent("50") }, positives, negatives })).toHaveLength(1);
  });

  it("stops at the number of tables asked for", () => {
    const options = { figures: { accuracy: percent("50") }, positives: [1, 50], negatives: [1, 50] } as const;
    expect(tablesFor({ ...options, atMost: 7 })).toEqual(tablesFor(options).slice(0, 7));
  });

  it("leaves its input as it was", () => {
    const figures = Object.freeze({ ...r2c1 });
    const range = Object.freeze([300, 340] as const);
    expect(() => conflicts({ figures, positives: range, negatives: range })).not.toThrow();
  });

  it("refuses to search without a figure, with one beyond 100 %, and margins that are no counts", () => {
    const good = { figures: { sensitivity: percent("50") }, positives: 10, negatives: 10 };
    expect(tablesFor({ ...good, atMost: 1 })).toHaveLength(1);
    expect(codeOf(() => tablesFor({ ...good, figures: {} }))).toBe("empty");
    expect(codeOf(() => tablesFor({ ...good, figures: { npv: percent("101") } }))).toEqual("out_of_range");
    expect(codeOf(() => tablesFor({ ...good, positives: 10.5 }))).toBe("not_a_count");
    expect(codeOf(() => tablesFor({ ...good, positives: 0 }))).toBe("out_of_range");
    expect(codeOf(() => tablesFor({ ...good, negatives: [20, 10] }))).toBe("out_of_range");
    expect(codeOf(() => tablesFor({ ...good, negatives: [1, 20_001] }))).toBe("out_of_range");
    expect(codeOf(() => commonMargins({ ...good, rows: [] }))).toBe("empty");
    expect(codeOf(() => smallestTotal({ figures: good.figures, upTo: 1 }))).toBe("out_of_range");
    expect(codeOf(() => mismatches({ table: counts(0, 0, 3, 2), figures: good.figures }))).toBe("out_of_range");
  });

  it("names the row, or else the figure, that it refuses", () => {
    const bad = { accuracy: percent("101") };
    expect(indexOf(() => contradictions(bad))).toBe(figureNames.indexOf("accuracy"));
    expect(indexOf(() => commonMargins({ rows: [r2c1, bad], positives: 10, negatives: 10 }))).toBe(1);
  });

  it("stays exact at the largest numbers it takes", () => {
    const given = counts(12_345, 7_654, 19_998, 2);
    const { sensitivity, npv, balancedAccuracy } = confusionMetrics(given);
    const finest = ({ estimate }: { estimate: number | null }) => fraction((estimate ?? 0).toFixed(6));
    const figures = { sensitivity: finest(sensitivity), npv: finest(npv), auc: finest(balancedAccuracy) };
    expect(tablesFor({ figures, positives: 19_999, negatives: 20_000 })).toContainEqual(given);
    expect(everyTable(figures, 19_999, 20_000, [12_345, 12_345])).toEqual(
      tablesFor({ figures, positives: 19_999, negatives: 20_000 }).filter(({ tp }) => tp === 12_345),
    );
  });
});

describe("contradictions that need no number of images", () => {
  it("are not claimed where rounding leaves room", () => {
    const figures = { sensitivity: percent("60.0"), specificity: percent("70.0") };
    expect(contradictions({ ...figures, auc: fraction(".650"), accuracy: percent("70.1") })).toEqual([]);
    expect(contradictions({ ...figures, auc: fraction(".649"), accuracy: percent("59.9") })).toEqual([]);
    const rules = (more: Figures) => contradictions({ ...figures, ...more }).map(({ rule }) => rule);
    expect(rules({ auc: fraction(".652") })).toEqual(["auc mean"]);
    expect(rules({ accuracy: percent("70.2") })).toEqual(["accuracy between"]);
    expect(rules({ accuracy: percent("59.8") })).toEqual(["accuracy between"]);
  });

  it("are not sought without sensitivity and specificity", () => {
    expect(contradictions({ accuracy: percent("99"), auc: fraction(".5") })).toEqual([]);
    expect(impliedPrevalences({ sensitivity: percent("99"), ppv: percent("50") })).toEqual([]);
  });

  it("take no prevalence from an accuracy when sensitivity and specificity may be equal", () => {
    const figures = { sensitivity: percent("60.0"), specificity: percent("60.1"), accuracy: percent("60.0") };
    expect(impliedPrevalences(figures)).toEqual([]);
    expect(impliedPrevalences({ ...figures, specificity: percent("60.2") })).toHaveLength(1);
  });

  it("take none from 0/0", () => {
    const figures = { sensitivity: percent("0"), specificity: percent("100"), ppv: percent("50") };
    expect(impliedPrevalences(figures)).toEqual([]);
  });
});

describe("the attainable kappas", () => {
  it("are those of every joint table, by the other implementation", () => {
    const margin = fc.integer({ min: 0, max: 9 });
    const stratum = fc.tuple(margin, margin, margin).map(([images, a, b]) => ({
      images,
      first: Math.min(a, images),
      second: Math.min(b, images),
    }));
    const some = fc
      .array(stratum, { minLength: 1, maxLength: 3 })
      .filter((all) => all.some(({ images }) => images > 0));
    fc.assert(
      fc.property(some, (strata) => {
        const audit = auditKappa({ strata, printed: fraction(".359") });
        const joint = everyJointTable(strata);
        const kappas = joint.map((each) => kappaOf(each).kappa.estimate);
        if ("reason" in audit) {
          expect(kappas.every((kappa) => kappa === null)).toBe(true);
          return;
        }
        const values = kappas.map((kappa) => kappa ?? 0);
        expect(audit.lowest.kappa).toBeCloseTo(Math.min(...values), 12);
        expect(audit.highest.kappa).toBeCloseTo(Math.max(...values), 12);
        const attained = new Set(values.filter((kappa) => Math.abs(kappa - 0.359) <= 0.0005).map((k) => k.toFixed(9)));
        expect(audit.matching.map(({ kappa }) => kappa.toFixed(9)).sort()).toEqual([...attained].sort());
      }),
      { seed: 3 },
    );
  });

  it("reach further when only the overall margins are known", () => {
    const printed = fraction(".8");
    const perTruth = audited({ printed, strata: kappaStrata(counts(9, 1, 5, 5), counts(5, 5, 9, 1)) });
    const overall = audited({ printed, strata: [{ images: 20, first: 14, second: 6 }] });
    expect(overall.highest.kappa).toBeGreaterThanOrEqual(perTruth.highest.kappa);
    expect(overall.lowest.kappa).toBeLessThanOrEqual(perTruth.lowest.kappa);
    expect(overall.below?.kappa).toBe(overall.highest.kappa);
    expect(overall.above).toBeNull();
  });

  it("do not exist when both readers give every image the same call", () => {
    const strata = [{ images: 7, first: 7, second: 7 }];
    expect(auditKappa({ strata, printed: fraction("1") })).toMatchObject({ estimate: null, n: 7 });
    expect(audited({ strata: [{ images: 7, first: 6, second: 6 }], printed: fraction("1.00") }).matching).toHaveLength(
      1,
    );
  });

  it("are refused for margins beyond the images, different images, and a kappa beyond 1", () => {
    const stratum = { images: 10, first: 4, second: 6 };
    const printed = fraction(".2");
    expect(audited({ strata: [stratum], printed }).highest.bothPositive).toBe(4);
    expect(indexOf(() => auditKappa({ strata: [stratum, { ...stratum, second: 11 }], printed }))).toBe(1);
    expect(codeOf(() => auditKappa({ strata: [], printed }))).toBe("empty");
    expect(codeOf(() => auditKappa({ strata: [{ images: 0, first: 0, second: 0 }], printed }))).toBe("out_of_range");
    expect(codeOf(() => auditKappa({ strata: [stratum], printed: fraction("1.2") }))).toBe("out_of_range");
    expect(codeOf(() => kappaStrata(counts(1, 1, 1, 1), counts(1, 2, 1, 1)))).toBe("length_mismatch");
  });
});

describe("the symmetry of an interval", () => {
  it("allows for the rounding of all three figures and no more", () => {
    const about = (upper: string) =>
      auditInterval({ estimate: fraction(".50"), lower: fraction(".40"), upper: fraction(upper) }).symmetric;
    expect(["0.57", "0.58", "0.60", "0.62", "0.63"].map(about)).toEqual([false, true, true, true, false]);
  });

  it("is not judged when the estimate lies outside", () => {
    const [lower, upper] = [fraction(".3"), fraction(".5")];
    expect(auditInterval({ estimate: fraction(".4"), lower, upper }).symmetric).toBe(true);
    expect(codeOf(() => auditInterval({ estimate: fraction(".6"), lower, upper }))).toBe("out_of_range");
  });
});

const kappaOf = (table: number[][]) => cohenKappa({ table, weights: "unweighted", tail: "two-sided" });

function audited(options: Parameters<typeof auditKappa>[0]): KappaAudit {
  const audit = auditKappa(options);
  if ("reason" in audit) throw new Error(sayIn("en")(audit.reason));
  return audit;
}

function refusal(of: () => unknown): StatsError {
  try {
    of();
  } catch (error) {
    if (error instanceof StatsError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}
const codeOf = (of: () => unknown) => refusal(of).code;
const indexOf = (of: () => unknown) => refusal(of).index;

/** Slow and plain: every TP and TN, every figure as a fraction of big integers. */
function everyTable(figures: Figures, p: number, n: number, [from, to] = [0, p]): ConfusionCounts[] {
  const tables: ConfusionCounts[] = [];
  for (let tp = from; tp <= to; tp++) {
    for (let tn = 0; tn <= n; tn++) {
      const exact: Record<FigureName, [number | bigint, number | bigint]> = {
        sensitivity: [tp, p],
        specificity: [tn, n],
        ppv: [tp, tp + n - tn],
        npv: [tn, tn + p - tp],
        accuracy: [tp + tn, p + n],
        auc: [BigInt(tp) * BigInt(n) + BigInt(tn) * BigInt(p), 2n * BigInt(p) * BigInt(n)],
      };
      const printedAs = new Map<string, string>();
      const all = figureNames.every((name) => {
        const printed = figures[name];
        if (!printed) return true;
        const [over, under] = exact[name].map(BigInt);
        if (over === undefined || !under) return false;
        const twice = 2n * over * BigInt(printed.denominator / 2) - 2n * BigInt((printed.low + 1) / 2) * under;
        if (twice > under || twice < -under) return false;
        if (name === "auc") return true;
        const key = `${Number(over) / Number(under)} to 1/${printed.denominator}`;
        const before = printedAs.get(key);
        printedAs.set(key, printed.text);
        return before === undefined || before === printed.text;
      });
      if (all) tables.push(counts(tp, p - tp, tn, n - tn));
    }
  }
  return tables;
}

function everyJointTable(strata: readonly { images: number; first: number; second: number }[]): number[][][] {
  let joint = [[0, 0, 0, 0]];
  for (const { images, first, second } of strata) {
    joint = joint.flatMap(([neither = 0, onlySecond = 0, onlyFirst = 0, both = 0]) =>
      Array.from({ length: images + 1 }, (_, x) => [images - first - second + x, second - x, first - x, x])
        .filter((cells) => cells.every((cell) => cell >= 0))
        .map(([a = 0, b = 0, c = 0, d = 0]) => [neither + a, onlySecond + b, onlyFirst + c, both + d]),
    );
  }
  return joint.map(([a = 0, b = 0, c = 0, d = 0]) => [
    [a, b],
    [c, d],
  ]);
}
