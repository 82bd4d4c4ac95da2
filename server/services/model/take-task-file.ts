import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { isLost, type OpenObject, store } from "@/server/store";
import { findTask } from "./find-task";

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
  const file = await store.get(resultSha256).catch((error: unknown) => {
    throw kind === "export" && isLost(error)
      ? new AppError("unavailable", { key: "errors.export_missing", values: { file: resultName ?? taskId } })
      : error;
  });
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
