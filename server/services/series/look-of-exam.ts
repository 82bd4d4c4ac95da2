import { and, eq, ne, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { imageInstance, imageLook, imageSeries, study, unlookedImage } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** How far letters are looked for in the images of an exam; null where all were looked at, or none is: of a locked study no more are. */
export async function lookOfExam(tx: Tx, { studyId }: StudyActor, { examId }: { examId: string }) {
  const [found] = await tx
    .select({
      total: sql<number>`count(distinct ${imageLook.instanceId})::int`,
      unlooked: sql<number>`count(distinct ${unlookedImage.instanceId})::int`,
      waiting: sql<number>`count(distinct ${unlookedImage.instanceId}) filter (where ${unlookedImage.waits})::int`,
      // A worker needs a moment to find what has just come.
      isUnderWay: sql<boolean>`nw.is_looked_for() or coalesce(min(${unlookedImage.askedAt}) > clock_timestamp() - interval '30 seconds', false)`,
    })
    .from(imageLook)
    .innerJoin(imageInstance, eq(imageInstance.id, imageLook.instanceId))
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .innerJoin(study, and(eq(study.id, imageLook.studyId), ne(study.state, "locked")))
    .leftJoin(unlookedImage, eq(unlookedImage.instanceId, imageLook.instanceId))
    .where(and(eq(imageLook.studyId, studyId), eq(imageSeries.examId, examId)));
  if (!found || found.unlooked === 0) return null;
  const { total, unlooked, waiting, isUnderWay } = found;
  return { looked: total - unlooked, total, waiting, isUnderWay };
}
