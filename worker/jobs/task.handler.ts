import { fileURLToPath } from "node:url";
import { and, asc, eq, inArray, isNull, notExists, sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Tx } from "@/db/actor";
import { crop, cropScore, currentCrop, runFold, runTask, study } from "@/db/schema";
import { withActor } from "@/server/door";
import { toAppError } from "@/server/errors";
import { explainMethod, exportFormat } from "@/server/schemas/model";
import { chooseEngine, type Engine } from "@/worker/engines";
import { formats } from "@/worker/export/formats";
import { runIsolated } from "@/worker/isolated";
import { finalFold } from "@/worker/training/records";
import { isInterruption, isOfJob, LostWorkError } from "./lost-work";
import type { TaskPayload } from "./task";
import type { TaskDetail, TaskMessage, TaskOrder } from "./task-process";

const heartbeatMilliseconds = 2_000;

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
  throw new Error(
    fold === finalFold
      ? "This run has no model that was trained on everything. Baselines and models from elsewhere have none; a training has one when it is done."
      : `This run kept no model of fold ${fold}. Baselines and models from elsewhere have none.`,
  );
}

const currentCrops = (tx: Tx, studyId: string) =>
  tx
    .select({ id: currentCrop.id, sha256: currentCrop.sha256 })
    .from(currentCrop)
    .where(eq(currentCrop.studyId, studyId))
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
      .select({ id: currentCrop.id, sha256: currentCrop.sha256 })
      .from(currentCrop)
      .where(and(eq(currentCrop.studyId, studyId), notExists(scored)))
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
      .where(and(eq(cropScore.runId, runId), eq(cropScore.cropId, task.cropId ?? sql`null`)));
    if (!found) throw new Error("This run has not scored this crop. Let it score the study's other crops first.");
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

/**
 * Does what a finished run is asked for, in processes of its own, and writes down what comes. Safe to start again after a crash: scores are
 * written as they come, once by key, and a file is the same under the same name. A fault of the model, the data or the engine fails the
 * task with its reason; only a crash of the worker brings the job back.
 */
export async function handleTask(
  { taskId, studyId }: TaskPayload,
  { jobId, signal, log }: { jobId: string; signal: AbortSignal; log: Logger },
): Promise<void> {
  const actor = { role: "worker", personId: null, studyId, siteId: null, membershipId: null } as const;
  const act = <T>(fn: (tx: Tx) => Promise<T>) => withActor(actor, fn);

  // The sign of life last written, by the clock of the database: whoever finds another one there is no longer the one who does the task.
  const signOfLife = sql<Date>`greatest(date_trunc('milliseconds', clock_timestamp()), ${runTask.heartbeatAt} + interval '1 millisecond')`;
  const [task] = await act((tx) =>
    tx
      .update(runTask)
      .set({ state: "running", heartbeatAt: signOfLife })
      .where(and(eq(runTask.id, taskId), isOfJob(runTask, jobId), inArray(runTask.state, ["queued", "running"])))
      .returning(),
  );
  if (!task) return;
  let lease = task.heartbeatAt;
  const stop = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const change = (values: Partial<typeof runTask.$inferInsert>): Promise<void> => {
    const changing = last.then(async () => {
      const [changed] = await act((tx) =>
        tx
          .update(runTask)
          .set({ ...values, heartbeatAt: signOfLife })
          .where(and(eq(runTask.id, taskId), lease ? eq(runTask.heartbeatAt, lease) : isNull(runTask.heartbeatAt)))
          .returning({ heartbeatAt: runTask.heartbeatAt }),
      );
      if (!changed) throw new LostWorkError(`task ${taskId} was taken up by another worker`);
      lease = changed.heartbeatAt;
    });
    last = changing.catch(() => {});
    return changing;
  };
  const onStop = () => stop.abort(new LostWorkError("the worker is stopping"));
  if (signal.aborted) onStop();
  signal.addEventListener("abort", onStop, { once: true });
  const heartbeat = setInterval(() => {
    change({}).catch((error: unknown) => {
      // A database that does not answer for a while is no reason to stop.
      if (error instanceof LostWorkError) stop.abort(error);
    });
  }, heartbeatMilliseconds);

  try {
    const engine = await knownEngine();
    const { order, name, known } = await act((tx) => orderOf(tx, task, engine));
    let result: Extract<TaskMessage, { kind: "file" }> | undefined;
    let total = task.total;
    let done = 0;
    if (order.kind === "score") {
      total = Math.max(task.total, order.crops.length);
      done = total - order.crops.length;
      await change({ total, done });
    }
    const onMessage = async (message: TaskMessage) => {
      if (message.kind === "file") result = message;
      else if (message.kind === "progress") {
        ({ done, total } = message);
        await change({ done, total });
      } else {
        const rows = message.scores.map(({ id, score }) => ({
          runId: task.runId,
          studyId,
          cropId: id,
          fold: finalFold,
          score,
        }));
        await act((tx) => tx.insert(cropScore).values(rows).onConflictDoNothing());
        done += rows.length;
        await change({ done });
      }
    };
    const module = fileURLToPath(new URL("./task-process.ts", import.meta.url));
    const shares = sharesOf(order, engine).map((payload) =>
      runIsolated<TaskMessage>({ module, payload, onMessage, signal: stop.signal }).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(shares);
    await Promise.all(shares);
    if (!result && order.kind !== "score") throw new Error("The task ended without a result. Ask for it again.");
    const { sha256 = null, mediaType = null, detail = {} } = result ?? {};
    await change({
      state: "done",
      ...(order.kind !== "score" && { done: Math.max(1, total), total: Math.max(1, total) }),
      resultSha256: sha256,
      resultType: mediaType,
      resultName: sha256 && name,
      detail: { ...known, ...detail, ...(order.kind === "export" && { sha256 }), engine: engine.name },
      endedAt: new Date(),
    });
  } catch (error) {
    if (isInterruption(error)) {
      log.warn({ taskId }, error.message);
      throw error;
    }
    // Perhaps it is the engine, which somebody took away.
    tried = undefined;
    const reason = toAppError(error)?.message ?? (error instanceof Error ? error.message : String(error));
    log.error({ taskId, err: reason }, "task failed");
    await change({ state: "failed", error: reason, endedAt: new Date() });
  } finally {
    clearInterval(heartbeat);
    signal.removeEventListener("abort", onStop);
  }
}
