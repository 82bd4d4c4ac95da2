import { expect, test } from "vitest";
import { markBeyondPlan } from "@/core/stats/comparison/beyond-plan";
import { apart } from "@/core/stats/types";
import { comparison } from "@/server/schemas/analysis";
import { studyOf } from "@/tests/support/made-up-study";

const stored = comparison.parse(
  studyOf({
    readers: 3,
    seed: 21,
    primary: { first: "network", second: "cohort-2", measure: "auc", readers: "fixed", margin: 0.05 },
    isEvaluable: (r, image) => r === 0 || (3 * r + image) % 10 !== 0,
  }).result,
);
const marked = markBeyondPlan(stored);

/** Every estimate within, by its path, and whether it says that it is post hoc. */
function estimates(value: unknown, path = ""): [string, boolean][] {
  if (typeof value !== "object" || value === null) return [];
  if ("estimate" in value && "method" in value) {
    if (value.estimate === null) return [];
    const caution = "caution" in value ? (value.caution as Parameters<typeof apart>[0] | undefined) : undefined;
    return [[path, caution !== undefined && apart(caution).some(({ key }) => key === "stats.post_hoc")]];
  }
  return Object.entries(value).flatMap(([name, inner]) => estimates(inner, `${path}/${name}`));
}

test("the planned contrast, the families of the plan and the measures of the plan carry no mark", () => {
  const { primary, averages, comparisons, roc, notEvaluable, agreement } = marked;
  const planned = [
    ...estimates({ primary, averages, comparisons, roc, notEvaluable, agreement }),
    ...estimates(marked.rows.map(({ sensitivity, specificity, auc }) => ({ sensitivity, specificity, auc }))),
  ];
  expect(planned.length, "control: there are such").toBeGreaterThan(40);
  expect(planned.filter(([, isMarked]) => isMarked)).toEqual([]);
});

test("what the plan does not name carries the mark on every estimate, beside the cautions that it had", () => {
  const { units, subgroups, secondary, readings, network } = marked;
  const beyond = {
    ...{ units, subgroups, secondary, readings, matched: network?.matched },
    rows: marked.rows.map(({ ppv, npv, accuracy, singlePointAuc }) => ({ ppv, npv, accuracy, singlePointAuc })),
    clusterings: marked.otherClusterings.filter(({ level }) => level !== "patient"),
  };
  for (const [name, part] of Object.entries(beyond)) {
    const found = estimates(part);
    expect(found.length, name).toBeGreaterThan(0);
    expect(
      found.filter(([, isMarked]) => !isMarked),
      name,
    ).toEqual([]);
  }
  const cautionsOf = (of: typeof stored) =>
    of.subgroups.flatMap(({ levels }) =>
      levels.flatMap(({ difference }) =>
        difference.estimate !== null && difference.caution ? [apart(difference.caution)] : [],
      ),
    );
  expect(cautionsOf(stored).length, "control: few patients").toBeGreaterThan(0);
  expect(cautionsOf(marked).flatMap((each) => each.filter(({ key }) => key !== "stats.post_hoc"))).toEqual(
    cautionsOf(stored).flat(),
  );
});

test("no number changes", () => {
  const numbers = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, inner) => (key === "caution" ? undefined : inner)));
  expect(numbers(marked)).toEqual(numbers(stored));
});
