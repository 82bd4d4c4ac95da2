import { checkRange } from "../input";
import type { Scored } from "../types";
import { rocPoints } from "./roc-points";

export interface PartialAuc {
  /** The area over the range: at most its width. */
  raw: number;
  /** McClish's: 1/2 without discrimination, 1 when perfect; null where the curve lies below the diagonal and it is not defined. */
  corrected: number | null;
}

/** A curve on the diagonal may lie below it by this. */
const rounding = 1e-12;

/**
 * Partial area under the empirical ROC curve.
 *
 * Over a range of specificity the sensitivity is integrated, over a range of sensitivity the specificity, on the curve joined by straight
 * lines. Corrected area: (1 + (raw - min) / (max - min)) / 2, min the area under the diagonal, max the width of the range
 * (McClish DK. Med Decis Making 1989;9:190-195). No interval here: bootstrap by patient.
 * @param options.over the axis that is restricted
 * @param options.from,to the range, fractions 0..1
 * @example partialAuc({ truth: [0, 0, 1, 1], score: [1, 3, 2, 4], direction: "higher", over: "specificity", from: 0.5, to: 1 }).raw // 0.25
 * @throws StatsError as `rocPoints`, or when the range is not within 0..1
 */
export function partialAuc(
  options: Scored & { over: "specificity" | "sensitivity"; from: number; to: number },
): PartialAuc {
  const { over, from, to } = options;
  checkRange({ from, to }, [0, 1]);
  checkRange({ "to - from": to - from }, [Number.MIN_VALUE, 1]);
  // As a curve y(x): of sensitivity over 1 - specificity, or mirrored, of specificity over 1 - sensitivity.
  const points = rocPoints(options).map(({ fpr, tpr }) => (over === "specificity" ? [fpr, tpr] : [1 - tpr, 1 - fpr]));
  const curve = over === "specificity" ? points : points.reverse();
  const [left, right] = [1 - to, 1 - from];
  let raw = 0;
  for (const [i, [x2 = 0, y2 = 0]] of curve.entries()) {
    const [x1 = 0, y1 = 0] = curve[i - 1] ?? [x2, y2];
    const [a, b] = [Math.max(x1, left), Math.min(x2, right)];
    if (a >= b) continue;
    const at = (x: number) => y1 + ((y2 - y1) * (x - x1)) / (x2 - x1);
    raw += ((b - a) * (at(a) + at(b))) / 2;
  }
  const [least, most] = [(right * right - left * left) / 2, right - left];
  return { raw, corrected: raw < least - rounding ? null : (1 + (raw - least) / (most - least)) / 2 };
}
