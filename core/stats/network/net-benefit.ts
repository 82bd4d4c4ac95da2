import { StatsError } from "../errors";
import { checkScored } from "../input";

export interface NetBenefit {
  threshold: number;
  /** Of calling positive what scores at least the threshold. */
  model: number;
  treatAll: number;
  treatNone: 0;
}

/**
 * The runs of neighbouring thresholds at which the model has more net benefit than both calling all and calling none positive.
 * @example rangesOfBenefit([{ threshold: 0.1, model: 0.3, treatAll: 0.2, treatNone: 0 }])[0].from // 0.1
 */
export function rangesOfBenefit(curve: readonly NetBenefit[]): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  let isOpen = false;
  for (const { threshold, model, treatAll } of curve) {
    const isBest = model > Math.max(0, treatAll) + rounding;
    const last = ranges.at(-1);
    if (isBest && isOpen && last) last.to = threshold;
    else if (isBest) ranges.push({ from: threshold, to: threshold });
    isOpen = isBest;
  }
  return ranges;
}

/** Two net benefits that are equal on paper may differ by this. */
const rounding = 1e-12;

/**
 * Decision curve: net benefit = TP/n - FP/n pt/(1 - pt) at each threshold probability pt (Vickers AJ, Elkin EB. Med Decis Making
 * 2006;26:565-574), in true positives per unit. Scores are probabilities of disease, 0..1; a unit is positive when its score >= pt.
 * @example netBenefit({ truth: [0, 0, 1, 1], score: [0.1, 0.6, 0.4, 0.9], thresholds: [0.5] })[0].model // 0
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, a score lies outside 0..1, or a threshold outside 0 <= pt < 1
 */
export function netBenefit(input: {
  truth: ArrayLike<number>;
  score: ArrayLike<number>;
  thresholds: readonly number[];
}): NetBenefit[] {
  const { truth, score, thresholds } = input;
  const positives = checkScored({ truth, score, direction: "higher" });
  const n = truth.length;
  for (let i = 0; i < n; i++) {
    const value = score[i] ?? 0;
    if (value < 0 || value > 1)
      throw new StatsError("out_of_range", `score[${i}] is ${value}; a probability lies in 0..1.`, i);
  }
  for (const [index, value] of thresholds.entries()) {
    if (!(value >= 0 && value < 1))
      throw new StatsError(
        "out_of_range",
        `thresholds[${index}] is ${value}; it must be 0 or more and below 1.`,
        index,
      );
  }
  return thresholds.map((threshold) => {
    const odds = threshold / (1 - threshold);
    const benefit = (tp: number, fp: number) => tp / n - (fp / n) * odds;
    let [tp, fp] = [0, 0];
    for (let i = 0; i < n; i++) {
      if ((score[i] ?? 0) < threshold) continue;
      if (truth[i] === 1) tp++;
      else fp++;
    }
    const treatAll = benefit(positives, n - positives);
    return { threshold, model: benefit(tp, fp), treatAll, treatNone: 0 };
  });
}
