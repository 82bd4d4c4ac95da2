import { and, desc, eq, inArray } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { job, modelRun } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** The newest run that is queued or running, by id; null when there is none. */
export async function runUnderWay(tx: Tx, actor: StudyActor): Promise<string | null> {
  const [run] = await tx
    .select({ id: modelRun.id })
    .from(modelRun)
    .innerJoin(job, eq(job.id, modelRun.id))
    .where(and(eq(modelRun.studyId, actor.studyId), inArray(job.state, ["queued", "running"])))
    .orderBy(desc(job.createdAt))
    .limit(1);
  return run?.id ?? null;
}
