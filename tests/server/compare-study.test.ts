import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { comparison } from "@/server/schemas/analysis";
import { compareStudy } from "@/server/services/analysis/compare-study";
import type { ComparisonInput } from "@/server/services/analysis/load-comparison";

type Plan = ComparisonInput["plan"];
const asGiven: Plan = { unit: { level: "image", rule: "any" }, ruleSet: null, families: [["condition", "network"]] };

/** Two readers in two conditions, three planes a node and two nodes a patient; by rule A every call is the opposite, rule B cannot judge one read. */
function input(plan: Partial<Plan> = {}): ComparisonInput {
  const random = seededRandom(4);
  const truths = Array.from({ length: 100 }, () => (random() < 0.4 ? (1 as const) : (0 as const)));
  const images = Array.from({ length: 300 }, (_, i) => {
    const node = Math.floor(i / 3);
    const plane = ["axial", "sagittal", "coronal"][i % 3] ?? "";
    return {
      ...{ id: `i${i}`, node: `n${node}`, subject: `s${Math.floor(node / 2)}`, plane, groups: { plane } },
      truth: truths[node] ?? 0,
    };
  });
  const reads = ["R2", "R3"].flatMap((reader) =>
    ["cohort-1", "cohort-2"].flatMap((condition) =>
      images.map(({ id, truth }, i) => {
        const call = random() < 0.75 ? truth : truth === 1 ? (0 as const) : (1 as const);
        const opposite = call === 1 ? (0 as const) : (1 as const);
        const underRules = [opposite, i === 7 ? null : call];
        return { reader, condition, occasion: 1, image: id, call, confidence: 60, rating: null, underRules };
      }),
    ),
  );
  const conditions = ["cohort-1", "cohort-2"].map((key) => ({ key, label: key, shows: [] }));
  const { unit = asGiven.unit, ruleSet = null, families = asGiven.families } = plan;
  return {
    ...{ images, reads, timed: [], threshold: 0.5, comparisons: ["condition", "network"], repeats: [], seed: 1 },
    notEvaluable: "exclude",
    scores: images.map(({ id, truth }) => ({ image: id, score: 0.4 * truth + 0.6 * random(), threshold: 0.5 })),
    primary: { first: null, second: "cohort-2", measure: "sensitivity", readers: "fixed", margin: null },
    ruleSets: ["rule-a", "rule-b"],
    plan: { unit, ruleSet, families },
    factors: [{ key: "plane", levels: ["axial", "sagittal", "coronal"] }],
    about: {
      protocol: { key: "p", version: "1", sha256: "0".repeat(64) },
      plan: { unit: plan.unit ?? null, families: plan.families ?? null, ruleSet, exclusions: null },
      ...{ excluded: 0, unit: "image", conditions, images: 300, nodes: 100, patients: 50 },
      ruleSets: [
        { key: "rule-a", title: "A" },
        { key: "rule-b", title: "B" },
      ],
      factors: [{ key: "plane", label: null, levels: [] }],
      withoutTruth: { images: 0, reads: 0 },
      positiveImages: images.filter(({ truth }) => truth === 1).length,
      run: null,
      readsFrom: { R2: ["imported"], R3: ["imported"] },
    },
  };
}

