import { hostname } from "node:os";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Logger } from "pino";
import { z } from "zod";
import { type Said, sayIn } from "@/core/words";
import { saidOfError, toStored } from "@/core/words/said";
import { DatabaseError, type Tx } from "@/db/actor";
import { job } from "@/db/schema";
import { withActor } from "@/server/door";
import { toAppError } from "@/server/errors";
import { type QueuedKind, sendToQueue } from "@/server/jobs";

/*
 * The life of a job, told once for every kind of work: claim, heartbeat, loss, ending, takeover. Of several workers one holds a job at a time:
 * the one whose queue id and attempt stand in the row. Every write names both, so whoever lost the job writes nothing more.
 */

const heartbeatMilliseconds = 2_000;
/** Seconds without a sign of life after which a job is taken from its worker. */
export const silentSeconds = 12;

const thisWorker = `${hostname()}:${process.pid}`;

/** What lies in the queue: ids only. */
export const queuedJob = z.object({ jobId: z.uuid(), studyId: z.uuid() });

/** Another worker has taken the job up, because this one was silent for too long, or this worker is stopping. */
class LostWorkError extends Error {}

/** Somebody asked the work to stop. */
class CancelledError extends Error {}

/** Something else comes first: the queue brings the job again, behind those that can begin. */
class NotYetError extends Error {}

/** No fault of the work: the queue brings its job again, and an id that counts no more ends there. */
const isInterruption = (error: unknown): error is Error =>
  error instanceof LostWorkError || (error instanceof DatabaseError && error.isOfConnection);

/** How far the work is. */
export type Progress = Partial<Pick<typeof job.$inferInsert, "phase" | "done" | "total" | "figures">>;

/** A claimed job, as its work sees it. */
export interface Lease {
  jobId: string;
  studyId: string;
  /** Above 1: an earlier attempt was interrupted, and its records are there. */
  attempts: number;
  /** What an earlier attempt counted in all; 0 at first. */
  total: number;
  /** Aborted when the job is lost or cancelled or the worker stops; the work throws its reason. */
  signal: AbortSignal;
  /** Reads, as the worker's role in the study. */
  read<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Writes how far the work is and what belongs to it, both or neither.
   * @throws LostWorkError when another worker has the job: nothing was written
   */
  write(progress: Progress, others?: (tx: Tx) => Promise<unknown>): Promise<void>;
}

/** The last of a job's writes, in one transaction with its end. */
export interface Finish {
  progress?: Progress;
  write(tx: Tx): Promise<unknown>;
}

/** One kind of work. */
export interface Work {
  /** Whether what it needs is still being made. It then goes back to the queue unclaimed, so that it holds nothing up. Left out: it needs nothing. */
  isWaiting?(tx: Tx, jobId: string): Promise<boolean>;
  /**
   * Does it. At least once: after a crash it is called again and goes on from its records.
   * @throws Error in words for a person: the job fails with them
   */
  run(lease: Lease): Promise<Finish>;
  /** Notes another end than "done", in the transaction that writes it. */
  onEnd?(tx: Tx, lease: Lease, end: { state: "failed" | "cancelled"; reason: Said | null }): Promise<unknown>;
}

/**
 * Claims the job that came from the queue, does its work under a heartbeat and writes how it ended. Does nothing for a job that has ended,
 * that was taken from this queue id or that is of another kind than the queue. A fault of the data, the settings or the engine fails the job with its reason.
 * @throws LostWorkError, DatabaseError, NotYetError when the work was interrupted or cannot begin: the queue brings the job again
 */
