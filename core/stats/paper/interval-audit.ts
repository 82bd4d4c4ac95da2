import { z95 } from "../distributions";
import { StatsError } from "../errors";
import { commonDenominator, inCommonUnits, type Printed } from "./printed";

export interface IntervalAudit {
  /** Whether the estimate can be the middle, rounding allowed for. */
  symmetric: boolean;
  middle: number;
  /** What each limit would be if estimate and the other limit hold. */
  lowerIfUpperHolds: number;
  upperIfLowerHolds: number;
  /** Standard error behind a 95 % normal interval, from each side. */
  standardErrors: readonly [fromLower: number, fromUpper: number];
}

/**
 * Whether a printed interval is symmetric about its estimate, as estimate +- z SE is (Cohen's kappa, DeLong). Wilson,
 * logit, bootstrap and clipped intervals are not, and prove no misprint.
 * @example
 * auditInterval({ estimate: fraction(".359"), lower: fraction(".228"), upper: fraction(".430") }).middle // .329
 * @throws StatsError unless lower <= estimate <= upper
 */
export function auditInterval(options: { estimate: Printed; lower: Printed; upper: Printed }): IntervalAudit {
  const { estimate, lower, upper } = options;
  if (!(lower.value <= estimate.value && estimate.value <= upper.value))
    throw new StatsError("out_of_range", `${estimate.text} does not lie in ${lower.text}..${upper.text}.`);
  const [middle, low, high] = [inCommonUnits(estimate), inCommonUnits(lower), inCommonUnits(upper)];
  return {
    symmetric: low.low + high.low <= 2 * middle.high && low.high + high.high >= 2 * middle.low,
    middle: decimal((lower.value + upper.value) / 2),
    lowerIfUpperHolds: decimal(2 * estimate.value - upper.value),
    upperIfLowerHolds: decimal(2 * estimate.value - lower.value),
    standardErrors: [(estimate.value - lower.value) / z95, (upper.value - estimate.value) / z95],
  };
}

/** Sums of printed decimals without the noise of binary fractions. */
const decimal = (value: number): number => Math.round(value * commonDenominator) / commonDenominator;
