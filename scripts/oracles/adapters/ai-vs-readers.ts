import { z } from "zod";
import { confusionMetrics } from "@/core/stats/counts/confusion";
import { networkAgainstReaders } from "@/core/stats/readers/network-against-readers";
import type { TestedDifference } from "@/core/stats/readers/tested-difference";
import { cutoffKeeping } from "@/core/stats/roc/cutoff";
import { type Context, clusterOf, defineAdapter, scored, scoreOf } from "../context";

const average = z.strictObject({
  dataset: z.string(),
  ai: z.string(),
  readers: z.array(z.string()),
  covariance: z.enum(["delong", "jackknife", "obuchowski"]),
  cluster: z.string().optional(),
});
const matched = z.strictObject({
  method: z.literal("match_operating_point"),
  dataset: z.string(),
  ai: z.string(),
  binary_reader: z.string(),
});

export const adapter = defineAdapter(z.union([average, matched]), (input, context) =>
  "method" in input ? matchedPoint(input, context) : againstAverage(input, context),
);

function againstAverage({ dataset: id, ai, readers, covariance, cluster }: z.infer<typeof average>, context: Context) {
  const dataset = context.dataset(id);
  const result = networkAgainstReaders({
    truth: dataset.truth,
    network: scoreOf(dataset, id, ai),
    readers: readers.map((name) => scoreOf(dataset, id, name)),
    direction: "higher",
    tail: "two-sided",
    metric: "auc",
    covariance:
      covariance === "obuchowski"
        ? { kind: covariance, cluster: clusterOf(context, id, cluster ?? "") }
        : { kind: covariance },
  });
  const { fixedReaders: fixed, randomReaders: random } = result;
  return {
    auc_ai: result.network,
    auc_readers: result.readers,
    mean_reader_auc: result.readerMean,
    mean_difference: fixed.estimate,
    var: result.variance,
    cov2: result.cov2,
    random_readers: random && {
      ms_r: random.meanSquareReader,
      se: random.standardError,
      t: random.statistic,
      df: random.df,
      p: random.p,
      ci95: random.limits,
    },
    fixed_readers: byZ(fixed),
    per_reader: result.perReader.map((each, j) => ({
      reader: readers[j],
      difference: each.estimate,
      ...byZ(each),
      p_holm: each.pHolm,
    })),
  };
}

const byZ = (each: TestedDifference) => ({
  se: each.standardError,
  z: each.statistic,
  p: each.p,
  ci95: each.limits ?? [null, null],
});

function matchedPoint({ dataset, ai, binary_reader }: z.infer<typeof matched>, context: Context) {
  const network = scored(context, dataset, ai);
  const { truth, score: calls } = scored(context, dataset, binary_reader);
  if (calls.some((call) => call !== 0 && call !== 1)) throw new Error(`${binary_reader} is not a binary reader`);
  const count = (of: number, call: number) => truth.filter((value, i) => value === of && calls[i] === call).length;
  const { sensitivity, specificity } = confusionMetrics({
    tp: count(1, 1),
    fn: count(1, 0),
    tn: count(0, 0),
    fp: count(0, 1),
  });
  const keeping = (keep: "sensitivity" | "specificity", atLeast: number | null) => {
    const found = cutoffKeeping({ ...network, keep, atLeast: atLeast ?? 0 });
    return found && { cutoff: found.threshold, ai_sensitivity: found.sensitivity, ai_specificity: found.specificity };
  };
  return {
    reader_sensitivity: sensitivity.estimate,
    reader_specificity: specificity.estimate,
    at_specificity_at_least: keeping("specificity", specificity.estimate),
    at_sensitivity_at_least: keeping("sensitivity", sensitivity.estimate),
  };
}
