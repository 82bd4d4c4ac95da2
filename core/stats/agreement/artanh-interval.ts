import type { Said } from "../../words";
import { fewClusters } from "../clustered/clusters";
import { jackknifeStandardError } from "../clustered/jackknife";
import { z95 } from "../distributions";
import { because, type Estimate, withoutInterval } from "../types";

/**
 * A coefficient of agreement with its interval by the delete-one-cluster jackknife, on the scale of artanh (the delta method), so that it stays within -1..1.
 * One cluster, a coefficient that hangs on a single one, and clusters that agree alike leave no interval; with fewer than 40 a caution says so.
 * @param about.deleted the coefficient without each cluster; null where it is not estimable
 */
export function artanhInterval(about: {
  estimate: number;
  deleted: readonly (number | null)[];
  method: Said;
  n: number;
}): Estimate {
  const { estimate, deleted, method, n } = about;
  const without = (caution: Said) => withoutInterval({ estimate, method, n, caution });
  if (deleted.length < 2) return without(because("images_one_cluster"));
  const standardError = jackknifeStandardError(deleted);
  if (standardError === null) return without(because("kappa_without_cluster"));
  if (standardError === 0 || Math.abs(estimate) >= 1) return without(because("clusters_agree_alike"));
  const half = (z95 * standardError) / (1 - estimate ** 2);
  const limit = (step: number) => Math.tanh(Math.atanh(estimate) + step);
  return { estimate, lower: limit(-half), upper: limit(half), method, n, ...fewClusters(deleted.length) };
}

/** Whether a rater said the same of every unit: kappa is 0 then, whatever the other said. */
export const isConstant = (ratings: ArrayLike<number>): boolean =>
  Array.from(ratings).every((rating) => rating === ratings[0]);
