import { z } from "zod";
import { clusteredMcNemar } from "@/core/stats/clustered/clustered-mcnemar";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import type { PairedCounts } from "@/core/stats/types";
import { type Context, clusterOf, defineAdapter, limitsOf, scored } from "../context";

const metric = z.enum(["sensitivity", "specificity"]);
const source = { dataset: z.string(), cluster: z.string(), metric };
const counts = z.array(z.number());
const single = z.strictObject({ ...source, score: z.string() });
const paired = z.strictObject({ ...source, score1: z.string(), score2: z.string() });
const tables = z.strictObject({ a: counts, b: counts, c: counts, d: counts });

export const adapter = defineAdapter(z.union([single, paired, tables]), (input, context) => {
  if ("score" in input) {
    const result = clusteredProportion(rightCalls(input, input.score, context));
    return {
      clusters: result.clusters,
      successes: result.events,
      trials: result.trials,
      estimate: result.proportion.estimate,
      var: result.standardError === null ? null : result.standardError ** 2,
      se: result.standardError,
      ci95_wald: result.wald ?? [null, null],
      design_effect: result.designEffect,
      effective_n: result.effectiveN,
      ci95_wilson_effective_n: limitsOf(result.proportion),
    };
  }
  const result = clusteredMcNemar("a" in input ? rowsOf(input) : crossed(input, context));
  const written = (test: { chiSquare: number; p: number } | null) => ({
    chi2: test?.chiSquare ?? null,
    p: test?.p ?? null,
  });
  return {
    clusters: result.clusters,
    difference: result.difference.estimate,
    se_difference: result.standardError,
    ci95_difference: result.unclipped ?? [null, null],
    mcnemar_unclustered: written(result.unclustered),
    obuchowski: written(result.obuchowski),
    durkalski: written(result.durkalski),
    eliasziw_donner: written(result.eliasziwDonner),
    yang: written(result.yang),
  };
});

const rowsOf = ({ a, b, c, d }: z.infer<typeof tables>): PairedCounts[] =>
  a.map((both, i) => ({ both, firstOnly: b[i] ?? 0, secondOnly: c[i] ?? 0, neither: d[i] ?? 0 }));

type Source = Pick<z.infer<typeof single>, "dataset" | "cluster" | "metric">;

/** Of the images of one truth: was the call right, and whose are they. */
function rightCalls(input: Source, name: string, context: Context) {
  const { truth, score: calls } = scored(context, input.dataset, name);
  const cluster = clusterOf(context, input.dataset, input.cluster);
  const of = input.metric === "sensitivity" ? 1 : 0;
  const kept = truth.flatMap((value, i) => (value === of ? [i] : []));
  return { outcome: kept.map((i) => (calls[i] === of ? 1 : 0)), cluster: kept.map((i) => cluster[i] ?? "") };
}

function crossed(input: z.infer<typeof paired>, context: Context): PairedCounts[] {
  const first = rightCalls(input, input.score1, context);
  const second = rightCalls(input, input.score2, context);
  const byCluster = new Map<string | number, PairedCounts>();
  for (const [i, cluster] of first.cluster.entries()) {
    const table = byCluster.get(cluster) ?? { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
    byCluster.set(cluster, table);
    const [a, b] = [first.outcome[i], second.outcome[i]];
    table[a === 1 ? (b === 1 ? "both" : "firstOnly") : b === 1 ? "secondOnly" : "neither"]++;
  }
  return [...byCluster.values()];
}
