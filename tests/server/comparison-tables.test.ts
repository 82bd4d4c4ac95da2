import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { markBeyondPlan } from "@/core/stats/comparison/beyond-plan";
import { notEvaluableRules } from "@/core/stats/comparison/opinions";
import { comparison } from "@/server/schemas/analysis";
import { comparisonTables } from "@/server/services/analysis/comparison-tables";
import { toCsv } from "@/server/tables/to-csv";
import { type Design, studyOf } from "@/tests/support/made-up-study";

/** The tables of a made-up study, read again. */
function tablesOf(design: Omit<Design, "primary">) {
  const { result } = studyOf({ ...design, primary: null });
  const about = { inputSha256: "0", methods: "0", computedAt: new Date() };
  const csv = comparisonTables({ comparison: comparison.parse(result), ...about }, { sizes: [], synthetic: false });
  const rows = (name: keyof typeof csv): Record<string, string>[] => parse(csv[name], { columns: true, bom: true });
  return { csv, rows };
}

const withEverything: Omit<Design, "primary"> = {
  readers: 3,
  seed: 21,
  has: (r, c, image) => (r + c + image) % 17 !== 0,
  isRated: (r) => r !== 0,
  rate: (r, image, belief) => (r === 1 && image % 5 > 0 ? Math.min(5, Math.max(1, 3 + Math.round(2 * belief))) : null),
  isEvaluable: (r, image) => r === 0 || (3 * r + image) % 10 !== 0,
  notEvaluable: "incorrect",
};

test("of a study with ratings and reads that were not evaluable every table has its rows, under each rule with the planned one marked", () => {
  const { rows } = tablesOf(withEverything);
  const beside = rows("not-evaluable.csv");
  expect([...new Set(beside.map(({ reader }) => reader))], "R2 judged every case").toEqual(["R3", "R4"]);
  expect([...new Set(beside.map(({ rule }) => rule))]).toEqual([...notEvaluableRules]);
  expect(beside.filter(({ planned }) => planned === "true").map(({ rule }) => rule)).toEqual(
    Array.from({ length: beside.length / notEvaluableRules.length }, () => "incorrect"),
  );
  const main = rows("comparison.csv");
  for (const { reader, condition, sensitivity_estimate, sensitivity_lower, positive } of beside.filter(
    ({ rule }) => rule === "incorrect",
  )) {
    const row = main.find((each) => each.reader === reader && each.condition === condition);
    expect(row).toMatchObject({ sensitivity_estimate, sensitivity_lower });
    const counted = rows("reads.csv").find(
      (each) => each.reader === reader && each.condition === condition && each.truth === "1",
    );
    expect(counted?.notEvaluable).toBe(positive);
  }
  const judged = rows("reads.csv").filter(({ reader }) => reader === "R3");
  for (const { rated, read, notEvaluable } of judged) {
    expect(Number(rated), "by rating, not by the confidence that every read has").toBeGreaterThan(0);
    expect(Number(rated)).toBeLessThan(Number(read) - Number(notEvaluable));
  }
  expect(main.find(({ reader }) => reader === "R3")?.auc_caution).toMatch(/missing/);
});

test.each<[string, Omit<Design, "primary">]>([
  ["one reader and no network", { readers: 1, seed: 22, withNetwork: false }],
  ["no read", { readers: 0, seed: 23 }],
  ["other readers in either condition", { readers: 4, seed: 24, has: (r, c) => r % 2 === c }],
  ["a reader who judged nothing", { readers: 2, seed: 25, isEvaluable: (r) => r !== 0 }],
  ["reads without a confidence", { readers: 2, seed: 26, isRated: () => false }],
  ["two patients", { readers: 2, seed: 27, patients: 2 }],
])("the tables of a study with %s have the same columns", (_, design) => {
  const header = (csv: string) => csv.split("\n")[0];
  const all = tablesOf(withEverything).csv;
  for (const [name, csv] of Object.entries(tablesOf(design).csv))
    expect(header(csv), name).toBe(header(all[name as keyof typeof all]));
});

