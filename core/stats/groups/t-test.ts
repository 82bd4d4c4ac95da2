import { studentP, studentQuantile } from "../distributions";
import { StatsError } from "../errors";
import { checkFinite } from "../input";
import { because, by, type Estimate, type Tail, withoutInterval } from "../types";

export interface TTest {
  /** Mean of the first group less mean of the second, in the unit of the values. */
  difference: Estimate;
  t: number | null;
  df: number | null;
  p: number | null;
  means: [number, number];
  /** Null for a group of one. */
  standardDeviations: [number | null, number | null];
  /** Difference over the pooled standard deviation (Cohen J. Statistical Power Analysis, 1988, 2.5.1); null where that is 0 or unknown. */
  cohensD: number | null;
}

/**
 * Means of two independent groups.
 *
 * `welch`: unequal variances, Satterthwaite's degrees of freedom (Welch BL. Biometrika 1947;34:28-35); `student`: one pooled variance
 * (Student. Biometrika 1908;6:1-25), which a group of one value may join. Assumes independent units (patients or nodes, not images) and
 * means near normal. No variance at all: no test.
 * @param options.tail `greater`: the first mean exceeds the second; the interval is two-sided all the same
 * @example tTest({ first: [1, 2, 3], second: [2, 4, 6], variances: "welch", tail: "two-sided" }).p // 0.22
 * @throws StatsError when a group is empty or a value is not finite
 */
export function tTest(options: {
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  variances: "welch" | "student";
  tail: Tail;
}): TTest {
  const { first, second, variances, tail } = options;
  checkFinite({ first, second });
  for (const [name, values] of Object.entries({ first, second })) {
    if (values.length === 0) throw new StatsError("empty", `The ${name} group is empty; give it a value.`);
  }
  const [a, b] = [moments(first), moments(second)];
  for (const [name, { squares }] of Object.entries({ first: a, second: b })) {
    if (squares === Infinity)
      throw new StatsError("out_of_range", `The squares of the ${name} group overflow; rescale it.`);
  }
  const pooledVariance = (a.squares + b.squares) / (a.n + b.n - 2);
  const estimate = a.mean - b.mean;
  const about = {
    means: [a.mean, b.mean] satisfies [number, number],
    standardDeviations: [deviationOf(a), deviationOf(b)] satisfies [number | null, number | null],
    cohensD: a.n > 1 && b.n > 1 && pooledVariance > 0 ? estimate / Math.sqrt(pooledVariance) : null,
  };
  const difference = { estimate, method: by(variances), n: a.n + b.n };
  const { standardError, df } = variances === "welch" ? unequal(a, b) : pooled(a, b);
  const isConstant = standardError <= 10 * Number.EPSILON * Math.max(Math.abs(a.mean), Math.abs(b.mean));
  if (isConstant || !(df > 0)) {
    const caution = isConstant ? because("values_do_not_vary") : because("group_of_one");
    return { difference: withoutInterval({ ...difference, caution }), t: null, df: null, p: null, ...about };
  }
  const t = estimate / standardError;
  const half = studentQuantile(0.975, df) * standardError;
  const interval = { lower: estimate - half, upper: estimate + half };
  return { difference: { ...difference, ...interval }, t, df, p: studentP(t, df, tail), ...about };
}

interface Moments {
  n: number;
  mean: number;
  /** Sum of squared deviations from the mean. */
  squares: number;
}

function moments(values: ArrayLike<number>): Moments {
  const list = Float64Array.from(values);
  const n = list.length;
  const first = list[0] ?? 0;
  if (list.every((value) => value === first)) return { n, mean: first, squares: 0 };
  const mean = list.reduce((sum, value) => sum + value, 0) / n;
  return { n, mean, squares: list.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

const deviationOf = ({ n, squares }: Moments): number | null => (n < 2 ? null : Math.sqrt(squares / (n - 1)));

function pooled(a: Moments, b: Moments) {
  const df = a.n + b.n - 2;
  return { df, standardError: Math.sqrt(((a.squares + b.squares) / df) * (1 / a.n + 1 / b.n)) };
}

function unequal(a: Moments, b: Moments) {
  const [va, vb] = [a.squares / (a.n - 1) / a.n, b.squares / (b.n - 1) / b.n];
  const df = (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  return { df, standardError: Math.sqrt(va + vb) };
}
