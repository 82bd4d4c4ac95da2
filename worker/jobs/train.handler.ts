import { and, asc, desc, eq, isNotNull, sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Tx } from "@/db/actor";
import { checkpoint, cropScore, datasetItem, modelRun, runLog, runMetric, storedObject } from "@/db/schema";
import { withActor } from "@/server/door";
import { regimen } from "@/server/schemas/regimen";
import { getObject, putObject } from "@/server/storage";
import { chooseEngine } from "@/worker/engines";
import { fileCache } from "@/worker/inception/feature-cache";
import { CancelledError, trainOutOfFold } from "@/worker/training/train";
import type { TrainPayload } from "./train";

const heartbeatMilliseconds = 2_000;

/** Another worker has taken the run up, because this one was silent for too long. */
class LostRunError extends Error {}

/**
 * Trains one run and writes its metrics, checkpoints, log and scores. Safe to start again after a crash: features are cached by
 * content, trained folds come back from the newest checkpoint, metric and score rows are written once by key.
 * A fault of the data or the settings fails the run with its reason; only a crash of the worker brings the job back.
 */
export async function handleTrain(
  { runId, studyId }: TrainPayload,
  { signal, log }: { signal: AbortSignal; log: Logger },
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
      .where(and(eq(modelRun.id, runId), sql`${modelRun.state} in ('queued', 'running')`))
      .returning();
    return run;
  });
  if (!claimed) return;
  const mine = and(eq(modelRun.id, runId), eq(modelRun.attempts, claimed.attempts));
  const change = async (values: Partial<typeof modelRun.$inferInsert>) => {
    const changed = await act((tx) => tx.update(modelRun).set(values).where(mine).returning({ id: modelRun.id }));
    if (changed.length === 0) throw new LostRunError(`run ${runId} was taken up by another worker`);
  };
  const note = (line: string) => act((tx) => tx.insert(runLog).values({ runId, studyId, line }));
  const heartbeat = setInterval(() => change({ heartbeatAt: new Date() }).catch(() => {}), heartbeatMilliseconds);

  try {
    const config = regimen.parse(claimed.config);
    const engine = await chooseEngine();
    const items = await act((tx) =>
      tx
        .select()
        .from(datasetItem)
        .where(eq(datasetItem.snapshotId, claimed.snapshotId))
        .orderBy(asc(datasetItem.position)),
    );
    const [resume] = await act((tx) =>
      tx.select().from(checkpoint).where(eq(checkpoint.runId, runId)).orderBy(desc(checkpoint.at)).limit(1),
    );
    await note(
      claimed.attempts === 1
        ? `Started on ${engine.name} (${engine.device}, ${engine.threads} threads).`
        : `Taken up again after an interruption (attempt ${claimed.attempts})${resume ? `, from fold ${resume.fold}, epoch ${resume.epoch}` : ""}.`,
    );
    const result = await trainOutOfFold({
      engine,
      regimen: config,
      items: items.map((item) => ({
        id: item.cropId,
        subject: item.subject,
        duplicateKey: item.pixelSha256,
        truth: item.truth === 1 ? 1 : 0,
        fold: item.fold,
        contentKey: item.sha256,
        png: () => getObject(item.sha256),
      })),
      cache: fileCache(engine),
      resume: resume ? await getObject(resume.sha256) : null,
      onEnvironment: (environment) => change({ environment }),
      onProgress: ({ phase, done, total }) => change({ phase, done, total, heartbeatAt: new Date() }),
      onMetrics: (metrics) =>
        act((tx) =>
          tx
            .insert(runMetric)
            .values(metrics.map((metric) => ({ ...metric, runId, studyId })))
            .onConflictDoNothing(),
        ).then(() => {}),
      onCheckpoint: async ({ fold, epoch, bytes }) => {
        const sha256 = await putObject(bytes);
        await act(async (tx) => {
          await tx
            .insert(storedObject)
            .values({ studyId, sha256, mediaType: "application/octet-stream", bytes: bytes.length })
            .onConflictDoNothing();
          await tx.insert(checkpoint).values({ runId, studyId, fold, epoch, sha256 });
        });
      },
      onLog: (line) => note(line).then(() => {}),
      isCancelled: async () => {
        if (signal.aborted) throw new LostRunError("the worker is stopping");
        const [asked] = await act((tx) =>
          tx
            .select({ id: modelRun.id })
            .from(modelRun)
            .where(and(eq(modelRun.id, runId), isNotNull(modelRun.cancelRequestedAt))),
        );
        return asked !== undefined;
      },
    });
    await act(async (tx) => {
      const scores = result.scores.map(({ id, fold, score }) => ({ runId, studyId, cropId: id, fold, score }));
      for (let from = 0; from < scores.length; from += 2_000)
        await tx
          .insert(cropScore)
          .values(scores.slice(from, from + 2_000))
          .onConflictDoNothing();
      const ended = await tx
        .update(modelRun)
        .set({ state: "done", phase: null, figures: result.figures, endedAt: new Date() })
        .where(mine)
        .returning({ id: modelRun.id });
      if (ended.length === 0) throw new LostRunError(`run ${runId} was taken up by another worker`);
    });
    await note(`Done: ${result.scores.length} images scored out-of-fold in ${Math.round(result.figures.seconds)} s.`);
  } catch (error) {
    if (error instanceof LostRunError) {
      log.warn({ runId }, error.message);
      throw error;
    }
    const cancelled = error instanceof CancelledError;
    const reason = cancelled ? null : error instanceof Error ? error.message : String(error);
    if (!cancelled) log.error({ runId, err: reason }, "training failed");
    await note(cancelled ? "Cancelled; the last checkpoint is kept." : `Failed: ${reason}`);
    await change({ state: cancelled ? "cancelled" : "failed", error: reason, endedAt: new Date() });
  } finally {
    clearInterval(heartbeat);
  }
}
