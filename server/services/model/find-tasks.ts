import { and, desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { runTask as runTaskTable, storedObject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type RunTask, runTask } from "@/server/schemas/model";

/** What a run was asked for, newest first. */
export async function findTasks(tx: Tx, actor: StudyActor, { runId }: { runId: string }): Promise<RunTask[]> {
  const rows = await tx
    .select()
    .from(runTaskTable)
    .where(and(eq(runTaskTable.runId, runId), eq(runTaskTable.studyId, actor.studyId)))
    .orderBy(desc(runTaskTable.createdAt), desc(runTaskTable.id));
  return rows.map((row) => runTask.parse(row));
}

/**
 * One task of the study.
 * @throws AppError "not_found" without such a task in the study
 */
export async function findTask(tx: Tx, actor: StudyActor, { taskId }: { taskId: string }): Promise<RunTask> {
  const [row] = await tx
    .select()
    .from(runTaskTable)
    .where(and(eq(runTaskTable.id, taskId), eq(runTaskTable.studyId, actor.studyId)));
  if (!row)
    throw new AppError("not_found", `There is no task ${taskId} in this study, or the database is not locked yet.`);
  return runTask.parse(row);
}

/**
 * Where the file that a task made lies in the store. A row that names a file which is not this study's gives nothing: the store is one for all
 * studies.
 * @throws AppError "not_found" without such a task or file in the study, "conflict" while it has made no file
 */
export async function findTaskFile(
  tx: Tx,
  actor: StudyActor,
  { taskId }: { taskId: string },
): Promise<{ sha256: string; mediaType: string; name: string }> {
  const { state, kind, resultSha256, resultName } = await findTask(tx, actor, { taskId });
  if (state !== "done" || resultSha256 === null)
    throw new AppError(
      "conflict",
      state === "done"
        ? `Task ${taskId} (${kind}) makes no file.`
        : `Task ${taskId} is ${state}; there is no file ${state === "queued" || state === "running" ? "yet" : "of it. Ask for it again"}.`,
    );
  const [stored] = await tx
    .select({ mediaType: storedObject.mediaType })
    .from(storedObject)
    .where(and(eq(storedObject.sha256, resultSha256), eq(storedObject.studyId, actor.studyId)));
  if (!stored) throw new AppError("not_found", `The file of task ${taskId} is not among the files of this study.`);
  return { sha256: resultSha256, mediaType: stored.mediaType, name: resultName ?? `${kind}-${taskId}` };
}
