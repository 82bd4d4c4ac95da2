import type { Said } from "@/core/words";

/** What a run's fold said of its tuning part. */
export interface TunedFold {
  runId: string;
  fold: number;
  tuningAuc: number | null;
}

export interface Choice {
  fold: number;
  runId: string;
  frozen: number;
  tuningAuc: number;
}

/**
 * The depth of each fold: best tuning AUC, ties to the larger number of frozen layers. Pure.
 * @returns a choice a fold, or why there is none
 */
export function chooseDepths(
  depths: readonly { runId: string; frozen: number }[],
  tuned: readonly TunedFold[],
  folds: number,
): Choice[] | { reason: Said } {
  const choices: Choice[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const candidates = depths.flatMap(({ runId, frozen }) => {
      const tuningAuc = tuned.find((each) => each.runId === runId && each.fold === fold)?.tuningAuc ?? null;
      return tuningAuc === null ? [] : [{ fold, runId, frozen, tuningAuc }];
    });
    const [best] = candidates.toSorted((a, b) => b.tuningAuc - a.tuningAuc || b.frozen - a.frozen);
    if (!best || candidates.length < depths.length)
      return {
        reason: { key: "model.reason.fold_without_tuning", values: { fold: fold + 1 } },
      };
    choices.push(best);
  }
  return choices;
}
