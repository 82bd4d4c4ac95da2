import { fileURLToPath } from "node:url";
import { and, asc, desc, eq, getTableColumns, ne } from "drizzle-orm";
import { z } from "zod";
import { regimen } from "@/core/protocol/regimen";
import type { Said } from "@/core/words";
import { SaidError, toStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import {
  checkpoint,
  consentWithdrawal,
  crop,
  cropScore,
  datasetItem,
  datasetSnapshot,
  modelRun,
  node,
  runFold,
  runLog,
  runMetric,
} from "@/db/schema";
import { runFold as finishedFold } from "@/server/schemas/model";
import { snapshotHash } from "@/server/services/dataset/snapshot-hash";
import { isLost, readObject, store } from "@/server/store";
import { engineNames } from "@/worker/engines";
import { mostRestarts, runIsolated, withRestarts } from "@/worker/isolated";
import type { Lease, Work } from "@/worker/lease";
import { nameOfFold, type TrainingResult } from "@/worker/training/records";
import type { TrainingMessage } from "@/worker/training/train-process";
import type { TrainingOrder } from "@/worker/training/train-run";

/** Bytes: weights, velocities and the best weights of all of Inception-v3 are 260 MB, and what comes with them is small. */
const largestCheckpoint = 1024 ** 3;

/** The engine in the record of a run that was begun; null where there is none to go on with. */
const engineOf = (environment: unknown) =>
  z.object({ engine: z.enum(engineNames) }).safeParse(environment).data?.engine ?? null;

const nearDuplicates = z.array(z.tuple([z.uuid(), z.uuid(), z.number()]));

const note = (tx: Tx, { jobId: runId, studyId }: Lease, line: Said) =>
  tx.insert(runLog).values({ runId, studyId, line: toStored(line) });

/** Whole ones that a run has at any time; the newest file may be half written. */
const checkpointsKept = 2;

const newestCheckpoints = (tx: Tx, { jobId }: Lease) =>
  tx
    .select()
    .from(checkpoint)
    .where(eq(checkpoint.runId, jobId))
    .orderBy(desc(checkpoint.at))
    .limit(checkpointsKept + 1);

interface GoingOn {
  fold: number;
  epoch: number;
  bytes: Buffer;
}

/** The newest of some checkpoints that is whole; the log says what is wrong with a newer one. */
async function wholeOf(lease: Lease, checkpoints: Awaited<ReturnType<typeof newestCheckpoints>>) {
  for (const { fold, epoch, sha256 } of checkpoints) {
    try {
      return { fold, epoch, bytes: await readObject(sha256, { limit: largestCheckpoint }) };
    } catch (error) {
      if (!isLost(error)) throw error;
      const lost: Said = {
        key: "worker.log.checkpoint_lost",
        values: { model: nameOfFold(fold), epoch, reason: error.said },
      };
      await lease.write({}, (tx) => note(tx, lease, lost));
    }
  }
  return null;
}

/** A snapshot stays as it was frozen: one with an image of a subject who withdrew is trained on no more, whoever resumes its run. */
async function refuseWithdrawn(tx: Tx, snapshotId: string): Promise<void> {
  const withdrawn = await tx
    .selectDistinct({ subject: datasetItem.subject })
    .from(datasetItem)
    .innerJoin(crop, eq(crop.id, datasetItem.cropId))
    .innerJoin(node, eq(node.id, crop.nodeId))
    .innerJoin(consentWithdrawal, eq(consentWithdrawal.subjectId, node.subjectId))
    .where(and(eq(datasetItem.snapshotId, snapshotId), ne(consentWithdrawal.scope, "keep")));
  if (withdrawn.length > 0)
    throw new SaidError({
      key: "worker.consent_withdrawn",
      values: { subjects: withdrawn.map(({ subject }) => subject).join(", ") },
    });
}

/** What the process is to do. */
async function orderOf(tx: Tx, { jobId }: Lease, last: GoingOn | null): Promise<TrainingOrder> {
  const [run] = await tx.select().from(modelRun).where(eq(modelRun.id, jobId));
  if (!run) throw new SaidError({ key: "worker.job_without_run" });
  const items = await tx
    .select({ ...getTableColumns(datasetItem), plane: crop.plane })
    .from(datasetItem)
    .innerJoin(crop, eq(crop.id, datasetItem.cropId))
    .where(eq(datasetItem.snapshotId, run.snapshotId))
    .orderBy(asc(datasetItem.position));
  await refuseWithdrawn(tx, run.snapshotId);
  const [snapshot] = await tx.select().from(datasetSnapshot).where(eq(datasetSnapshot.id, run.snapshotId));
  // Whoever asks for a run writes the hash of its data, too: it is believed where it is theirs.
  if (snapshotHash(items) !== snapshot?.sha256) throw new SaidError({ key: "worker.snapshot_of_other_hash" });
  const kept = await tx.select().from(runFold).where(eq(runFold.runId, jobId));
  return {
    regimen: regimen.parse(run.config),
    items: items.map(({ cropId, sha256, pixelSha256, width, height, truth, plane: _, ...item }) => {
      if (sha256 === null || pixelSha256 === null || width === null || height === null)
        throw new SaidError({ key: "worker.image_without_picture" });
      return { ...item, id: cropId, sha256, duplicateKey: pixelSha256, width, height, truth: truth === 1 ? 1 : 0 };
    }),
    links: nearDuplicates.parse(snapshot.nearDuplicates).map(([a, b]) => [a, b]),
    resume: last?.bytes ?? null,
    kept: kept.map((fold) => finishedFold.parse(fold)),
    begunOn: last || kept.length > 0 ? engineOf(run.environment) : null,
  };
}

/**
 * Trains one run in a process of its own and writes its metrics, checkpoints, models, log and scores. Safe to start again after a crash, and
 * started again by itself when the engine dies: features are cached by content, everything else comes back from the newest checkpoint that is
 * whole and from the models of finished folds; metric, fold and score rows are written once by key. When it is done no checkpoint is left.
 */
export const train: Work = {
  async run(lease) {
    const of = { runId: lease.jobId, studyId: lease.studyId };
    let result: TrainingResult | undefined;
    /** Files of checkpoints, the newest first. */
    let files: string[] = [];
    /** What cannot be removed now is tried again the next time. */
    const keepOnly = async (count: number) => {
      for (const sha256 of files.splice(count)) await store.delete(sha256).catch(() => files.push(sha256));
    };

    const handle = async (message: TrainingMessage): Promise<void> => {
      switch (message.event) {
        case "environment":
          return lease.write({}, (tx) =>
            tx
              .update(modelRun)
              .set({ environment: message.value })
              .where(and(eq(modelRun.id, of.runId), eq(modelRun.studyId, of.studyId))),
          );
        case "progress":
          return lease.write({ ...message.value, phase: toStored(message.value.phase) });
        case "metrics": {
          const metrics = message.value.map((metric) => ({ ...metric, ...of }));
          return lease.write({}, (tx) => tx.insert(runMetric).values(metrics).onConflictDoNothing());
        }
        case "checkpoint": {
          await lease.write({}, (tx) => tx.insert(checkpoint).values({ ...of, ...message.value }));
          files.unshift(message.value.sha256);
          await keepOnly(checkpointsKept + 1);
          return;
        }
        case "finished":
          return lease.write({}, (tx) =>
            tx
              .insert(runFold)
              .values({ ...of, ...message.value })
              .onConflictDoNothing(),
          );
        case "log":
          return lease.write({}, (tx) => note(tx, lease, message.value));
        case "result":
          result = message.value;
      }
    };
    const trainOnce = async (restarts: number) => {
      const checkpoints = await lease.read((tx) => newestCheckpoints(tx, lease));
      files = checkpoints.map(({ sha256 }) => sha256);
      const last = await wholeOf(lease, checkpoints);
      const attempt = lease.attempts;
      if (attempt > 1 && restarts === 0)
        await lease.write({}, (tx) =>
          note(
            tx,
            lease,
            last
              ? {
                  key: "worker.log.resumed_from",
                  values: { attempt, fold: nameOfFold(last.fold), epoch: last.epoch },
                }
              : { key: "worker.log.resumed", values: { attempt } },
          ),
        );
      await runIsolated<TrainingMessage>({
        module: fileURLToPath(new URL("../training/train-process.ts", import.meta.url)),
        payload: await lease.read((tx) => orderOf(tx, lease, last)),
        onMessage: handle,
        signal: lease.signal,
      });
    };
    await withRestarts(trainOnce, (reason, time) =>
      lease.write({}, (tx) =>
        note(tx, lease, { key: "worker.log.restarted", values: { reason, time, most: mostRestarts } }),
      ),
    );
    if (!result) throw new SaidError({ key: "worker.training_without_result" });
    // Should the last write fail, the models of the folds have all that is needed.
    await keepOnly(0);
    const { scores, figures } = result;
    return {
      progress: { figures },
      async write(tx) {
        await insertInChunks(
          tx,
          cropScore,
          scores.map(({ id, fold, score }) => ({ ...of, cropId: id, fold, score })),
        );
        await note(tx, lease, {
          key: "worker.log.done",
          values: { images: scores.length, seconds: Math.round(figures.seconds) },
        });
      },
    };
  },

  onEnd: (tx, lease, { reason }) =>
    note(tx, lease, reason ? { key: "worker.log.failed", values: { reason } } : { key: "worker.log.cancelled" }),
};
