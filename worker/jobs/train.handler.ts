import { fileURLToPath } from "node:url";
import { and, asc, desc, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Logger } from "pino";
import { z } from "zod";
import { regimen } from "@/core/protocol/regimen";
import { type Said, sayIn } from "@/core/words";
import { SaidError, saidOfError, toStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { checkpoint, cropScore, datasetItem, datasetSnapshot, modelRun, runFold, runLog, runMetric } from "@/db/schema";
import { withActor } from "@/server/door";
import { toAppError } from "@/server/errors";
import { insertInChunks } from "@/server/services/import/insert-in-chunks";
import { readObject, store } from "@/server/store";
import { engineNames } from "@/worker/engines";
import { runIsolated } from "@/worker/isolated";
import type { TrainingResult } from "@/worker/training/records";
import type { TrainingMessage } from "@/worker/training/train-process";
import type { TrainingOrder } from "@/worker/training/train-run";
import { isInterruption, isOfJob, LostWorkError } from "./lost-work";
import type { TrainPayload } from "./train";

const heartbeatMilliseconds = 2_000;

/** Bytes: weights, velocities and the best weights of all of Inception-v3 are 260 MB, and what comes with them is small. */
const largestCheckpoint = 1024 ** 3;

/** Somebody asked the run to stop. */
class CancelledError extends Error {}

/** The engine in the record of a run that was begun; null where there is none to go on with. */
const engineOf = (environment: unknown) =>
  z.object({ engine: z.enum(engineNames) }).safeParse(environment).data?.engine ?? null;

const nearDuplicates = z.array(z.tuple([z.uuid(), z.uuid(), z.number()]));

/**
 * Trains one run in a process of its own and writes its metrics, checkpoints, models, log and scores. Safe to start again after a crash:
 * features are cached by content, everything else comes back from the newest checkpoint, metric, fold and score rows are written once by key.
 * A fault of the data, the settings or the engine fails the run with its reason; only a crash of the worker brings the job back.
 */
export async function handleTrain(
  { runId, studyId }: TrainPayload,
  { jobId, signal, log }: { jobId: string; signal: AbortSignal; log: Logger },
): Promise<void> {
  const actor = { role: "worker", personId: null, studyId, siteId: null, membershipId: null } as const;
  const act = <T>(fn: (tx: Tx) => Promise<T>) => withActor(actor, fn);

  const claimed = await act(async (tx) => {
    const [run] = await tx
      .update(modelRun)
      .set({
        state: "running",
        attempts: sql`${modelRun.attempts} + 1`,
        startedAt: sql`coalesce(${modelRun.startedAt}, now())`,
        heartbeatAt: sql`now()`,
      })
      .where(and(eq(modelRun.id, runId), isOfJob(modelRun, jobId), inArray(modelRun.state, ["queued", "running"])))
      .returning();
    return run;
  });
  if (!claimed) return;
  const mine = and(eq(modelRun.id, runId), eq(modelRun.attempts, claimed.attempts), isOfJob(modelRun, jobId));
  /** Changes the run and writes what belongs to it, both or neither: a worker that lost its run writes nothing. */
  const write = (values: PgUpdateSetSource<typeof modelRun>, others?: (tx: Tx) => Promise<unknown>) =>
    act(async (tx) => {
      const changed = await tx.update(modelRun).set(values).where(mine).returning({ id: modelRun.id });
      if (changed.length === 0) throw new LostWorkError(`run ${runId} was taken up by another worker`);
      await others?.(tx);
    });
  const alive = { heartbeatAt: sql`now()` };
  const note = (tx: Tx, line: Said) => tx.insert(runLog).values({ runId, studyId, line: toStored(line) });

  const stop = new AbortController();
  const stopWith = (error: Error) => stop.abort(error);
  const onStop = () => stopWith(new LostWorkError("the worker is stopping"));
  if (signal.aborted) onStop();
  signal.addEventListener("abort", onStop, { once: true });
  const heartbeat = setInterval(async () => {
    try {
      await write(alive);
      const [asked] = await act((tx) =>
        tx
          .select({ id: modelRun.id })
          .from(modelRun)
          .where(and(eq(modelRun.id, runId), isNotNull(modelRun.cancelRequestedAt))),
      );
      if (asked) stopWith(new CancelledError("cancelled"));
    } catch (error) {
      // A database that does not answer for a while is no reason to stop.
      if (error instanceof LostWorkError) stopWith(error);
    }
  }, heartbeatMilliseconds);

  let newest: string | undefined;
  const handle = async (message: TrainingMessage): Promise<TrainingResult | undefined> => {
    switch (message.event) {
      case "environment":
        await write({ environment: message.value });
        return;
      case "progress":
        await write({ ...message.value, phase: toStored(message.value.phase), ...alive });
        return;
      case "metrics": {
        const metrics = message.value.map((metric) => ({ ...metric, runId, studyId }));
        await write(alive, (tx) => tx.insert(runMetric).values(metrics).onConflictDoNothing());
        return;
      }
      case "checkpoint": {
        const { sha256 } = message.value;
        await write(alive, (tx) => tx.insert(checkpoint).values({ runId, studyId, ...message.value }));
        // A run needs the newest one only, and one may have a quarter of a gigabyte.
        if (newest && newest !== sha256) await store.delete(newest);
        newest = sha256;
        return;
      }
      case "finished": {
        const fold = { runId, studyId, ...message.value };
        await write(alive, (tx) => tx.insert(runFold).values(fold).onConflictDoNothing());
        return;
      }
      case "log":
        await write(alive, (tx) => note(tx, message.value));
        return;
      case "result":
        return message.value;
    }
  };

  try {
    if (claimed.cancelRequestedAt) throw new CancelledError("cancelled");
    const config = regimen.parse(claimed.config);
    const [last] = await act((tx) =>
      tx.select().from(checkpoint).where(eq(checkpoint.runId, runId)).orderBy(desc(checkpoint.at)).limit(1),
    );
    if (claimed.attempts > 1)
      await write(alive, (tx) =>
        note(
          tx,
          last
            ? {
                key: "worker.log.resumed_from",
                values: { attempt: claimed.attempts, fold: last.fold, epoch: last.epoch },
              }
            : { key: "worker.log.resumed", values: { attempt: claimed.attempts } },
        ),
      );
    const order = await act(async (tx): Promise<Omit<TrainingOrder, "resume"> & { resume: string | null }> => {
      const items = await tx
        .select()
        .from(datasetItem)
        .where(eq(datasetItem.snapshotId, claimed.snapshotId))
        .orderBy(asc(datasetItem.position));
      const [snapshot] = await tx.select().from(datasetSnapshot).where(eq(datasetSnapshot.id, claimed.snapshotId));
      return {
        regimen: config,
        items: items.map(({ cropId, pixelSha256, truth, ...item }) => ({
          ...item,
          id: cropId,
          duplicateKey: pixelSha256,
          truth: truth === 1 ? 1 : 0,
        })),
        links: nearDuplicates.parse(snapshot?.nearDuplicates ?? []).map(([a, b]) => [a, b]),
        resume: last?.sha256 ?? null,
        begunOn: last ? engineOf(claimed.environment) : null,
      };
    });
    newest = order.resume ?? undefined;
    let result: TrainingResult | undefined;
    await runIsolated<TrainingMessage>({
      module: fileURLToPath(new URL("../training/train-process.ts", import.meta.url)),
      payload: { ...order, resume: order.resume && (await readObject(order.resume, { limit: largestCheckpoint })) },
      onMessage: async (message) => {
        result = (await handle(message)) ?? result;
      },
      signal: stop.signal,
    });
    if (!result) throw new SaidError({ key: "worker.training_without_result" });
    const { scores, figures } = result;
    await write({ state: "done", phase: null, figures, endedAt: new Date() }, async (tx) => {
      await insertInChunks(
        tx,
        cropScore,
        scores.map(({ id, fold, score }) => ({ runId, studyId, cropId: id, fold, score })),
      );
      await note(tx, {
        key: "worker.log.done",
        values: { images: scores.length, seconds: Math.round(figures.seconds) },
      });
    });
  } catch (error) {
    if (isInterruption(error)) {
      log.warn({ runId }, error.message);
      throw error;
    }
    const cancelled = error instanceof CancelledError;
    const reason = cancelled ? null : saidOfError(toAppError(error) ?? error);
    if (reason) log.error({ runId, err: sayIn("en")(reason) }, "training failed");
    await act(async (tx) => {
      const ended = await tx
        .update(modelRun)
        .set({ state: cancelled ? "cancelled" : "failed", error: reason && toStored(reason), endedAt: new Date() })
        .where(and(mine, eq(modelRun.state, "running")))
        .returning({ id: modelRun.id });
      if (ended.length > 0)
        await note(tx, reason ? { key: "worker.log.failed", values: { reason } } : { key: "worker.log.cancelled" });
    });
    return;
  } finally {
    clearInterval(heartbeat);
    signal.removeEventListener("abort", onStop);
  }
  // Only what is done needs no checkpoint any more; that one stays behind is no reason to fail.
  if (newest) await store.delete(newest).catch(() => {});
}
