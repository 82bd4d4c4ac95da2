import { fileURLToPath } from "node:url";
import { and, asc, eq, isNotNull, notExists, sql } from "drizzle-orm";
import { finalFold } from "@/core/network/folds";
import { SaidError } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { crop, cropScore, currentCrop, runFold, runTask, studiedNode, study } from "@/db/schema";
import { explainMethod, exportFormat } from "@/server/schemas/model";
import { noteStored } from "@/server/services/imaging/note-stored";
import { chooseEngine, type Engine } from "@/worker/engines";
import { formats } from "@/worker/export/formats";
import { runIsolated, withRestarts } from "@/worker/isolated";
import type { Lease, Work } from "@/worker/lease";
import type { TaskDetail, TaskMessage, TaskOrder } from "./task-process";

type Task = typeof runTask.$inferSelect;

let tried: Promise<Engine> | undefined;

/** The engine of this worker's tasks. Trying them takes seconds, for which nobody who waits for a picture should wait twice. */
function knownEngine(): Promise<Engine> {
  tried ??= chooseEngine();
  return tried;
}

/** The model of a fold. @throws Error where the run kept none */
async function modelOf(tx: Tx, runId: string, fold: number): Promise<string> {
  const [found] = await tx
    .select({ sha256: runFold.modelSha256 })
    .from(runFold)
    .where(and(eq(runFold.runId, runId), eq(runFold.fold, fold)));
  if (found?.sha256) return found.sha256;
  throw new SaidError(
    fold === finalFold ? { key: "worker.no_final_model" } : { key: "worker.no_fold_model", values: { fold: fold + 1 } },
  );
}

/** Of a node that is in the study: not excluded, and its subject did not withdraw it. */
const ofNode = and(eq(studiedNode.id, currentCrop.nodeId), eq(studiedNode.studyId, currentCrop.studyId));

const picture = { id: currentCrop.id, sha256: sql<string>`${currentCrop.sha256}` };
const withPicture = isNotNull(currentCrop.sha256);

const currentCrops = (tx: Tx, studyId: string) =>
  tx
    .select(picture)
    .from(currentCrop)
    .innerJoin(studiedNode, ofNode)
    .where(and(eq(currentCrop.studyId, studyId), withPicture))
    .orderBy(asc(currentCrop.id));

/** What the process is to do for a task, and what of the result is known already. */
async function orderOf(
  tx: Tx,
  task: Task,
  engine: Engine,
): Promise<{ order: TaskOrder; name: string | null; known: TaskDetail }> {
  const { runId, studyId } = task;
  if (task.kind === "score") {
    const byLength = asc(sql`greatest(${currentCrop.width}, ${currentCrop.height})`);
    const scored = tx
      .select({ one: sql`1` })
      .from(cropScore)
      .where(and(eq(cropScore.runId, runId), eq(cropScore.cropId, currentCrop.id)));
    const crops = await tx
      .select(picture)
      .from(currentCrop)
      .innerJoin(studiedNode, ofNode)
      .where(and(eq(currentCrop.studyId, studyId), withPicture, notExists(scored)))
      // Neighbours are computed together: the more alike their sizes, the faster.
      .orderBy(byLength, asc(currentCrop.id));
    const model = await modelOf(tx, runId, finalFold);
    return { order: { kind: "score", engine, model, crops }, name: null, known: { fold: finalFold, model } };
  }
  if (task.kind === "explain") {
    const method = explainMethod.parse(task.variant);
    const [found] = await tx
      .select({ fold: cropScore.fold, score: cropScore.score, sha256: crop.sha256 })
      .from(cropScore)
      .innerJoin(crop, eq(crop.id, cropScore.cropId))
      .innerJoin(studiedNode, and(eq(studiedNode.id, crop.nodeId), eq(studiedNode.studyId, crop.studyId)))
      .where(and(eq(cropScore.runId, runId), eq(cropScore.cropId, task.cropId ?? sql`null`)));
    if (!found?.sha256) throw new SaidError({ key: "worker.crop_not_scored" });
    const model = await modelOf(tx, runId, found.fold);
    return {
      order: { kind: "explain", engine, model, crop: found.sha256, method, recorded: found.score },
      name: `${method}-${task.cropId}.png`,
      known: { fold: found.fold, model },
    };
  }
  const format = exportFormat.parse(task.variant);
  const [named] = await tx.select({ slug: study.slug }).from(study).where(eq(study.id, studyId));
  const crops = (await currentCrops(tx, studyId).limit(2)).map(({ sha256 }) => sha256);
  const model = await modelOf(tx, runId, finalFold);
  return {
    order: { kind: "export", engine, model, format, crops },
    name: `${named?.slug ?? runId}${formats[format].ending}`,
    known: { fold: finalFold, model },
  };
}

