import { checkScored } from "./input";

export interface StructuralComponents {
  /** Null when a class is empty. */
  auc: number | null;
  /** V10: for each positive image, the share of negative images it outranks. In input order. */
  positives: Float64Array;
  /** V01: for each negative image, the share of positive images that outrank it. */
  negatives: Float64Array;
}

/**
 * AUC and its structural components (DeLong ER et al. Biometrics 1988;44:837-845) by midranks in n log n
 * (Sun X, Xu W. IEEE Signal Process Lett 2014;21:1389-1393). A higher score is more suspicious; ties count 1/2.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function structuralComponents(input: {
  truth: readonly number[];
  score: readonly number[];
}): StructuralComponents {
  checkScored(input);
  const { truth, score } = input;
  const ofPositives = score.filter((_, i) => truth[i] === 1);
  const ofNegatives = score.filter((_, i) => truth[i] === 0);
  const [m, n] = [ofPositives.length, ofNegatives.length];
  if (m === 0 || n === 0) return { auc: null, positives: new Float64Array(m), negatives: new Float64Array(n) };

  const among = midranks([...ofPositives, ...ofNegatives]);
  const withinPositives = midranks(ofPositives);
  const withinNegatives = midranks(ofNegatives);
  const positives = withinPositives.map((rank, i) => ((among[i] ?? 0) - rank) / n);
  const negatives = withinNegatives.map((rank, j) => 1 - ((among[m + j] ?? 0) - rank) / m);
  const ranks = among.subarray(0, m).reduce((sum, rank) => sum + rank, 0);
  return { auc: (ranks - (m * (m + 1)) / 2) / (m * n), positives, negatives };
}

/** Sample variance, denominator n - 1; n must be 2 or more. Exactly 0 for equal values. */
export function sampleVariance(values: Float64Array): number {
  if (values.every((value) => value === values[0])) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function midranks(values: readonly number[]): Float64Array {
  const order = Float64Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    const value = values[order[from] ?? 0];
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === value) to++;
    for (const index of order.subarray(from, to)) ranks[index] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}
