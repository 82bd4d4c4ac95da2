/** An estimate with its 95 % interval. Proportions, areas and probabilities are fractions 0-1. */
export interface Estimated {
  estimate: number;
  lower: number | null;
  upper: number | null;
  method: string;
  n: number;
}

/** Not estimable by definition (0/0, a class with too few cases): never NaN, always with the reason. */
export interface NotEstimable {
  estimate: null;
  reason: string;
  method: string;
  n: number;
}

export type Estimate = Estimated | NotEstimable;

export const notEstimable = (reason: string, method: string, n: number): NotEstimable => ({
  estimate: null,
  reason,
  method,
  n,
});
