import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { crop, node } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { inUse } from "@/server/services/enrolment/in-use";
import { isLost, type OpenObject, store } from "@/server/store";
import { findTask } from "./find-task";

/**
 * The file that a task made. Only a worker can name a file in a task. It is opened outside any transaction, and an export is noted as
 * handed out when there are bytes to hand out; an explanation is part of its page and is not. The stream fails before its end where the file is damaged.
 * @throws AppError "not_found" without such a task in the study, or of an image that is used no more, "conflict" while it has made no file, "unavailable" when the file is missing
 */
export async function takeTaskFile(
  actor: StudyActor,
  { taskId }: { taskId: string },
): Promise<OpenObject & { sha256: string; mediaType: string; name: string }> {
  const task = await withActor(actor, async (tx) => {
    const task = await findTask(tx, actor, { taskId });
    if (task.cropId !== null) await refuseUnused(tx, task.cropId, taskId);
    return task;
  });
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

/** An explanation is a picture of its image: of a subject who wants the images used no more it is handed out no more either. */
async function refuseUnused(tx: Tx, cropId: string, taskId: string): Promise<void> {
  const [used] = await tx
    .select({ id: crop.id })
    .from(crop)
    .innerJoin(node, eq(node.id, crop.nodeId))
    .where(and(eq(crop.id, cropId), inUse(node.subjectId)));
  if (!used) throw new AppError("not_found", { key: "errors.task_unknown", values: { task: taskId } });
}
