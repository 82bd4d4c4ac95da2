import { studentQuantile, studentTwoSidedP } from "./distributions";
import { checkFinite } from "./input";
import { type Estimate, notEstimable } from "./types";

export interface TTest {
  /** Mean of the first group less mean of the second, in the unit of the values. */
  difference: Estimate;
  t: number | null;
  df: number | null;
  /** Two-sided. */
  p: number | null;
}

/**
 * Means of two independent groups.
 *
 * `welch`: unequal variances, Satterthwaite's degrees of freedom (Welch BL. Biometrika 1947;34:28-35); `student`: one pooled variance
 * (Student. Biometrika 1908;6:1-25), which a group of one value may join. Assumes independent units (patients or nodes, not images) and
 * means near normal. An empty group is not estimable; no variance at all: no test.
 * @throws StatsError when a value is not finite
 */
export function tTest(options: {
  first: readonly number[];
  second: readonly number[];
  variances: "welch" | "student";
}): TTest {
  const { first, second, variances } = options;
  checkFinite({ first, second });
  const method = variances === "welch" ? "Welch's t" : "Student's t";
  const n = first.length + second.length;
  const untested = { t: null, df: null, p: null };
  if (first.length === 0 || second.length === 0) {
    const reason = `the ${first.length === 0 ? "first" : "second"} group is empty`;
    return { difference: notEstimable({ reason, method, n }), ...untested };
  }
  const [a, b] = [moments(first), moments(second)];
  const estimate = a.mean - b.mean;
  const { standardError, df } = variances === "welch" ? unequal(a, b) : pooled(a, b);
  if (!(standardError > 0 && df > 0)) {
    const caution = standardError === 0 ? "the values do not vary: there is no test" : "a group of one has no variance";
    return { difference: { estimate, lower: null, upper: null, method, n, caution }, ...untested };
  }
  const t = estimate / standardError;
  const half = studentQuantile(0.975, df) * standardError;
  const difference = { estimate, lower: estimate - half, upper: estimate + half, method, n };
  return { difference, t, df, p: studentTwoSidedP(t, df) };
}

interface Moments {
  n: number;
  mean: number;
  /** Sum of squared deviations from the mean. */
  squares: number;
}

function moments(values: readonly number[]): Moments {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return { n, mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

function pooled(a: Moments, b: Moments) {
  const df = a.n + b.n - 2;
  return { df, standardError: Math.sqrt(((a.squares + b.squares) / df) * (1 / a.n + 1 / b.n)) };
}

function unequal(a: Moments, b: Moments) {
  const [va, vb] = [a.squares / (a.n - 1) / a.n, b.squares / (b.n - 1) / b.n];
  const df = (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  return { df, standardError: Math.sqrt(va + vb) };
}
