import type { z } from "zod";
import { isHiddenRepeat } from "@/core/reading/schedule";
import { methodsVersion } from "@/core/stats/methods-version";
import { type Files, textOf, unpacked } from "@/core/text/archive";
import type { Said } from "@/core/words";
import { AppError } from "@/server/errors";
import { bundleRows, bundleSettings, bundleVersions, codesIn, groupColumn, ruleColumn } from "@/server/schemas/bundle";
import { compareStudy } from "@/server/services/analysis/compare-study";
import type { ComparisonInput } from "@/server/services/analysis/load-comparison";
import { sha256 } from "@/server/sha256";
import { asProblems, parseTable } from "@/server/tables/parse-table";
import { resultsText } from "./results-text";

/** Bytes that the files of a bundle may have together: many times those of the largest study that was tried. */
const largest = 512_000_000;

export interface Reproduction {
  /** What was recomputed, as the file `results.json` would be. */
  results: string;
  /** Whether it is that file to the byte, and every file is as it was when the bundle was made. */
  identical: boolean;
  /** What differs: files changed since, and numbers, each by its place in the results. */
  differences: Said[];
  methods: { bundle: string; here: string };
}

/**
 * Recomputes the results of a bundle from its tables and settings alone, and holds them against those that it brings. Needs no study and no database.
 * @throws AppError "invalid" when it is no bundle
 */
export async function reproduceBundle(
  archive: Uint8Array,
  { onProgress }: { onProgress?: (done: number, total: number) => void } = {},
): Promise<Reproduction> {
  const files = filesOf(archive);
  const text = (name: string) => textOf(file(files, name));
  const changed = changedFiles(files);
  const { versions } = checked(bundleVersions, text("versions.json"), "versions.json");
  // Checked, and then taken as it stands: the same bytes are to come out again.
  const settings = JSON.parse(text("settings.json"));
  const { factors, ruleSets, repeats } = checked(bundleSettings, text("settings.json"), "settings.json");
  const images = await rowsOf(files, "images.csv", bundleRows.images);
  const reads = await rowsOf(files, "reads.csv", bundleRows.reads);
  const groups = await codesOf(files, "images.csv", new Map(factors.map(({ key }) => [key, groupColumn(key)])));
  const underRules = await codesOf(files, "reads.csv", new Map(ruleSets.map((key) => [key, ruleColumn(key)])));
  const judged = reads.map((read, i) => ({
    ...read,
    underRules: ruleSets.map((key) => callOf(underRules[i]?.[key])),
  }));
  const repeated = new Map(repeats);
  const once = judged.filter((read) => !isHiddenRepeat(read, repeated));
  const scores = files.has("scores.csv") ? await rowsOf(files, "scores.csv", bundleRows.scores) : null;
  const input: ComparisonInput = {
    // First: whatever else the file says, data come from the tables.
    ...settings,
    images: images.map(({ image, patient, node, plane, truth }, i) => ({
      id: image,
      node: JSON.stringify([patient, node]),
      subject: patient,
      plane,
      truth,
      groups: groups[i] ?? {},
    })),
    reads: judged.map(({ seconds: _, order: __, ...read }) => read),
    timed: timedReads(once, new Map(images.map(({ image, truth }) => [image, truth]))),
    scores,
  };
  const results = resultsText(compareStudy(input, { ...(onProgress && { onProgress }) }));
  const stored = text("results.json");
  const differences: Said[] = [
    ...changed,
    ...(results === stored ? [] : differing(JSON.parse(stored), JSON.parse(results))),
  ];
  // Equal numbers that are written otherwise.
  if (results !== stored && differences.length === 0) differences.push({ key: "bundle.differs.written" });
  return {
    results,
    identical: results === stored && changed.length === 0,
    differences,
    methods: { bundle: versions.methods, here: methodsVersion },
  };
}

const callOf = (code: string | null | undefined) => (code === "1" ? 1 : code === "0" ? 0 : null);

/** Of each row of a table the codes by their key. */
async function codesOf(files: Files, name: string, columns: ReadonlyMap<string, string>) {
  if (columns.size === 0) return [];
  const rows = await rowsOf(files, name, codesIn([...columns.values()]));
  return rows.map(
    (row): Record<string, string | null> =>
      Object.fromEntries([...columns].map(([key, column]) => [key, row[column] ?? null])),
  );
}

/** The reads made here in the order of their submission, each once: one of a node stands at each of its images. */
function timedReads(
  reads: readonly (z.infer<typeof bundleRows.reads> & Pick<ComparisonInput["timed"][number], "underRules">)[],
  truthOf: ReadonlyMap<string, 0 | 1>,
): ComparisonInput["timed"] {
  const made = new Map(reads.flatMap((read) => (read.order === null ? [] : [[read.order, read] as const])));
  return [...made]
    .sort(([a], [b]) => a - b)
    .flatMap(([, { reader, condition, image, call, underRules, seconds }]) => {
      const truth = truthOf.get(image);
      return truth === undefined ? [] : [{ reader, condition, truth, call, underRules, seconds }];
    });
}

function filesOf(archive: Uint8Array): Files {
  try {
    return unpacked(archive, { limit: largest });
  } catch {
    throw new AppError("invalid", { key: "errors.bundle_unreadable" });
  }
}

function file(files: Files, name: string): Uint8Array {
  const found = files.get(name);
  if (!found) throw new AppError("invalid", { key: "errors.bundle_without_file", values: { file: name } });
  return found;
}

/** The files of which `SHA256SUMS` says something else, and those that it does not know. */
function changedFiles(files: Files): Said[] {
  const sums = new Map(
    textOf(file(files, "SHA256SUMS"))
      .split("\n")
      .flatMap((line): [string, string][] => {
        const [, sum, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
        return sum && name ? [[name, sum]] : [];
      }),
  );
  const missing = [...sums.keys()].filter((name) => !files.has(name));
  const other = [...files]
    .filter(([name, bytes]) => name !== "SHA256SUMS" && sums.get(name) !== sha256(bytes))
    .map(([name]) => name);
  return [...missing, ...other].map((name) => ({ key: "bundle.differs.file", values: { file: name } }));
}

function checked<S extends z.ZodType>(schema: S, text: string, name: string): z.infer<S> {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new AppError("invalid", { key: "errors.bundle_file_wrong", values: { file: name } });
  }
}

async function rowsOf<S extends z.ZodObject>(files: Files, name: string, schema: S): Promise<z.infer<S>[]> {
  const bytes = file(files, name);
  // A table without a row has its header alone.
  if (textOf(bytes).trim().split("\n").length === 1) return [];
  const { rows, problems } = await parseTable(bytes, { schema, required: Object.keys(schema.shape) });
  if (problems.length > 0)
    throw new AppError("invalid", { key: "errors.bundle_file_wrong", values: { file: name } }, asProblems(problems));
  return rows.map(({ value }) => value);
}

/** The places at which two results differ, with what stands there. */
function differing(stored: unknown, recomputed: unknown, path = ""): Said[] {
  if (isTree(stored) && isTree(recomputed)) {
    const names = [...new Set([...Object.keys(stored), ...Object.keys(recomputed)])];
    return names.flatMap((name) => differing(stored[name], recomputed[name], path ? `${path}.${name}` : name));
  }
  const [was, is] = [JSON.stringify(stored) ?? "-", JSON.stringify(recomputed) ?? "-"];
  return was === is ? [] : [{ key: "bundle.differs.value", values: { path, stored: was, recomputed: is } }];
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
