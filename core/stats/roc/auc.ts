import type { Said } from "../../words";
import { normalP, z95 } from "../distributions";
import { checkRange } from "../input";
import { because, by, type Estimate, type Limits, type Scored, type Tail, withoutInterval } from "../types";
import { areaAndSpread } from "./structural-components";

export interface Auc {
  /** DeLong's interval, clipped to 0..1. */
  auc: Estimate;
  positives: number;
  negatives: number;
  /** DeLong's; null with fewer than two units of a class. */
  variance: number | null;
  /** AUC ± z SE as it comes. */
  unclipped: Limits | null;
  /** The interval on the logit scale, which stays inside 0..1; null at an area of 0 or 1, or without variance. */
  logit: Limits | null;
  /** Hanley and McNeil's standard error, which knows only the area and the two numbers. */
  hanleyMcNeil: number;
  /** Pairs in which the positive unit is the more suspicious, ties 1/2. */
  mannWhitneyU: number;
  /** 2 AUC - 1 */
  gini: number;
}

const tooFew = because("two_units_a_class");

/**
 * Area under the empirical ROC curve (Mann-Whitney; ties 1/2) with DeLong's variance.
 *
 * variance = S10/m + S01/n (DeLong ER et al. Biometrics 1988;44:837-845), interval AUC ± z SE, or logit(AUC) ± z SE / (AUC (1 - AUC))
 * (Pepe MS. The Statistical Evaluation of Medical Tests, 2003, 5.2.4). Assumes independent units; for several images a patient take
 * `clusteredAuc`. One unit in a class leaves the area without an interval; a variance of 0 (AUC 0 or 1, constant scores) gives an
 * interval of no width, with a caution.
 * @param options.method replaces the method name, e.g. to say that clustering was ignored
 * @example auc({ truth: [0, 0, 1, 1], score: [1, 2, 2, 3], direction: "higher" }).auc.estimate // 0.875
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function auc(options: Scored & { method?: Said }): Auc {
  const { method = by("auc_delong") } = options;
  const { auc: estimate, m, n, positives, negatives } = areaAndSpread(options);
  const about = {
    positives: m,
    negatives: n,
    hanleyMcNeil: hanleyMcNeilStandardError(estimate, m, n),
    mannWhitneyU: estimate * m * n,
    gini: 2 * estimate - 1,
  };
  if (positives === null || negatives === null) {
    const area = withoutInterval({ estimate, method, n: m + n, caution: tooFew });
    return { auc: area, ...about, variance: null, unclipped: null, logit: null };
  }
  const variance = positives / m + negatives / n;
  const half = z95 * Math.sqrt(variance);
  const unclipped: Limits = [estimate - half, estimate + half];
  const area: Estimate = {
    estimate,
    lower: Math.max(0, unclipped[0]),
    upper: Math.min(1, unclipped[1]),
    method,
    n: m + n,
    ...(variance === 0 ? { caution: because("variance_zero") } : {}),
  };
  return { auc: area, ...about, variance, unclipped, logit: logitLimits(estimate, variance) };
}

/**
 * Limits of a share with a given variance, on the logit scale; null at 0 and 1, or without variance.
 * @param quantile of the normal or of Student's distribution
 */
export function logitLimits(estimate: number, variance: number, quantile = z95): Limits | null {
  if (!(estimate > 0 && estimate < 1 && variance > 0)) return null;
  const logit = Math.log(estimate / (1 - estimate));
  const half = (quantile * Math.sqrt(variance)) / (estimate * (1 - estimate));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return [back(logit - half), back(logit + half)];
}

/**
 * Is the area more than chance? z = (AUC - 1/2) / SE with DeLong's SE; null where there is no variance.
 * @param options.tail `greater`: the area exceeds 1/2
 * @example aucAgainstChance({ truth: [0, 0, 1, 1], score: [1, 3, 2, 4], direction: "higher", tail: "greater" }).p // 0.2398
 * @throws StatsError as `auc`
 */
export function aucAgainstChance(options: Scored & { tail: Tail }): { z: number; p: number } | null {
  const { auc: area, variance } = auc(options);
  if (area.estimate === null || !variance) return null;
  const z = (area.estimate - 0.5) / Math.sqrt(variance);
  return { z, p: normalP(z, options.tail) };
}

/**
 * The standard error of an area from its value and the numbers of positive (m) and negative (n) units alone, exponential model: Hanley JA,
 * McNeil BJ. Radiology 1982;143:29-36.
 * @example hanleyMcNeilStandardError(0.67, 222, 222) // 0.02546
 */
export function hanleyMcNeilStandardError(area: number, m: number, n: number): number {
  checkRange({ area }, [0, 1]);
  checkRange({ m, n }, [1, Number.MAX_SAFE_INTEGER]);
  const [q1, q2] = [area / (2 - area), (2 * area * area) / (1 + area)];
  const spread = area * (1 - area) + (m - 1) * (q1 - area * area) + (n - 1) * (q2 - area * area);
  return Math.sqrt(Math.max(0, spread) / (m * n));
}
