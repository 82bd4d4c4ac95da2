/** The rows of `width` values, added. */
export function summed(rows: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) sums[i % width] = (sums[i % width] ?? 0) + (rows[i] ?? 0);
  return sums;
}

/** The sum of each row of `width` values. */
export function rowSums(rows: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(rows.length / width);
  for (let i = 0; i < sums.length; i++) sums[i] = sum(rows.subarray(i * width, (i + 1) * width));
  return sums;
}

export const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

export const less = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, i) => value - (y[i] ?? 0));

export function dot(x: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += (x[i] ?? 0) * (y[i] ?? 0);
  return total;
}
