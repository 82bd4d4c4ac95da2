import { seededRandom } from "@/core/random";
import { isHiddenRepeat } from "@/core/reading/schedule";
import { type Comparison, type ComparisonRow, compareReaders, network } from "@/core/stats/comparison/compare-readers";
import { comparisonFigures } from "@/core/stats/comparison/figures";
import { primaryAnswer } from "@/core/stats/comparison/primary-answer";
import type { ReaderAverage } from "@/core/stats/comparison/reader-averages";
import { readingOf } from "@/core/stats/comparison/readings";
import type { Estimate } from "@/core/stats/types";
import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";
import { withCautions } from "@/server/services/model/with-cautions";
import type { ComparisonInput } from "./load-comparison";

const levels = ["image", "node", "patient"] as const;
type Calls = string | null;

/**
 * Readers against network on the same images: every number of the comparison page, computed in `core/stats`. First what the protocol plans; beside it the same
 * counted by other units, and under other rules of the calls. Pure; takes seconds for 20 readers and 5,000 images, so it runs in a process of its own
 * (`worker/jobs/analyse.handler.ts`).
 */
export function compareStudy(
  { about, seed, repeats, primary, plan, ruleSets, reads, timed, factors, ...input }: ComparisonInput,
  { onProgress }: { onProgress?: (done: number, total: number) => void } = {},
) {
  const conditions = about.conditions.map(({ key }) => key);
  const cautions = about.run?.cautions ?? [];
  const asPlanned = judged(reads, ruleSets, plan.ruleSet);
  const inOrder = judged(timed, ruleSets, plan.ruleSet);
  if (!asPlanned || !inOrder) throw new SaidError({ key: "errors.reads_without_criteria" });
  const repeated = new Map(repeats);
  const common = { ...input, conditions, families: plan.families };
  const counted = (unit: (typeof levels)[number], stage: number) => {
    const comparison = compareReaders({
      ...{ ...common, reads: asPlanned, factors, unit, rule: plan.unit.rule },
      repeats: repeated,
      random: seededRandom(seed),
      ...(onProgress && { onProgress: (done, total) => onProgress(stage * total + done, levels.length * total) }),
    });
    const careful = withNetworkCautions(comparison, cautions);
    const figures = comparisonFigures({
      ...{ ...input, reads: asPlanned, timed: inOrder, conditions, unit, rule: plan.unit.rule },
      random: seededRandom(seed),
    });
    return { primary: primaryAnswer(careful.averages, primary), ...careful, figures };
  };
  const { level, rule } = plan.unit;
  const main = counted(level, 0);
  const others = levels.filter((unit) => unit !== level);
  const otherCalls = [null, ...ruleSets].filter((calls) => calls !== plan.ruleSet);
  return {
    ...main,
    /** Post hoc: the same counted otherwise. */
    units: others.map((unit, i) => ({ unit, rule, ...counted(unit, i + 1) })),
    /** Post hoc: the same with calls that were judged otherwise; null: as they were given. */
    readings: otherCalls.flatMap((calls) => {
      const other = judged(reads, ruleSets, calls);
      if (!other) return [];
      const { rows, averages } = readingOf({ ...common, reads: other, unit: level, rule });
      const careful = averages.map((each) => carefulAverage(each, cautions));
      const changed = other.filter(
        (read, i) => !isHiddenRepeat(read, repeated) && callOf(read) !== callOf(asPlanned[i]),
      ).length;
      const answer = primary?.measure === "auc" ? null : primaryAnswer(careful, primary);
      return [{ calls, changed, rows, averages: careful, primary: answer }];
    }),
    about,
  };
}

const callOf = (read: { call: 0 | 1 | null; judged?: 0 | 1 } | undefined) => read?.judged ?? read?.call;

/** The reads with the calls of a rule set (null: as they were given); null where it cannot judge them all. One that was not evaluable stays so. */
function judged<Read extends { call: 0 | 1 | null; underRules: readonly (0 | 1 | null)[] }>(
  reads: readonly Read[],
  ruleSets: readonly string[],
  calls: Calls,
) {
  const at = calls === null ? null : ruleSets.indexOf(calls);
  const all = reads.flatMap(({ underRules, ...read }): (Omit<Read, "underRules"> & { judged?: 0 | 1 })[] => {
    if (at === null || read.call === null) return [read];
    const judged = underRules[at] ?? null;
    return judged === null ? [] : [{ ...read, judged }];
  });
  return all.length === reads.length ? all : null;
}

/** The network's figures with what they must not be read without, so that it stands in every table and file. */
function withNetworkCautions(comparison: Comparison, cautions: readonly Said[]): Comparison {
  if (cautions.length === 0) return comparison;
  const careful = (estimate: Estimate) => withCautions(estimate, cautions);
  const rows = (all: readonly ComparisonRow[]) =>
    all.map((row) =>
      row.reader !== network || row.condition !== null
        ? row
        : {
            ...row,
            sensitivity: careful(row.sensitivity),
            specificity: careful(row.specificity),
            ppv: careful(row.ppv),
            npv: careful(row.npv),
            accuracy: careful(row.accuracy),
            auc: careful(row.auc),
            singlePointAuc: careful(row.singlePointAuc),
          },
    );
  const differences = <T extends { kind: string; difference: Estimate }>(all: readonly T[]): T[] =>
    all.map((each) => (each.kind === "network" ? { ...each, difference: careful(each.difference) } : each));
  return {
    ...comparison,
    rows: rows(comparison.rows),
    otherClusterings: comparison.otherClusterings.map((each) => ({ ...each, rows: rows(each.rows) })),
    comparisons: differences(comparison.comparisons),
    averages: comparison.averages.map((each) => carefulAverage(each, cautions)),
    secondary: comparison.secondary.map((each) =>
      each.kind === "network" ? { ...each, value: careful(each.value) } : each,
    ),
    subgroups: comparison.subgroups.map((each) =>
      each.kind !== "network"
        ? each
        : { ...each, levels: each.levels.map((level) => ({ ...level, difference: careful(level.difference) })) },
    ),
  };
}

function carefulAverage(average: ReaderAverage, cautions: readonly Said[]): ReaderAverage {
  if (average.kind !== "network" || cautions.length === 0) return average;
  const test = <T extends { difference: Estimate }>(of: T): T => ({
    ...of,
    difference: withCautions(of.difference, cautions),
  });
  const { fixed, random, complete } = average;
  return {
    ...average,
    fixed: test(fixed),
    random: random && test(random),
    complete: complete && { ...complete, fixed: test(complete.fixed) },
  };
}