export async function underLease(
  { jobId, studyId }: z.infer<typeof queuedJob>,
  { kind, queueId, signal, log }: { kind: QueuedKind; queueId: string; signal: AbortSignal; log: Logger },
  work: Work,
): Promise<void> {
  const actor = { role: "worker", personId: null, studyId, siteId: null, membershipId: null } as const;
  const act = <T>(fn: (tx: Tx) => Promise<T>) => withActor(actor, fn);
  const alive = { heartbeatAt: sql`now()` };
  if (await act(async (tx) => work.isWaiting?.(tx, jobId))) throw new NotYetError(`job ${jobId} waits for another`);

  // ---- claim
  const [claimed] = await act((tx) =>
    tx
      .update(job)
      .set({
        ...alive,
        state: "running",
        attempts: sql`${job.attempts} + 1`,
        worker: thisWorker,
        error: null,
        startedAt: sql`coalesce(${job.startedAt}, now())`,
      })
      .where(
        and(eq(job.id, jobId), eq(job.kind, kind), eq(job.queueId, queueId), inArray(job.state, ["queued", "running"])),
      )
      .returning(),
  );
  if (!claimed) return;
  const { attempts, total } = claimed;
  const mine = and(eq(job.id, jobId), eq(job.queueId, queueId), eq(job.attempts, attempts), eq(job.state, "running"));

  // ---- every write, one after the other
  let last: Promise<unknown> = Promise.resolve();
  const change = (values: Partial<typeof job.$inferInsert>, others?: (tx: Tx) => Promise<unknown>) => {
    const changing = last.then(() =>
      act(async (tx) => {
        const [changed] = await tx
          .update(job)
          .set({ ...values, ...alive })
          .where(mine)
          .returning({ cancelRequestedAt: job.cancelRequestedAt });
        if (!changed) throw new LostWorkError(`job ${jobId} was taken up by another worker`);
        await others?.(tx);
        return changed;
      }),
    );
    last = changing.catch(() => {});
    return changing;
  };

  // ---- heartbeat, loss, cancellation
  const stop = new AbortController();
  const onStop = () => stop.abort(new LostWorkError("the worker is stopping"));
  if (signal.aborted) onStop();
  signal.addEventListener("abort", onStop, { once: true });
  const heartbeat = setInterval(() => {
    change({}).then(
      ({ cancelRequestedAt }) => cancelRequestedAt && stop.abort(new CancelledError()),
      // A database that does not answer for a while is no reason to stop.
      (error: unknown) => error instanceof LostWorkError && stop.abort(error),
    );
  }, heartbeatMilliseconds);

  const lease: Lease = {
    jobId,
    studyId,
    attempts,
    total,
    signal: stop.signal,
    read: act,
    write: async (progress, others) => {
      await change(progress, others);
    },
  };
  // ---- ending
  try {
    if (claimed.cancelRequestedAt) throw new CancelledError();
    const { progress, write } = await work.run(lease);
    await change({ phase: null, ...progress, state: "done", error: null, endedAt: new Date() }, write);
  } catch (error) {
    if (isInterruption(error)) {
      log.warn({ jobId, kind }, error.message);
      throw error;
    }
    const state = error instanceof CancelledError ? "cancelled" : "failed";
    const reason = state === "cancelled" ? null : saidOfError(toAppError(error) ?? error);
    if (reason) log.error({ jobId, kind, err: sayIn("en")(reason) }, "failed");
    const end = { state, error: reason && toStored(reason), endedAt: new Date() } as const;
    try {
      await change(end, async (tx) => work.onEnd?.(tx, lease, { state, reason }));
    } catch (another) {
      if (isInterruption(another)) throw another;
      // A note that cannot be written would fail again with every claim: the end stands without it.
      log.error({ jobId, kind, err: another }, "the end was not noted");
      await change(end);
    }
    return;
  } finally {
    clearInterval(heartbeat);
    signal.removeEventListener("abort", onStop);
  }
}

/**
 * Takes the jobs of workers that went silent from them and queues them again, each under a new id, so that what a dead worker left waits its
 * turn again: a job that kills its worker would starve the others.
 */
export async function releaseStalledJobs(log: Logger): Promise<void> {
  const worker = { role: "worker", personId: null, studyId: null, siteId: null, membershipId: null } as const;
  const released = await withActor(worker, async (tx) => {
    const rows = await tx.execute<{ kind: QueuedKind; queue_id: string; id: string; study_id: string }>(
      sql`select kind, queue_id, id, study_id from nw.release_stalled_jobs(${silentSeconds})`,
    );
    for (const { kind, queue_id: queueId, id: jobId, study_id: studyId } of rows)
      await sendToQueue(tx, kind, { queueId, jobId, studyId });
    return [...rows];
  });
  for (const { kind, id } of released) log.warn({ kind, id }, "its worker went silent; it goes on with the next one");
}
