import type { ConfusionCounts } from "../counts/confusion";
import { StatsError } from "../errors";
import { checkCounts, checkRange } from "../input";
import { because, by, type NotEstimable, notEstimable } from "../types";
import { mostImages, type Printed, roundsTo } from "./printed";

/** Images read by both, and how many of them each reader called positive. */
export interface KappaStratum {
  images: number;
  first: number;
  second: number;
}

export interface KappaValue {
  /** Images that both called positive. */
  bothPositive: number;
  kappa: number;
}

export interface KappaAudit {
  lowest: KappaValue;
  highest: KappaValue;
  /** What one more image called positive by both adds to kappa. */
  step: number;
  /** The attainable kappas that round to the printed one; empty: it is not attainable. */
  matching: KappaValue[];
  /** The attainable kappas next to the printed value: at or below it, and above it. */
  below: KappaValue | null;
  above: KappaValue | null;
}

/**
 * Cohen's kappas that two binary reads of the same images can have, given how often each reader called positive, and
 * which of them round to the printed one.
 *
 * With x images called positive by both, x from max(0, m1 + m2 - n) to min(m1, m2) in each stratum, kappa = (n (2x +
 * n - m1 - m2) - E) / (n² - E), E = m1 m2 + (n - m1)(n - m2) (Cohen J. Educ Psychol Meas 1960;20:37-46): linear in x.
 * Not estimable when both readers gave all images one and the same call.
 * @param options.strata the whole sample as one stratum, or one for each truth (`kappaStrata`), which confines x
 * further
 * @example auditKappa({ strata: [{ images: 644, first: 270, second: 338 }], printed: fraction(".359") })
 * @throws StatsError when there is no stratum or image, more than 40000 images, a reader calls more images than there
 * are (index: the stratum), or the printed kappa lies outside -1..1
 */
export function auditKappa(options: { strata: readonly KappaStratum[]; printed: Printed }): KappaAudit | NotEstimable {
  const { strata, printed } = options;
  if (strata.length === 0) throw new StatsError("empty", "There is no stratum; give the images both readers read.");
  let [n, m1, m2, least, most] = [0, 0, 0, 0, 0];
  for (const [index, { images, first, second }] of strata.entries()) {
    checkCounts({ images, first, second });
    if (first > images || second > images)
      throw new StatsError("out_of_range", `Stratum ${index} has ${images} images; a reader calls more.`, index);
    n += images;
    m1 += first;
    m2 += second;
    least += Math.max(0, first + second - images);
    most += Math.min(first, second);
  }
  checkRange({ images: n }, [1, 2 * mostImages]);
  checkRange({ kappa: printed.value }, [-1, 1]);
  const chance = m1 * m2 + (n - m1) * (n - m2);
  const denominator = n * n - chance;
  if (denominator === 0) {
    const reason = because("readers_one_call");
    return notEstimable({ reason, method: by("kappa"), n });
  }
  const numerator = (x: number) => n * (2 * x + n - m1 - m2) - chance;
  const at = (x: number): KappaValue => ({ bothPositive: x, kappa: numerator(x) / denominator });
  const matching: KappaValue[] = [];
  let [below, above]: [KappaValue | null, KappaValue | null] = [null, null];
  for (let x = least; x <= most; x++) {
    if (roundsTo(printed, numerator(x), denominator)) matching.push(at(x));
    if (numerator(x) * printed.denominator <= denominator * (printed.low + 1)) below = at(x);
    else above ??= at(x);
  }
  return { lowest: at(least), highest: at(most), step: (2 * n) / denominator, matching, below, above };
}

/**
 * Two reads of the same images as the strata of `auditKappa`: the positive and the negative images.
 * @throws StatsError unless both tables have the same positives and negatives
 */
export function kappaStrata(first: ConfusionCounts, second: ConfusionCounts): [KappaStratum, KappaStratum] {
  const [positives, negatives] = [first.tp + first.fn, first.tn + first.fp];
  if (positives !== second.tp + second.fn || negatives !== second.tn + second.fp)
    throw new StatsError("length_mismatch", "The two reads have different margins; give reads of the same images.");
  return [
    { images: positives, first: first.tp, second: second.tp },
    { images: negatives, first: first.fp, second: second.fp },
  ];
}