describe("the plan of the protocol", () => {
  it("says what is counted first; other units stand beside it with numbers of their own", () => {
    const byNode = comparison.parse(compareStudy(input({ unit: { level: "node", rule: "majority" } })));
    expect(byNode.rows.map(({ unit, n }) => `${unit} ${n}`)).toEqual(new Array(5).fill("node 100"));
    expect(byNode.units.map(({ unit, rule, rows }) => `${unit} ${rule} ${rows[0]?.n}`)).toEqual([
      "image majority 300",
      "patient majority 50",
    ]);
    const byImage = comparison.parse(compareStudy(input()));
    expect(byImage.units.map(({ unit }) => unit)).toEqual(["node", "patient"]);
    expect(byImage.rows).toEqual(byNode.units[0]?.rows);
    expect(byImage.primary?.n).toBe(byImage.averages.find(({ measure }) => measure === "sensitivity")?.n);
  });

  it("shows subgroups of what is recorded, and none by what is the same in every image of a unit", () => {
    const { subgroups, units } = compareStudy(input());
    expect(new Set(subgroups.map(({ factor, levels }) => `${factor} ${levels.map(({ n }) => n > 0)}`))).toEqual(
      new Set(["plane true,true,true"]),
    );
    // A node has all planes: it is in none of them.
    for (const { subgroups } of units)
      for (const { levels, interaction } of subgroups) {
        expect(levels.every(({ difference }) => difference.estimate === null)).toBe(true);
        expect(interaction).toBeNull();
      }
  });

  it("judges the calls by its rule set, with the calls as given beside it; a rule that cannot judge every read gives nothing", () => {
    const given = compareStudy(input());
    const ruled = compareStudy(input({ ruleSet: "rule-a" }));
    const [r2, ruledR2] = [given.rows[0], ruled.rows[0]];
    expect(ruledR2?.tp).toBe(r2?.fn);
    expect(ruledR2?.tn).toBe(r2?.fp);
    // Ratings are the reader's, whoever judges the call.
    expect(ruledR2?.auc.estimate).toBe(r2?.auc.estimate);
    expect(ruled.readings.map(({ calls, changed }) => [calls, changed])).toEqual([[null, 1200]]);
    expect(ruled.readings[0]?.rows[0]?.tp).toBe(r2?.tp);
    expect(given.readings.map(({ calls }) => calls)).toEqual(["rule-a"]);
    expect(given.readings[0]?.primary?.difference.estimate).toBe(ruled.primary?.difference.estimate);
    expect(() => compareStudy(input({ ruleSet: "rule-b" }))).toThrow("criteria");
  });

  it("gives every unit figures of its own, and those of the reading order the calls of its rule set", () => {
    const given = input({ unit: { level: "node", rule: "any" }, ruleSet: "rule-a" });
    const truthOf = new Map(given.images.map(({ id, truth }) => [id, truth]));
    const timed = given.reads.map(({ reader, condition, image, call, underRules }) => ({
      ...{ reader, condition, call, underRules, seconds: null, truth: truthOf.get(image) ?? 0 },
    }));
    const computed = comparison.parse(compareStudy({ ...given, timed }));
    const scored = ({ figures }: Pick<typeof computed, "figures">) =>
      figures.network?.histogram.reduce((sum, { positive, negative }) => sum + positive + negative, 0);
    const read = ({ figures }: Pick<typeof computed, "figures">) =>
      figures.reclassified.filter(({ reader }) => reader === "R2").reduce((sum, { n }) => sum + n, 0);
    const all = [{ unit: "node", ...computed }, ...computed.units];
    expect(all.map((each) => `${each.unit} ${each.rows[0]?.n} ${scored(each)} ${read(each)}`)).toEqual([
      "node 100 100 100",
      "image 300 300 300",
      "patient 50 50 50",
    ]);
    // The curve that is drawn has the average precision that is printed: the sum of precision times the step in recall.
    for (const { network, figures } of all) {
      const points = figures.network?.precisionRecall ?? [];
      const steps = points.map(({ precision, recall }, i) => precision * (recall - (points[i - 1]?.recall ?? 0)));
      expect(steps.reduce((sum, step) => sum + step, 0)).toBeCloseTo(network?.averagePrecision.estimate ?? 0, 10);
    }
    const byImage = computed.units.find(({ unit }) => unit === "image");
    const [row] = byImage?.rows ?? [];
    const right = computed.figures.courses[0]?.parts.reduce((sum, part) => sum + part.right, 0);
    expect(right).toBe((row?.tp ?? 0) + (row?.tn ?? 0));
  });

  it("counts what was not evaluable as it says under every rule of the calls", () => {
    const given = input();
    // A rule that changes no call: by it everything is as by the calls that were given.
    const reads = given.reads.map((read, i) => {
      const call = i % 5 === 0 ? null : read.call;
      return { ...read, call, underRules: [call, call] };
    });
    for (const notEvaluable of ["exclude", "positive", "negative", "incorrect"] as const) {
      const { rows, averages, readings, primary } = compareStudy({ ...given, reads, notEvaluable });
      const [reading] = readings;
      expect([reading?.calls, reading?.changed]).toEqual(["rule-a", 0]);
      expect(reading?.rows.map(({ tp, fn, tn, fp }) => [tp, fn, tn, fp])).toEqual(
        rows.slice(0, 4).map(({ tp, fn, tn, fp }) => [tp, fn, tn, fp]),
      );
      expect(reading?.primary).toEqual(primary);
      const onCalls = averages.filter(({ measure }) => measure !== "auc");
      expect(reading?.averages.map(({ fixed, random }) => [fixed.difference, fixed.p, random])).toEqual(
        onCalls.map(({ fixed, random }) => [fixed.difference, fixed.p, random]),
      );
    }
  });

  it("adjusts the families that it names", () => {
    const together = compareStudy(input());
    const apart = compareStudy(input({ families: [["condition"], ["network"]] }));
    const tests = (of: typeof apart) => of.averages.filter(({ kind }) => kind === "network").map(({ fixed }) => fixed);
    expect(tests(apart).map(({ p }) => p)).toEqual(tests(together).map(({ p }) => p));
    const least = (of: typeof apart) => Math.min(...tests(of).map(({ pHolm }) => pHolm ?? 1));
    expect(least(apart)).toBeLessThan(least(together));
  });
});