/** The portable engine works on one core a process, so a scoring is shared out; every other order is one process's work. */
function sharesOf(order: TaskOrder, { name, threads }: Engine): TaskOrder[] {
  if (order.kind !== "score") return [order];
  const lanes = Math.min(name === "portable" ? threads : 1, order.crops.length);
  return Array.from({ length: lanes }, (_, lane) => ({
    ...order,
    crops: order.crops.filter((_, index) => index % lanes === lane),
  }));
}

/** The one whose id the job has. */
async function taskOf(tx: Tx, { jobId }: Lease): Promise<Task> {
  const [task] = await tx.select().from(runTask).where(eq(runTask.id, jobId));
  if (!task) throw new SaidError({ key: "worker.job_without_task" });
  return task;
}

/**
 * Does what a finished run is asked for, in processes of its own, and writes down what comes. Safe to start again after a crash, and started again by
 * itself when the engine dies: scores are written as they come, once by key, and a file is the same under the same name.
 */
export const task: Work = {
  async run(lease) {
    let result: Extract<TaskMessage, { kind: "file" }> | undefined;
    let { total } = lease;
    let done = 0;
    const module = fileURLToPath(new URL("./task-process.ts", import.meta.url));

    const doOnce = async (restarts: number) => {
      const engine = await knownEngine();
      const { runId, order, name, known } = await lease.read(async (tx) => {
        const task = await taskOf(tx, lease);
        return { runId: task.runId, ...(await orderOf(tx, task, engine)) };
      });
      if (order.kind === "score") {
        total = Math.max(total, order.crops.length);
        done = total - order.crops.length;
        await lease.write({ total, done });
      }
      const onMessage = async (message: TaskMessage) => {
        if (message.kind === "file") result = message;
        else if (message.kind === "progress") {
          ({ done, total } = message);
          await lease.write({ done, total });
        } else {
          const rows = message.scores.map(({ id, score }) => ({
            runId,
            studyId: lease.studyId,
            cropId: id,
            fold: finalFold,
            score,
          }));
          done += rows.length;
          await lease.write({ done }, (tx) => tx.insert(cropScore).values(rows).onConflictDoNothing());
        }
      };
      const others = new AbortController();
      const signal = AbortSignal.any([lease.signal, others.signal]);
      const shares = sharesOf(order, engine).map((payload) =>
        runIsolated<TaskMessage>({ module, payload, onMessage, signal }).catch((error: unknown) => {
          others.abort(error);
          // Perhaps it is the engine, which somebody took away.
          tried = undefined;
          throw error;
        }),
      );
      await Promise.allSettled(shares);
      await Promise.all(shares);
      return { kind: order.kind, name, known: { ...known, engine: engine.name, ...(restarts > 0 && { restarts }) } };
    };
    const { kind, name, known } = await withRestarts(doOnce);
    if (!result && kind !== "score") throw new SaidError({ key: "worker.task_without_result" });
    const { file = null, mediaType = null, detail = {} } = result ?? {};
    const sha256 = file?.sha256 ?? null;
    return {
      progress: kind === "score" ? {} : { done: Math.max(1, total), total: Math.max(1, total) },
      async write(tx) {
        if (file && mediaType) await noteStored(tx, lease, [{ ...file, mediaType }]);
        await tx
          .update(runTask)
          .set({
            resultSha256: sha256,
            resultType: mediaType,
            resultName: sha256 && name,
            detail: { ...known, ...detail, ...(kind === "export" && { sha256 }) },
          })
          .where(and(eq(runTask.id, lease.jobId), eq(runTask.studyId, lease.studyId)));
      },
    };
  },
};
