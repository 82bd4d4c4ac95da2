import { seededRandom } from "@/core/random";
import { type Comparison, type ComparisonRow, compareReaders, network } from "@/core/stats/comparison/compare-readers";
import { comparisonFigures } from "@/core/stats/comparison/figures";
import { primaryAnswer } from "@/core/stats/comparison/primary-answer";
import type { Estimate } from "@/core/stats/types";
import type { Said } from "@/core/words";
import { withCautions } from "@/server/services/model/with-cautions";
import type { ComparisonInput } from "./load-comparison";

/**
 * Readers against network on the same images: every number of the comparison page, computed in `core/stats`. Pure; takes up to half a minute
 * for 20 readers and 5,000 images, so it runs in a process of its own (`worker/jobs/analyse.handler.ts`).
 */
export function compareStudy(
  { about, seed, repeats, primary, timed, ...input }: ComparisonInput,
  { onProgress }: { onProgress?: (done: number, total: number) => void } = {},
) {
  const conditions = about.conditions.map(({ key }) => key);
  const comparison = compareReaders({
    ...input,
    conditions,
    repeats: new Map(repeats),
    random: seededRandom(seed),
    ...(onProgress && { onProgress }),
  });
  const careful = withNetworkCautions(comparison, about.run?.cautions ?? []);
  const figures = comparisonFigures({ ...input, timed, conditions, random: seededRandom(seed) });
  return { primary: primaryAnswer(careful.averages, primary), ...careful, figures, about };
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
    averages: comparison.averages.map((each) => {
      if (each.kind !== "network") return each;
      const test = <T extends { difference: Estimate }>(of: T): T => ({ ...of, difference: careful(of.difference) });
      const { fixed, random, complete } = each;
      return {
        ...each,
        fixed: test(fixed),
        random: random && test(random),
        complete: complete && { ...complete, fixed: test(complete.fixed) },
      };
    }),
  };
}
