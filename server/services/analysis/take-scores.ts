import { foldNumber } from "@/core/network/folds";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { scoredCrops } from "@/server/services/analysis/scored-crops";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";

export interface ScoreRow {
  subject: string;
  node: string;
  plane: string;
  /** From 1; null: a model trained elsewhere. */
  fold: number | null;
  /** In [0, 1], from the model of the fold, which never trained on the image, nor in a split by patient on any of the subject. */
  score: number;
  truth: 0 | 1;
}

type ScoredRun = NonNullable<Awaited<ReturnType<typeof scoredCrops>>["run"]>;

/**
 * Out-of-fold scores of the run that speaks for the network (or of `runId`), in the order of the study, for a file; noted as taken. Null when there
 * is none.
 */
export async function takeScores(
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<{ run: ScoredRun; rows: ScoreRow[] } | null> {
  return withActor(actor, async (tx) => {
    const { run, scores } = await scoredCrops(tx, actor, options);
    if (!run) return null;
    const scoreOf = new Map(scores.map((each) => [each.id, each]));
    const rows = (await findLabelledCrops(tx, actor)).flatMap(({ cropId, subject, node, plane, truth }) => {
      const found = scoreOf.get(cropId);
      return found ? [{ subject, node, plane, fold: foldNumber(found.fold), score: found.score, truth }] : [];
    });
    await record(tx, "scores.exported", { entity: "model_run", entityId: run.id, detail: { images: rows.length } });
    return { run, rows };
  });
}
