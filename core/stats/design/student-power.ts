import { normalCdf, studentQuantile } from "../distributions";
import { checkPositive } from "../input";

/** Standard deviations of s to either side of 1 that are integrated over, and steps across. */
const reach = 12;
const steps = 400;

/**
 * Power of a two-sided t test in the expected direction: P(T > t_(1-alpha/2)) for a noncentral T.
 *
 * Integral of Phi(noncentrality - t s) over s = sqrt(chi-square / df), by Simpson's rule, to 1e-7. Johnson NL, Welch BL. Biometrika 1940;31:362-389.
 * @param about.noncentrality expected difference over its standard error
 * @param about.df 1 or more; may be fractional
 * @example studentPower({ noncentrality: 2.5, df: 10, alpha: 0.05 }) // 0.6165
 * @throws StatsError unless df is above 0 and alpha in 0..1
 */
export function studentPower({
  noncentrality,
  df,
  alpha,
}: {
  noncentrality: number;
  df: number;
  alpha: number;
}): number {
  checkPositive({ df });
  const critical = studentQuantile(1 - alpha / 2, df);
  const half = reach / Math.sqrt(2 * df);
  const [from, to] = [Math.max(0, 1 - half), 1 + half];
  const width = (to - from) / steps;
  // The density of s up to a factor, which the second sum takes out again.
  const mode = Math.sqrt(Math.max(0, df - 1) / df);
  const logDensity = (s: number) => (df - 1) * (s === 0 ? (df === 1 ? 0 : -Infinity) : Math.log(s)) - (df * s * s) / 2;
  const highest = logDensity(mode || from || width);
  let [power, all] = [0, 0];
  for (let i = 0; i <= steps; i++) {
    const s = from + i * width;
    const weight = (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(logDensity(s) - highest);
    power += weight * normalCdf(noncentrality - critical * s);
    all += weight;
  }
  return power / all;
}
