import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { crop, job, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { PassportNetwork } from "@/server/schemas/passport";
import { scoredCrops } from "@/server/services/analysis/scored-crops";

/** The out-of-fold scores of a node's images by the run that speaks for the network. */
export async function networkOf(tx: Tx, actor: StudyActor, { nodeId }: { nodeId: string }): Promise<PassportNetwork> {
  const { run, scores } = await scoredCrops(tx, actor);
  if (!run) return { run: null, scores: [] };
  const [asked] = await tx
    .select({ by: person.name })
    .from(job)
    .leftJoin(person, eq(person.id, job.createdBy))
    .where(eq(job.id, run.id));
  const crops = await tx
    .select({ id: crop.id, plane: crop.plane })
    .from(crop)
    .where(and(eq(crop.studyId, actor.studyId), eq(crop.nodeId, nodeId)));
  const planeOf = new Map(crops.map(({ id, plane }) => [id, plane]));
  return {
    run: {
      ...{ id: run.id, trainable: run.config.trainable, endedAt: run.endedAt, by: asked?.by ?? null },
      ...{ leakage: run.leakage, cautions: run.cautions },
    },
    scores: scores.flatMap(({ id, score, threshold, fold }) => {
      const plane = planeOf.get(id);
      return plane === undefined ? [] : [{ cropId: id, plane, score, threshold, fold }];
    }),
  };
}
