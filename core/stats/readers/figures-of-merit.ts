import { type AucCovariance, correlatedAreas, symmetric } from "../clustered/auc-covariance";
import { type Ids, numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { checkBinary, checkFinite, checkLengths } from "../input";
import type { Direction } from "../types";

/** What is compared between readers: the area under the curve of their ratings, or a share of right calls. */
export type FigureOfMerit =
  | { metric: "auc"; covariance: AucCovariance }
  | {
      metric: "sensitivity" | "specificity";
      /** A unit is called positive when its rating is at least this suspicious. */
      threshold: number;
      covariance: { kind: "binomial" } | { kind: "cluster"; cluster: Ids };
    };

export interface Figures {
  values: number[];
  /** Null when it is not estimable: fewer than two units (clusters) of a class. */
  covariance: number[][] | null;
}

/**
 * A figure of merit of each of several ratings of the same units, with the covariance matrix.
 *
 * Areas: `correlatedAreas`. Shares of right calls among the positive (sensitivity) or negative units (specificity): the sample covariance of
 * the 0/1 outcomes over their number (equal to the delete-one jackknife within the class), or that of the ratio estimator over clusters,
 * G/(G-1) sum (x_g - p m_g)(y_g - q m_g) / M^2 (Rao JNK, Scott AJ. Biometrics 1992;48:577-585).
 * @throws StatsError when lengths differ, truth is not 0/1, a class that the metric needs is empty, or a rating or threshold is not finite
 */
export function figuresOfMerit(
  options: { truth: ArrayLike<number>; scores: readonly ArrayLike<number>[]; direction: Direction } & FigureOfMerit,
): Figures {
  if (options.metric === "auc") {
    const { areas, covariance } = correlatedAreas(options);
    return { values: areas, covariance };
  }
  const { truth, scores, direction, metric, threshold, covariance } = options;
  checkBinary({ truth });
  checkFinite({ threshold: [threshold] });
  const wanted = metric === "sensitivity" ? 1 : 0;
  const members = Array.from({ length: truth.length }, (_, i) => i).filter((i) => truth[i] === wanted);
  if (members.length === 0)
    throw new StatsError("one_class", `No truth is ${wanted}; the ${metric} needs such a unit.`, 0);
  const outcomes = scores.map((score, k) => {
    checkLengths({ truth, [`scores[${k}]`]: score });
    checkFinite({ [`scores[${k}]`]: score });
    return Float64Array.from(members, (i) => {
      const value = score[i] ?? 0;
      const isCalled = direction === "higher" ? value >= threshold : value <= threshold;
      return Number(isCalled === (wanted === 1));
    });
  });
  const n = members.length;
  const values = outcomes.map((outcome) => outcome.reduce((sum, right) => sum + right, 0) / n);
  const ids = covariance.kind === "cluster" ? covariance.cluster : null;
  if (ids !== null) checkLengths({ truth, cluster: ids });
  const clusters = numberClusters(
    members.map((i) => (ids === null ? i : (ids[i] ?? ""))),
    n,
  );
  const G = clusters.count;
  if (G < 2) return { values, covariance: null };
  const residuals = outcomes.map((outcome, k) => {
    const sums = new Float64Array(G);
    for (const [at, cluster] of clusters.of.entries())
      sums[cluster] = (sums[cluster] ?? 0) + (outcome[at] ?? 0) - (values[k] ?? 0);
    return sums;
  });
  const product = (i: number, j: number) =>
    (residuals[i] ?? new Float64Array(G)).reduce((sum, value, g) => sum + value * (residuals[j]?.[g] ?? 0), 0);
  return { values, covariance: symmetric(scores.length, (i, j) => ((G / (G - 1)) * product(i, j)) / (n * n)) };
}
