import { StatsError } from "./errors";
import { checkScored } from "./input";

export interface NetBenefit {
  threshold: number;
  /** Of calling positive what scores at least the threshold. */
  model: number;
  treatAll: number;
  treatNone: 0;
}

/**
 * Decision curve: net benefit = TP/n - FP/n pt/(1 - pt) at each threshold probability pt (Vickers AJ, Elkin EB. Med Decis Making
 * 2006;26:565-574), in true positives per image. Scores are probabilities, 0..1; an image is positive when its score >= pt. Empty
 * without images.
 * @throws StatsError when lengths differ, truth is not 0/1, a score lies outside 0..1, or a threshold outside 0 <= pt < 1
 */
export function netBenefit(input: {
  truth: readonly number[];
  score: readonly number[];
  thresholds: readonly number[];
}): NetBenefit[] {
  checkScored(input);
  const { truth, score, thresholds } = input;
  for (const [index, value] of score.entries()) {
    if (value < 0 || value > 1)
      throw new StatsError("out_of_range", `score[${index}] is ${value}; a probability lies in 0..1.`, index);
  }
  for (const [index, value] of thresholds.entries()) {
    if (!(value >= 0 && value < 1))
      throw new StatsError(
        "out_of_range",
        `thresholds[${index}] is ${value}; it must be 0 or more and below 1.`,
        index,
      );
  }
  const n = truth.length;
  if (n === 0) return [];
  const positives = truth.filter((value) => value === 1).length;
  return thresholds.map((threshold) => {
    const odds = threshold / (1 - threshold);
    const called = score.filter((value) => value >= threshold).length;
    const found = score.filter((value, i) => value >= threshold && truth[i] === 1).length;
    const benefit = (tp: number, fp: number) => tp / n - (fp / n) * odds;
    const model = benefit(found, called - found);
    return { threshold, model, treatAll: benefit(positives, n - positives), treatNone: 0 };
  });
}
