import { and, asc, eq, gte, inArray, or, sql } from "drizzle-orm";
import { regimen } from "@/core/protocol/regimen";
import { controlLabels } from "@/core/splits/shuffle-labels";
import type { ScoredImage } from "@/core/stats/comparison/networks";
import type { Tx } from "@/db/actor";
import { cropScore, datasetItem, modelRun, runFold } from "@/db/schema";

/** A score that counts, with the fold whose model gave it. */
export type JudgedImage = ScoredImage & { fold: number };

/**
 * The scores by which runs are judged, in the order of the snapshot: out-of-fold scores of the crops of the run's snapshot, each with the
 * threshold of the model of its fold. Scores by the final model (fold -1) and of crops outside the snapshot are left
 * out; a model trained elsewhere has no folds, so all of its scores count. A control that learned exchanged labels is judged by these labels:
 * judged by the truth it would score 0.5 however much leaks.
 */
export async function scoredImages(
  tx: Tx,
  actor: { studyId: string },
  runIds: readonly string[],
): Promise<Map<string, JudgedImage[]>> {
  const scores = new Map(runIds.map((id): [string, JudgedImage[]] => [id, []]));
  if (runIds.length === 0) return scores;
  const runs = await tx
    .select({ id: modelRun.id, config: modelRun.config, snapshotId: modelRun.snapshotId })
    .from(modelRun)
    .where(and(eq(modelRun.studyId, actor.studyId), inArray(modelRun.id, [...runIds])));
  const thresholds = new Map<string, number>();
  const controls = new Map<string, Map<string, 0 | 1>>();
  for (const { id, config, snapshotId } of runs) {
    const { threshold, shuffledLabels, seed } = regimen.parse(config);
    thresholds.set(id, threshold);
    if (shuffledLabels) controls.set(id, await labelsOfControl(tx, { snapshotId, seed }));
  }
  const rows = await tx
    .select({
      runId: cropScore.runId,
      id: cropScore.cropId,
      subject: datasetItem.subject,
      node: datasetItem.node,
      truth: datasetItem.truth,
      fold: cropScore.fold,
      score: cropScore.score,
      threshold: runFold.threshold,
    })
    .from(cropScore)
    .innerJoin(modelRun, eq(modelRun.id, cropScore.runId))
    .innerJoin(
      datasetItem,
      and(eq(datasetItem.snapshotId, modelRun.snapshotId), eq(datasetItem.cropId, cropScore.cropId)),
    )
    .leftJoin(runFold, and(eq(runFold.runId, cropScore.runId), eq(runFold.fold, cropScore.fold)))
    .where(
      and(
        eq(cropScore.studyId, actor.studyId),
        inArray(cropScore.runId, [...runIds]),
        or(gte(cropScore.fold, 0), sql`${modelRun.config} ->> 'trainable' = 'elsewhere'`),
      ),
    )
    .orderBy(asc(datasetItem.position));
  for (const { runId, truth, threshold, ...image } of rows)
    scores.get(runId)?.push({
      ...image,
      truth: controls.get(runId)?.get(image.id) ?? (truth === 1 ? 1 : 0),
      threshold: threshold ?? thresholds.get(runId) ?? Number.NaN,
    });
  return scores;
}

/** The exchanged labels that a control learned on its snapshot, by crop. */
async function labelsOfControl(
  tx: Tx,
  { snapshotId, seed }: { snapshotId: string; seed: number },
): Promise<Map<string, 0 | 1>> {
  const items = await tx
    .select({
      id: datasetItem.cropId,
      subject: datasetItem.subject,
      node: datasetItem.node,
      truth: datasetItem.truth,
      fold: datasetItem.fold,
    })
    .from(datasetItem)
    .where(eq(datasetItem.snapshotId, snapshotId));
  return controlLabels(
    items.map((item) => ({ ...item, truth: item.truth === 1 ? 1 : 0 })),
    seed,
  );
}
