import { compareClusteredComponents } from "../clustered/clustered-auc";
import { clusteredDifference } from "../clustered/clustered-mcnemar";
import { type PairedCalls, rightByCluster } from "../clustered/paired-calls";
import { relativePredictiveValueOf } from "../clustered/relative-predictive-value";
import { by, type Estimate, notEstimable, possible } from "../types";
import {
  clusteredBy,
  componentsOf,
  imagesIn,
  type Known,
  lacking,
  listed,
  type Opinions,
  type Party,
  partyOf,
} from "./opinions";

/** Two parties by a figure that is no planned measure. */
export interface SecondaryTest {
  kind: "condition" | "reader" | "network";
  first: Party;
  second: Party;
  condition: string | null;
  measure: "accuracy" | "singlePointAuc" | "ppv" | "npv";
  /** First less second, or first over second. */
  scale: "difference" | "ratio";
  n: number;
  value: Estimate;
  /** Two-sided, of the test whose inversion the interval is. Not adjusted. */
  p: number | null;
}

/**
 * Accuracy and the single-point area as differences, PPV and NPV as ratios, on the images that both have called, clustered by patient: paired
 * shares, Obuchowski's areas of the calls, and `relativePredictiveValue` (the images called so differ, so that no McNemar test applies).
 * @param calls those of the two, counted by patient
 */
export function secondaryTests(
  { kind, condition, first, second }: Pick<SecondaryTest, "kind" | "condition"> & { first: Opinions; second: Opinions },
  calls: PairedCalls,
  known: Known,
): SecondaryTest[] {
  const { n } = calls;
  if (n === 0) return [];
  const about = { kind, first: partyOf(first), second: partyOf(second), condition };
  const accuracy = clusteredDifference(rightByCluster(calls, [0, 1]), {
    method: clusteredBy("patient", by("paired_shares")),
  });
  const predictive = (measure: "ppv" | "npv"): SecondaryTest => {
    const method = clusteredBy("patient", by("relative_predictive_value"));
    const { ratio, p } = relativePredictiveValueOf(calls, { value: measure, method });
    return { ...about, measure, scale: "ratio", n: ratio.n, value: ratio, p };
  };
  return [
    { ...about, measure: "accuracy", scale: "difference", n, value: accuracy.difference, p: accuracy.p },
    { ...about, measure: "singlePointAuc", scale: "difference", n, ...areas() },
    predictive("ppv"),
    predictive("npv"),
  ];

  function areas(): Pick<SecondaryTest, "value" | "p"> {
    const method = clusteredBy("patient", by("paired_areas"));
    const common = imagesIn(known, first.calls, second.calls);
    const { truth, cluster } = listed(common, known);
    const reason = lacking(truth);
    if (reason) return { value: notEstimable({ reason, method, n }), p: null };
    const { difference, p } = compareClusteredComponents({
      ...{ truth, cluster, tail: "two-sided", method },
      first: componentsOf(first.calls, common, known),
      second: componentsOf(second.calls, common, known),
    });
    if (difference.lower === null || difference.upper === null) return { value: difference, p };
    const [lower, upper] = possible([difference.lower, difference.upper]);
    return { value: { ...difference, lower, upper }, p };
  }
}
