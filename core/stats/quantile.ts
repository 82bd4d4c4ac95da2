/**
 * The quantile of sorted values, type 7 of Hyndman RJ, Fan Y. Am Stat 1996;50:361-365.
 * @example quantileOf([1, 2, 3, 4], 0.25) // 1.75
 */
export function quantileOf(sorted: ArrayLike<number>, p: number): number {
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const [low = 0, high = low] = [sorted[below], sorted[below + 1]];
  return low + (at - below) * (high - low);
}
