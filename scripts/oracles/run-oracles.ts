import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { adapters } from "./adapters";
import { compare, type Mismatch, parseTolerance } from "./compare";
import type { Context, Dataset } from "./context";

export interface OracleResult {
  /** Without `.json`. */
  file: string;
  passed: number;
  total: number;
  failures: { id: string; mismatches: Mismatch[] }[];
}

const oracleCase = z.strictObject({ id: z.string(), input: z.unknown(), expected: z.unknown() });
const functionCase = z.strictObject({ fn: z.string(), args: z.array(z.number()), value: z.number() });
const oracleFile = z.strictObject({
  oracle: z.string(),
  version: z.union([z.string(), z.number()]).optional(),
  about: z.string().optional(),
  tolerance: z.string(),
  conventions: z.unknown().optional(),
  r_calls: z.unknown().optional(),
  references: z.unknown().optional(),
  generated_with: z.unknown().optional(),
  cases: z.array(z.unknown()),
});
const datasetFile = z.object({
  truth: z.array(z.number()),
  scores: z.record(z.string(), z.array(z.number())),
  cluster: z.record(z.string(), z.array(z.union([z.string(), z.number()]))).optional(),
});

/** Runs every case of every oracle file of a folder (data sets in its `datasets`). */
export function runOracles(folder: string): OracleResult[] {
  const datasets = new Map<string, Dataset>();
  const context: Context = {
    dataset(id) {
      if (!/^[\w-]+$/.test(id)) throw new Error(`"${id}" is no name of a data set`);
      const known = datasets.get(id) ?? datasetFile.parse(readJson(join(folder, "datasets", `${id}.json`)));
      datasets.set(id, known);
      return known;
    },
  };
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.sort().map((name) => runFile(folder, name, context));
}

function runFile(folder: string, name: string, context: Context): OracleResult {
  const file = name.replace(/\.json$/, "");
  const result: OracleResult = { file, passed: 0, total: 0, failures: [] };
  const adapter = adapters.get(file);
  const whole = attempt(() => {
    const read = oracleFile.parse(readJson(join(folder, name)));
    if (read.oracle !== file) throw new Error(`the file says it is ${read.oracle}`);
    if (read.cases.length === 0) throw new Error("the file has no case");
    return { cases: read.cases, tolerance: parseTolerance(read.tolerance) };
  });
  if ("error" in whole) return { ...result, failures: [failure("(file)", "readable", whole.error)] };
  const { cases, tolerance } = whole.value;
  result.total = cases.length;
  if (!adapter) return { ...result, failures: [failure("(file)", "a statistic that is known", file)] };
  if (file === "distributions") tolerance.absolute = smallestTail;
  for (const [index, each] of cases.entries()) {
    const own = attempt(() => caseOf(each));
    if ("error" in own) {
      result.failures.push(failure(`case ${index}`, "known fields", own.error));
      continue;
    }
    const { id, path, input, expected } = own.value;
    const computed = attempt(() => adapter.run(input, context));
    const isEmpty = typeof expected === "object" && expected !== null && Object.keys(expected).length === 0;
    const mismatches = isEmpty
      ? failure(id, "something to compare", expected).mismatches
      : "error" in computed
        ? failure(id, expected, computed.error).mismatches
        : compare(expected, computed.value, tolerance, path);
    if (mismatches.length === 0) result.passed++;
    else result.failures.push({ id, mismatches });
  }
  return result;
}

/** The tails go down to this on purpose: an absolute tolerance of 1e-12 would let 0 pass for them. */
const smallestTail = 1e-305;

function caseOf(each: unknown) {
  const ofFunction = functionCase.safeParse(each);
  if (!ofFunction.success) return { path: "", ...oracleCase.parse(each) };
  const { fn, args, value } = ofFunction.data;
  return { id: `${fn}(${args.join(", ")})`, path: fn, input: { fn, args }, expected: value };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

function attempt<Value>(compute: () => Value): { value: Value } | { error: string } {
  try {
    return { value: compute() };
  } catch (error) {
    return { error: error instanceof z.ZodError ? z.prettifyError(error) : String(error) };
  }
}

const failure = (id: string, expected: unknown, got: unknown) => ({ id, mismatches: [{ path: "", expected, got }] });
