import { and, asc, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { crop, cropScore, datasetItem, modelRun, studiedNode, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { ScoredCrop } from "@/server/schemas/model";
import { doneRun } from "./done-run";
import { noteLook } from "./note-look";

/**
 * Every crop of the study that a run has scored, by subject, node and plane. Fold -1: scored by the final model; truth is null for
 * crops outside the snapshot. Scores beside the truth are figures: that somebody looked is written down.
 * @throws AppError "not_found" without such a run, "conflict" while it is not done
 */
export async function findScoredCrops(tx: Tx, actor: StudyActor, { runId }: { runId: string }): Promise<ScoredCrop[]> {
  await doneRun(tx, actor, runId);
  const rows = await tx
    .select({
      cropId: cropScore.cropId,
      subject: subject.number,
      node: studiedNode.label,
      plane: crop.plane,
      sha256: crop.sha256,
      fold: cropScore.fold,
      score: cropScore.score,
      truth: datasetItem.truth,
    })
    .from(cropScore)
    .innerJoin(modelRun, eq(modelRun.id, cropScore.runId))
    .innerJoin(crop, eq(crop.id, cropScore.cropId))
    .innerJoin(studiedNode, and(eq(studiedNode.id, crop.nodeId), eq(studiedNode.studyId, crop.studyId)))
    .innerJoin(subject, eq(subject.id, studiedNode.subjectId))
    .leftJoin(
      datasetItem,
      and(eq(datasetItem.snapshotId, modelRun.snapshotId), eq(datasetItem.cropId, cropScore.cropId)),
    )
    .where(and(eq(cropScore.runId, runId), eq(cropScore.studyId, actor.studyId)))
    .orderBy(sql`${subject.number} collate "C"`, asc(studiedNode.ordinal), sql`${crop.plane} collate "C"`);
  if (rows.length > 0) await noteLook(tx, [runId]);
  return rows.map((row) => ({ ...row, truth: row.truth === null ? null : row.truth === 1 ? 1 : 0 }));
}
