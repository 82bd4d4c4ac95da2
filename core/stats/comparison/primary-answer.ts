import type { Said } from "../../words";
import { because, by, type Estimate, notEstimable } from "../types";
import type { ReaderAverage } from "./reader-averages";

/** The contrast that the protocol named before anything was known. */
export interface PlannedContrast {
  /** The new one: a condition, or null for the network. */
  first: string | null;
  second: string;
  measure: "auc" | "sensitivity" | "specificity";
  readers: "fixed" | "random";
  /** Of non-inferiority, a fraction; null: a test of a difference. */
  margin: number | null;
}

export interface PrimaryAnswer extends PlannedContrast {
  /** Readers behind the average. */
  averagedOver: string[];
  n: number;
  reads: number;
  possible: number;
  /** First less second. */
  difference: Estimate;
  df: number | null;
  p: number | null;
  /**
   * By the 95 % interval alone: above 0, below 0, above minus the margin (and not above 0), or nothing of the kind. Null without an interval.
   */
  verdict: "better" | "worse" | "not_worse" | "not_shown" | null;
}

/** The planned contrast out of the averages that were computed; null when the protocol plans none. */
export function primaryAnswer(averages: readonly ReaderAverage[], plan: PlannedContrast | null): PrimaryAnswer | null {
  if (!plan) return null;
  const found = averages.find(
    ({ first, second, measure }) =>
      measure === plan.measure &&
      ((first === plan.first && second === plan.second) ||
        (plan.first !== null && first === plan.second && second === plan.first)),
  );
  const test = found && (plan.readers === "fixed" ? found.fixed : found.random);
  if (!found || !test) {
    const difference = missing(found !== undefined, found?.n ?? 0, found?.fixed.difference.method);
    const { readers: averagedOver = [], n = 0, reads = 0, possible = 0 } = found ?? {};
    return { ...plan, averagedOver, n, reads, possible, difference, df: null, p: null, verdict: null };
  }
  const { readers: averagedOver, n, reads, possible } = found;
  const difference = found.first === plan.first ? test.difference : turned(test.difference);
  return {
    ...plan,
    ...{ averagedOver, n, reads, possible, difference },
    df: test.df,
    p: test.p,
    // Without a test nothing is concluded from the interval either.
    verdict: test.p === null ? null : verdictOf(difference, plan.margin),
  };
}

function missing(hasAverage: boolean, n: number, method: Said | undefined): Estimate {
  const reason = because(hasAverage ? "few_readers_no_average" : "planned_not_read");
  return notEstimable({ reason, method: method ?? by("planned"), n });
}

function turned(difference: Estimate): Estimate {
  if (difference.estimate === null) return difference;
  const { estimate, lower, upper } = difference;
  return {
    ...difference,
    estimate: -estimate,
    lower: upper === null ? null : -upper,
    upper: lower === null ? null : -lower,
  };
}

function verdictOf({ lower, upper }: Estimate, margin: number | null): PrimaryAnswer["verdict"] {
  if (lower === null || upper === null) return null;
  if (lower > 0) return "better";
  if (upper < 0) return "worse";
  return margin !== null && lower > -margin ? "not_worse" : "not_shown";
}
