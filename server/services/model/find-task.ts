import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { RunTask } from "@/server/schemas/model";
import { findTasks } from "./find-tasks";

/**
 * One task of the study.
 * @throws AppError "not_found" without such a task in the study
 */
export async function findTask(tx: Tx, actor: StudyActor, { taskId }: { taskId: string }): Promise<RunTask> {
  const [task] = await findTasks(tx, actor, { taskId });
  if (!task) throw new AppError("not_found", { key: "errors.task_unknown", values: { task: taskId } });
  return task;
}
