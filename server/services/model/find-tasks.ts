import { and, desc, eq } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { job, runTask as runTaskTable } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { type RunTask, runTask } from "@/server/schemas/model";

/** What runs of the study were asked for, newest first; with `runId` what that one was asked for, with `taskId` that task only. */
export async function findTasks(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string; taskId?: string } = {},
): Promise<RunTask[]> {
  const rows = await tx
    .select({ job, task: runTaskTable })
    .from(runTaskTable)
    .innerJoin(job, eq(job.id, runTaskTable.id))
    .where(
      and(
        eq(runTaskTable.studyId, actor.studyId),
        options.runId ? eq(runTaskTable.runId, options.runId) : undefined,
        options.taskId ? eq(runTaskTable.id, options.taskId) : undefined,
      ),
    )
    .orderBy(desc(job.createdAt), desc(job.id));
  return rows.map(({ job, task }) => runTask.parse({ ...job, ...task, error: job.error && fromStored(job.error) }));
}