test("what the plan does not name says so in the column of its cautions", () => {
  const { result } = studyOf({ ...withEverything, primary: null });
  const csv = comparisonTables(
    { comparison: markBeyondPlan(comparison.parse(result)), inputSha256: "0", methods: "0", computedAt: new Date() },
    { sizes: [], synthetic: false },
  );
  const cautions = (name: keyof typeof csv, column: string) => {
    const rows: Record<string, string>[] = parse(csv[name], { columns: true, bom: true });
    return rows.flatMap((row) => (row[`${column}_estimate`] ? [row[`${column}_caution`]] : []));
  };
  for (const [name, column] of [
    ["comparison.csv", "ppv"],
    ["secondary.csv", "value"],
    ["subgroups.csv", "difference"],
    ["readings.csv", "sensitivity"],
    ["units.csv", "auc"],
    ["operating-points.csv", "network_difference"],
  ] as const) {
    expect(cautions(name, column).length, `${name}: control`).toBeGreaterThan(0);
    for (const caution of cautions(name, column)) expect(caution, name).toMatch(/post hoc/);
  }
  for (const caution of cautions("comparison.csv", "sensitivity")) expect(caution).not.toMatch(/post hoc/);
});

test("the primary answer stands in a file of its own: as planned, then under other units and calls, with differences and averages of each", () => {
  const primary = {
    first: "network",
    second: "cohort-1",
    measure: "sensitivity",
    readers: "fixed",
    margin: 0.1,
  } as const;
  const { result } = studyOf({ ...withEverything, primary });
  const about = { inputSha256: "0", methods: "0", computedAt: new Date() };
  const parsed = comparison.parse(result);
  const csv = comparisonTables({ comparison: parsed, ...about }, { sizes: [], synthetic: false });
  const rows = (name: keyof typeof csv): Record<string, string>[] => parse(csv[name], { columns: true, bom: true });
  const [planned, ...others] = rows("primary.csv");
  const { difference, df, p, verdict } = parsed.primary ?? {};
  expect(planned).toMatchObject({
    ...{ planned: "true", unit: "image", calls: "given", first: "network", second: "cohort-1", measure: "sensitivity" },
    ...{ readers: "fixed", margin: "0.1", verdict, df: String(df), p: String(p), averagedOver: "R2 R3 R4" },
    difference_estimate: String(difference?.estimate),
    difference_lower: String(difference?.lower),
    difference_upper: String(difference?.upper),
  });
  expect(others.map(({ planned, unit, calls }) => `${planned} ${unit} ${calls}`)).toEqual([
    "false node given",
    "false patient given",
    "false image strict",
  ]);
  expect(rows("units-averages.csv")).toHaveLength(parsed.units.flatMap(({ averages }) => averages).length);
  expect(rows("units-comparisons.csv")).toHaveLength(parsed.units.flatMap(({ comparisons }) => comparisons).length);
  const ofNodes = rows("units-averages.csv").find(
    ({ unit, kind, second, measure }) =>
      unit === "node" && kind === "network" && second === "cohort-1" && measure === "sensitivity",
  );
  expect(ofNodes?.fixed_difference_estimate).toBe(others[0]?.difference_estimate);
  expect(rows("readings-averages.csv").length).toBeGreaterThan(0);
  expect(new Set(rows("clusterings.csv").map(({ level }) => level))).toEqual(new Set(["node", "image"]));
  for (const row of rows("flow.csv"))
    expect(["positive", "negative", "notEvaluable", "missing"].reduce((sum, key) => sum + Number(row[key]), 0)).toBe(
      Number(row.units),
    );
  expect(tablesOf(withEverything).rows("primary.csv"), "none planned").toEqual([]);
});

test("a value without a column is refused; nothing, where there are columns of its parts, is an empty cell in each", () => {
  expect(() => toCsv([{ a: 1, random: { p: 0.5, df: 3 } }], ["a", "random_p"])).toThrow(/no column for random_df/);
  expect(() => toCsv([{ random: 0.5 }], ["random_p"])).toThrow(/no column for random/);
  expect(() => toCsv([{ other: null }], ["random_p"])).toThrow(/no column for other/);
  expect(toCsv([{ random: null }, { random: { p: 0.5 } }], ["a", "random_p"])).toBe("\ufeffa,random_p\n,\n,0.5\n");
});
