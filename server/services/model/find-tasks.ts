import { and, desc, eq } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { job, runTask as runTaskTable } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type RunTask, runTask } from "@/server/schemas/model";
import { type OpenObject, store } from "@/server/store";

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

/**
 * The file that a task made. Only a worker can name a file in a task. It is opened outside any transaction, and an export is noted as
 * handed out when there are bytes to hand out; an explanation is part of its page and is not. The stream fails before its end where the file is damaged.
 * @throws AppError "not_found" without such a task in the study, "conflict" while it has made no file, "unavailable" when the file is missing
 */
export async function takeTaskFile(
  actor: StudyActor,
  { taskId }: { taskId: string },
): Promise<OpenObject & { sha256: string; mediaType: string; name: string }> {
  const task = await withActor(actor, (tx) => findTask(tx, actor, { taskId }));
  const { state, kind, resultSha256, resultType, resultName } = task;
  if (state !== "done" || resultSha256 === null || resultType === null)
    throw new AppError(
      "conflict",
      state === "done"
        ? { key: "errors.task_without_file", values: { task: taskId, kind } }
        : {
            key: state === "queued" || state === "running" ? "errors.task_file_pending" : "errors.task_file_none",
            values: { task: taskId, state },
          },
    );
  const file = await store.get(resultSha256);
  const detail = { kind, sha256: resultSha256 };
  if (kind === "export")
    await withActor(actor, (tx) =>
      record(tx, "run.file_taken", { entity: "run_task", entityId: taskId, detail }),
    ).catch((error: unknown) => {
      file.stream.destroy();
      throw error;
    });
  return { ...file, sha256: resultSha256, mediaType: resultType, name: resultName ?? `${kind}-${taskId}` };
}
