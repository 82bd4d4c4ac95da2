/** One number of a fixture against ours. */
export interface Check {
  /** The line of the table of tolerances it belongs to. */
  quantity: string;
  /** Where in the fixture. */
  path: string;
  expected: number;
  got: number;
  /** |got - expected| allowed. */
  tolerance: number;
}

/** A number that is missing, or not one, has an infinite error. */
export const errorOf = ({ expected, got }: Check): number => {
  const error = Math.abs(got - expected);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
};

export const passes = (check: Check): boolean => errorOf(check) <= check.tolerance;

/** Error over tolerance; 0 for no error at all. */
export const shareOf = (check: Check): number => {
  const error = errorOf(check);
  return error === 0 ? 0 : error / check.tolerance;
};

export const worstOf = (checks: readonly Check[]): Check | undefined =>
  checks.reduce<Check | undefined>(
    (worst, each) => (worst && shareOf(worst) >= shareOf(each) ? worst : each),
    undefined,
  );

/** Number by number; an array of another length fails at every place that only one side has. */
export function compareNumbers(
  quantity: string,
  path: string,
  expected: ArrayLike<number> | number,
  got: ArrayLike<number> | number,
  tolerance: number,
): Check[] {
  if (typeof expected === "number" || typeof got === "number")
    return [
      {
        quantity,
        path,
        expected: typeof expected === "number" ? expected : Number.NaN,
        got: typeof got === "number" ? got : Number.NaN,
        tolerance,
      },
    ];
  return Array.from({ length: Math.max(expected.length, got.length) }, (_, i) => ({
    quantity,
    path: `${path}[${i}]`,
    expected: expected[i] ?? Number.NaN,
    got: got[i] ?? Number.NaN,
    tolerance,
  }));
}

/** Largest absolute value. */
export const largest = (...lists: ArrayLike<number>[]): number =>
  lists.reduce((most, list) => Array.from(list).reduce((most, value) => Math.max(most, Math.abs(value)), most), 0);

/** Euclidean norm, summed in doubles. */
export const norm = (values: ArrayLike<number>): number => {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] ?? 0) ** 2;
  return Math.sqrt(squares);
};

export const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] ?? 0;
  return total;
};

/** Eight elements from all over a tensor: floor((2k + 1) n / 16); all of it where there are fewer than 8. */
export const spread8 = (values: Float32Array): number[] =>
  values.length < 8
    ? Array.from(values)
    : Array.from({ length: 8 }, (_, k) => values[Math.floor(((2 * k + 1) * values.length) / 16)] ?? Number.NaN);

/** Moments of an array, and its first values, as the fixtures hold them. */
export function summary(values: Float32Array) {
  const mean = sum(values) / values.length;
  let [squares, deviations, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    squares += value * value;
    deviations += (value - mean) ** 2;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return {
    mean,
    std: Math.sqrt(deviations / values.length),
    min,
    max,
    sum: mean * values.length,
    sum_of_squares: squares,
    first16: Array.from(values.subarray(0, 16)),
  };
}

/**
 * A summary against a fixture's.
 * @param element tolerance of one element
 * @param moment tolerance of mean and standard deviation; relative one of the sum of squares
 */
export function compareSummary(
  quantity: string,
  path: string,
  expected: ReturnType<typeof summary>,
  values: Float32Array,
  tolerance: { element: number; moment: number; squares: number },
): Check[] {
  const got = summary(values);
  const { element, moment, squares } = tolerance;
  return [
    ...(["mean", "std"] as const).flatMap((key) =>
      compareNumbers(`${quantity}: mean, deviation, sum`, `${path}.${key}`, expected[key], got[key], moment),
    ),
    ...compareNumbers(
      `${quantity}: mean, deviation, sum`,
      `${path}.sum`,
      expected.sum,
      got.sum,
      moment * values.length,
    ),
    ...compareNumbers(
      `${quantity}: sum of squares`,
      `${path}.sum_of_squares`,
      expected.sum_of_squares,
      got.sum_of_squares,
      squares * expected.sum_of_squares,
    ),
    ...(["min", "max", "first16"] as const).flatMap((key) =>
      compareNumbers(`${quantity}: elements`, `${path}.${key}`, expected[key], got[key], element),
    ),
  ];
}
