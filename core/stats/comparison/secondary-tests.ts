import { compareClusteredComponents } from "../clustered/clustered-auc";
import { clusteredDifference } from "../clustered/clustered-mcnemar";
import { relativePredictiveValue } from "../clustered/relative-predictive-value";
import { by, type Estimate, notEstimable, type PairedCounts, possible } from "../types";
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
  valuesOf,
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
 */
export function secondaryTests(
  { kind, condition, first, second }: Pick<SecondaryTest, "kind" | "condition"> & { first: Opinions; second: Opinions },
  known: Known,
): SecondaryTest[] {
  const common = imagesIn(known, first.calls, second.calls);
  if (common.length === 0) return [];
  const { truth, cluster } = listed(common, known);
  const [a, b] = [valuesOf(first.calls, common), valuesOf(second.calls, common)];
  const about = { kind, first: partyOf(first), second: partyOf(second), condition };
  const n = common.length;
  const tables: PairedCounts[] = [];
  for (let i = 0; i < n; i++) {
    const at = cluster[i] ?? 0;
    const table = tables[at] ?? { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
    tables[at] = table;
    const [isFirst, isSecond] = [a[i] === truth[i], b[i] === truth[i]];
    table[isFirst ? (isSecond ? "both" : "firstOnly") : isSecond ? "secondOnly" : "neither"]++;
  }
  const accuracy = clusteredDifference(
    tables.filter(() => true),
    { method: clusteredBy("patient", by("paired_shares")) },
  );
  const predictive = (measure: "ppv" | "npv"): SecondaryTest => {
    const { ratio, p } = relativePredictiveValue({
      ...{ value: measure, truth, first: a, second: b, cluster },
      method: clusteredBy("patient", by("relative_predictive_value")),
    });
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
