/*
 * Differential test of core/stats against R: random small cases with ties, clusters and empty cells, computed here and by reference.R.
 *
 *   npm run fuzz-r -- [--seed N] [--cases N] [--only INDEX]
 *
 * Prints `family: passed/total`, then every case that differs, with its input. Ends with 1 when one does, with 2 without R.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { compare, type Mismatch } from "@/scripts/oracles/compare";
import { clusterFamilies } from "./clusters";
import { countFamilies } from "./counts";
import { distributionFamily } from "./distributions";
import { type Case, caseOf } from "./family";
import { groupFamilies } from "./groups";
import { networkFamilies } from "./network";
import { readerFamilies } from "./readers";
import { rocFamilies } from "./roc";
import { askR, findR } from "./run-r";

const families = [
  ...rocFamilies,
  ...clusterFamilies,
  ...countFamilies,
  ...groupFamilies,
  ...networkFamilies,
  ...readerFamilies,
  distributionFamily,
];

const { values: options } = parseArgs({
  options: { seed: { type: "string" }, cases: { type: "string" }, only: { type: "string" } },
});
const seed = wholeNumber("seed", options.seed ?? "1");
const count = wholeNumber("cases", options.cases ?? "10000");
const only = options.only === undefined ? null : wholeNumber("only", options.only);

const r = await findR();
if ("missing" in r) {
  process.stderr.write(
    `${r.missing}: nothing was compared. Install it: apt-get install r-base-core r-cran-proc r-cran-jsonlite\n`,
  );
  process.exit(2);
}
const indices = only === null ? Array.from({ length: count }, (_, index) => index) : [only];
process.exitCode = await run(indices, r.versions);

async function run(indices: readonly number[], versions: string): Promise<number> {
  const started = performance.now();
  const cases = indices.map((index) => caseOf(families, seed, index));
  const chunks = Math.max(1, Math.min(4, availableParallelism(), Math.floor(cases.length / 500)));
  const asked = cases.map(({ family, input }) => ({ family: family.name, input }));
  const expected = await askR(asked, chunks);
  const failures = new Map<Case, Mismatch[]>();
  for (const [i, each] of cases.entries()) {
    const mismatches = compare(expected[i], each.compute(), each.family.tolerance, "");
    if (mismatches.length > 0) failures.set(each, mismatches);
  }
  for (const family of families) {
    const own = cases.filter((each) => each.family === family);
    const passed = own.filter((each) => !failures.has(each)).length;
    if (own.length > 0) process.stdout.write(`${family.name}: ${passed}/${own.length}\n`);
  }
  for (const [{ index, family, input }, mismatches] of failures) {
    process.stdout.write(`\n${family.name} --seed ${seed} --only ${index}\n  input ${JSON.stringify(input)}\n`);
    for (const { path, expected, got } of mismatches)
      process.stdout.write(`  ${path}: R ${written(expected)}, ours ${written(got)}\n`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const total = `${cases.length - failures.size} of ${cases.length} cases passed`;
  process.stderr.write(`${total}, seed ${seed}, ${seconds} s, ${versions}\n`);
  return failures.size === 0 && cases.length > 0 ? 0 : 1;
}

/** JSON that keeps NaN and infinity apart from null. */
function written(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === "number" && !Number.isFinite(each) ? String(each) : each));
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) {
    process.stderr.write(`--${name} is "${text}"; it must be a whole number, 0 or more.\n`);
    process.exit(1);
  }
  return Number(text);
}
