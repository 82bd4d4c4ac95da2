import { seededRandom, seedOf } from "@/core/random";
import type { Estimate, Limits } from "@/core/stats/types";

/**
 * `yes`: the method claims to hold; `caution`: the product says beside the interval that it may not; `naive`: it is
 * known to be the wrong one; `variant`: not shown by the product, for contrast.
 */
export type Claim = "yes" | "caution" | "naive" | "variant";

export interface Method {
  table: string;
  method: string;
  claim: Claim;
}

/** What a method said of one simulated study: an interval and what it should cover, or a P value under the null. */
export type Outcome = Method & {
  /** The product says that the interval may not hold. */
  isCautioned?: boolean;
} & ({ truth: number; estimate: number | null; limits: Limits | null } | { p: number | null });

export interface Row extends Method {
  setting: string;
  repetitions: number;
  /** Per cent of the intervals that cover, or of the tests that reject at 5 %. */
  share: number;
  monteCarloError: number;
  /** Mean width of the intervals, mean estimate less truth; null for a test. */
  width: number | null;
  bias: number | null;
  /** Repetitions without an interval (not counted), or without a test (counted as not rejecting). */
  without: number;
}

interface Sums {
  about: Method;
  setting: string;
  n: number;
  hits: number;
  width: number;
  bias: number;
  without: number;
  cautioned: number;
  isTest: boolean;
}

/** One setting: draws a study and says what every method makes of it. */
export interface Simulation {
  /** Which methods. */
  family: string;
  setting: string;
  repetitions: number;
  study: (random: () => number) => Outcome[];
}

/** Runs each simulation from a stream of its own, so that leaving one out does not change the others. */
export function simulate(
  simulations: readonly Simulation[],
  seed: number,
  progress: (done: string) => void = () => {},
): Row[] {
  const sums = new Map<string, Sums>();
  for (const { family, setting, repetitions, study } of simulations) {
    const start = performance.now();
    const random = seededRandom(seedOf(seed, family, setting));
    for (let repetition = 0; repetition < repetitions; repetition++)
      for (const outcome of study(random)) add(sums, setting, outcome);
    progress(`${family}, ${setting}: ${repetitions} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  return [...sums.values()].map(rowOf);
}

function add(sums: Map<string, Sums>, setting: string, outcome: Outcome): void {
  const { table, method, claim } = outcome;
  const key = [table, method, setting].join("|");
  const isTest = "p" in outcome;
  const sum = sums.get(key) ?? {
    ...{ about: { table, method, claim }, setting, isTest },
    ...{ n: 0, hits: 0, width: 0, bias: 0, without: 0, cautioned: 0 },
  };
  sums.set(key, sum);
  if (isTest) {
    sum.n++;
    if (outcome.p === null) sum.without++;
    else if (outcome.p < 0.05) sum.hits++;
    return;
  }
  const { truth, estimate, limits } = outcome;
  if (estimate === null || limits === null) {
    sum.without++;
    return;
  }
  sum.n++;
  if (outcome.isCautioned) sum.cautioned++;
  if (limits[0] <= truth && truth <= limits[1]) sum.hits++;
  sum.width += limits[1] - limits[0];
  sum.bias += estimate - truth;
}

function rowOf({ about, setting, n, hits, width, bias, without, cautioned, isTest }: Sums): Row {
  const share = n === 0 ? 0 : hits / n;
  return {
    ...about,
    claim: about.claim === "yes" && cautioned > n / 2 ? "caution" : about.claim,
    setting,
    repetitions: n,
    share: 100 * share,
    monteCarloError: n === 0 ? 0 : 100 * Math.sqrt((share * (1 - share)) / n),
    width: isTest || n === 0 ? null : width / n,
    bias: isTest || n === 0 ? null : bias / n,
    without,
  };
}

export const limitsOf = ({ lower, upper }: Estimate): Limits | null =>
  lower === null || upper === null ? null : [lower, upper];
