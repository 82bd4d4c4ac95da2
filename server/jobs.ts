import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import PgBoss from "pg-boss";
import type { Tx } from "@/db/actor";
import { queues } from "@/db/queues";
import { job } from "@/db/schema";
import type { StudyActor } from "./door";
import { AppError } from "./errors";

/** pg-boss gives `$1, $2, ...` and values; drizzle wants a template. */
function statement(text: string, values: readonly unknown[]): SQL {
  const parts = text.split(/\$(\d+)/);
  const chunks = parts.map((part, i) => {
    if (i % 2 === 0) return sql.raw(part);
    const value = values[Number(part) - 1];
    return sql`${typeof value === "object" && value !== null ? JSON.stringify(value) : (value ?? null)}`;
  });
  return sql.join(chunks);
}

let sender: PgBoss | undefined;

/** Kinds of work that a worker takes from the queue of the same name. */
export type QueuedKind = keyof typeof queues;

/**
 * Puts a job into its queue, in the transaction of the deed that needs it: both are there, or neither. The queue holds ids only.
 * @param ids `queueId`: of this turn in the queue; jobs that are queued in one transaction are taken in its order
 */
export async function sendToQueue(
  tx: Tx,
  kind: QueuedKind,
  { queueId, jobId, studyId }: { queueId: string; jobId: string; studyId: string },
): Promise<void> {
  const db = {
    executeSql: async (text: string, values: unknown[]) => ({ rows: [...(await tx.execute(statement(text, values)))] }),
  };
  sender ??= new PgBoss({ db });
  await sender.send(queues[kind].name, { jobId, studyId }, { id: queueId, db });
}

/**
 * A new job, in its queue.
 * @returns its id, which what the job is about has, too
 */
export async function queueJob(
  tx: Tx,
  { studyId }: StudyActor,
  { kind, queueId = randomUUID() }: { kind: QueuedKind; queueId?: string | undefined },
): Promise<string> {
  const [made] = await tx.insert(job).values({ studyId, kind, queueId }).returning({ id: job.id });
  if (!made) throw new AppError("unavailable", { key: "errors.work_not_saved" });
  await sendToQueue(tx, kind, { queueId, jobId: made.id, studyId });
  return made.id;
}

/** Takes a job up again that failed, was cancelled or waits in no queue, and a bundle that is done: its file can be lost. @returns false when it is none of these */
export async function resumeJob(
  tx: Tx,
  { studyId }: StudyActor,
  { kind, jobId }: { kind: QueuedKind; jobId: string },
): Promise<boolean> {
  const queueId = randomUUID();
  const [answer] = await tx.execute<{ resumed: boolean }>(
    sql`select nw.resume_job(${kind}, ${jobId}, ${queueId}) as resumed`,
  );
  if (!answer?.resumed) return false;
  await sendToQueue(tx, kind, { queueId, jobId, studyId });
  return true;
}
