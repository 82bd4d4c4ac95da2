import { and, desc, eq, inArray, isNull } from "drizzle-orm";
import { finalFold } from "@/core/network/folds";
import type { Tx } from "@/db/actor";
import { cropScore, job, runFold, runTask } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { queueJob } from "@/server/jobs";
import type { TaskInput } from "@/server/schemas/model";
import { store } from "@/server/store";
import { doneRun } from "./done-run";

/**
 * Asks a finished run for scores of new crops, an explanation of a crop, or a file for other programs. An explanation or a file that is there
 * already, or anything that is being made, is not made again: its task is returned. What is missing from the store is made again.
 * @throws AppError "not_found" without such a run or crop, "conflict" when the run is not done or has no model for this
 */
export async function requestTask(tx: Tx, actor: StudyActor, task: TaskInput): Promise<{ taskId: string }> {
  const run = await doneRun(tx, actor, task.runId);
  const { trainable } = run.config;
  if (trainable === "elsewhere" || trainable === "baseline")
    throw new AppError("conflict", {
      key: trainable === "elsewhere" ? "errors.elsewhere_without_network" : "errors.baseline_without_network",
    });
  const fold = task.kind === "explain" ? await foldOf(tx, actor, task) : finalFold;
  await refuseWithoutModel(tx, run.id, fold);

  const cropId = task.kind === "explain" ? task.cropId : null;
  const variant = task.kind === "score" ? "" : task.variant;
  const [same] = await tx
    .select({ id: runTask.id, file: runTask.resultSha256 })
    .from(runTask)
    .innerJoin(job, eq(job.id, runTask.id))
    .where(
      and(
        eq(runTask.runId, run.id),
        eq(runTask.kind, task.kind),
        eq(runTask.variant, variant),
        cropId === null ? isNull(runTask.cropId) : eq(runTask.cropId, cropId),
        // New crops may have come since the last scoring; what was explained or exported stays as it is.
        inArray(job.state, task.kind === "score" ? ["queued", "running"] : ["queued", "running", "done"]),
      ),
    )
    .orderBy(desc(job.createdAt))
    .limit(1);
  if (same && (same.file === null || (await store.has(same.file)))) return { taskId: same.id };

  const taskId = await queueJob(tx, actor, { kind: "task" });
  await tx
    .insert(runTask)
    .values({ id: taskId, studyId: actor.studyId, runId: run.id, kind: task.kind, cropId, variant });
  await record(tx, "run.task_queued", {
    entity: "run_task",
    entityId: taskId,
    detail: { run: run.id, kind: task.kind, variant, crop: cropId },
  });
  return { taskId };
}

/** The fold whose model scored a crop: that model explains it. */
async function foldOf(
  tx: Tx,
  actor: StudyActor,
  { runId, cropId }: { runId: string; cropId: string },
): Promise<number> {
  const [scored] = await tx
    .select({ fold: cropScore.fold })
    .from(cropScore)
    .where(and(eq(cropScore.runId, runId), eq(cropScore.cropId, cropId), eq(cropScore.studyId, actor.studyId)));
  if (!scored) throw new AppError("not_found", { key: "errors.crop_not_scored", values: { run: runId, crop: cropId } });
  return scored.fold;
}

async function refuseWithoutModel(tx: Tx, runId: string, fold: number): Promise<void> {
  const [model] = await tx
    .select({ sha256: runFold.modelSha256 })
    .from(runFold)
    .where(and(eq(runFold.runId, runId), eq(runFold.fold, fold)));
  if (model?.sha256) return;
  throw new AppError(
    "conflict",
    fold === finalFold ? { key: "errors.no_final_model" } : { key: "errors.no_fold_model", values: { fold: fold + 1 } },
  );
}
