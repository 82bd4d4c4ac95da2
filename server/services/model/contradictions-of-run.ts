import { and, asc, eq } from "drizzle-orm";
import { z } from "zod";
import { contradictionsIn } from "@/core/splits/contradictions";
import type { Tx } from "@/db/actor";
import { crop, datasetItem, datasetSnapshot, modelRun } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { Contradiction } from "@/server/schemas/leakage";
import { noteLook } from "./note-look";

const pairs = z.array(z.tuple([z.uuid(), z.uuid()]).rest(z.unknown()));

/**
 * Images of a run's snapshot that are the same picture and stand for opposite truths, in the order of the study. That somebody looked at truths is
 * written down where there are any.
 */
export async function contradictionsOfRun(
  tx: Tx,
  actor: StudyActor,
  { runId }: { runId: string },
): Promise<Contradiction[]> {
  const [snapshot] = await tx
    .select({ id: datasetSnapshot.id, nearDuplicates: datasetSnapshot.nearDuplicates })
    .from(modelRun)
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, modelRun.snapshotId))
    .where(and(eq(modelRun.id, runId), eq(modelRun.studyId, actor.studyId)));
  if (!snapshot) return [];
  const items = await tx
    .select({
      cropId: datasetItem.cropId,
      subject: datasetItem.subject,
      node: datasetItem.node,
      plane: crop.plane,
      truth: datasetItem.truth,
      pixelSha256: datasetItem.pixelSha256,
    })
    .from(datasetItem)
    .innerJoin(crop, eq(crop.id, datasetItem.cropId))
    .where(eq(datasetItem.snapshotId, snapshot.id))
    .orderBy(asc(datasetItem.position));
  const placeOf = new Map(items.map(({ cropId, subject, node, plane }) => [cropId, { subject, node, plane }]));
  const found = contradictionsIn(
    items.map(({ cropId, truth, pixelSha256 }) => ({
      id: cropId,
      truth: truth === 1 ? 1 : 0,
      duplicateKey: pixelSha256 ?? cropId,
    })),
    pairs.parse(snapshot.nearDuplicates ?? []).map(([a, b]) => [a, b] as const),
  );
  if (found.length > 0) await noteLook(tx, [runId]);
  return found.flatMap(({ first, second, identical }) => {
    const [one, other] = [placeOf.get(first), placeOf.get(second)];
    return one && other ? [{ first: one, second: other, identical }] : [];
  });
}
