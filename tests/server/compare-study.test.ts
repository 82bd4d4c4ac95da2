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

  it("counts what was not evaluable alike under every rule", () => {
    const asked = input();
    const reads = asked.reads.map((read, i) => (i % 10 === 0 ? { ...read, call: null } : read));
    const { rows, readings } = compareStudy({ ...asked, reads, notEvaluable: "incorrect" });
    const ofReaders = rows.filter(({ condition }) => condition !== null).map(({ n }) => n);
    expect(ofReaders).toEqual([300, 300, 300, 300]);
    expect(readings.map(({ rows }) => rows.map(({ n }) => n))).toEqual([ofReaders]);
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
