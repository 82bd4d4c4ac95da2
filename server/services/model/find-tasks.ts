import { and, desc, eq } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { job, runTask as runTaskTable } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type RunTask, runTask } from "@/server/schemas/model";
import { store } from "@/server/store";

const tasksWithJobs = (tx: Tx) =>
  tx.select({ job, task: runTaskTable }).from(runTaskTable).innerJoin(job, eq(job.id, runTaskTable.id));

const taskOf = ({ job, task }: Awaited<ReturnType<typeof tasksWithJobs>>[number]): RunTask =>
  runTask.parse({ ...job, ...task, error: job.error && fromStored(job.error) });

/** What a run was asked for, newest first. */
export async function findTasks(tx: Tx, actor: StudyActor, { runId }: { runId: string }): Promise<RunTask[]> {
  const rows = await tasksWithJobs(tx)
    .where(and(eq(runTaskTable.runId, runId), eq(runTaskTable.studyId, actor.studyId)))
    .orderBy(desc(job.createdAt), desc(job.id));
  return rows.map(taskOf);
}

/** Which of some tasks made an export that is no longer in the store: it can be asked for again. Asks the store, so outside any transaction. */
export async function withMissingFiles(tasks: readonly RunTask[]): Promise<(RunTask & { fileIsMissing: boolean })[]> {
  return Promise.all(
    tasks.map(async (task) => ({
      ...task,
      fileIsMissing: task.kind === "export" && task.resultSha256 !== null && !(await store.has(task.resultSha256)),
    })),
  );
}

/**
 * One task of the study.
 * @throws AppError "not_found" without such a task in the study
 */
export async function findTask(tx: Tx, actor: StudyActor, { taskId }: { taskId: string }): Promise<RunTask> {
  const [row] = await tasksWithJobs(tx).where(
    and(eq(runTaskTable.id, taskId), eq(runTaskTable.studyId, actor.studyId)),
  );
  if (!row) throw new AppError("not_found", { key: "errors.task_unknown", values: { task: taskId } });
  return taskOf(row);
}
