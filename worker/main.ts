import { pathToFileURL } from "node:url";
import { sql } from "drizzle-orm";
import PgBoss from "pg-boss";
import pino from "pino";
import { queues } from "@/db/queues";
import { withActor } from "@/server/door";
import { env } from "@/server/env";
import { enqueue } from "@/server/jobs";
import { checkStore } from "@/server/store";
import { taskPayload } from "./jobs/task";
import { trainPayload } from "./jobs/train";

const log = pino({ name: "worker" });

/** Seconds without a sign of life after which a run is taken from its worker. Heartbeats come every 2 s (`jobs/`). */
const silentSeconds = 12;
const sweepMilliseconds = 4_000;

/**
 * Takes the work of workers that went silent from them and queues it again, under a new job: a worker that was only slow finds that its job
 * counts no more, and neither can end the other's.
 */
async function releaseStalledJobs(): Promise<void> {
  const worker = { role: "worker", personId: null, studyId: null, siteId: null, membershipId: null } as const;
  const released = await withActor(worker, async (tx) => {
    const rows = await tx.execute<{ queue: "train" | "task"; job_id: string; record_id: string; study_id: string }>(
      sql`select queue, job_id, record_id, study_id from nw.release_stalled_jobs(${silentSeconds})`,
    );
    for (const { queue, job_id: jobId, record_id: id, study_id: studyId } of rows)
      await enqueue(tx, queue, jobId, { [queue === "train" ? "runId" : "taskId"]: id, studyId });
    return [...rows];
  });
  for (const { queue, record_id: id } of released)
    log.warn({ queue, id }, "its worker went silent; it goes on with the next one");
}

/**
 * Takes jobs from the queues, one training and one task at a time, until stopped. At least once: a job may come again after a crash, so handlers resume
 * from their records. What pg-boss does not know is a worker that died: `releaseStalledJobs` finds it by its heartbeat.
 */
export async function startWorker() {
  await checkStore();
  const stopping = new AbortController();
  const boss = new PgBoss({
    connectionString: env().DATABASE_URL,
    migrate: false,
    max: 3,
    supervise: true,
    schedule: false,
  });
  boss.on("error", (error) => log.error({ err: error.message }, "queue"));
  await boss.start();
  await boss.work(queues.train.name, { batchSize: 1, pollingIntervalSeconds: 0.5 }, async ([job]) => {
    if (!job) return;
    const { handleTrain } = await import("./jobs/train.handler");
    await handleTrain(trainPayload.parse(job.data), { jobId: job.id, signal: stopping.signal, log });
  });
  await boss.work(queues.task.name, { batchSize: 1, pollingIntervalSeconds: 0.5 }, async ([job]) => {
    if (!job) return;
    const { handleTask } = await import("./jobs/task.handler");
    await handleTask(taskPayload.parse(job.data), { jobId: job.id, signal: stopping.signal, log });
  });
  const sweep = setInterval(
    () => releaseStalledJobs().catch((error: Error) => log.error({ err: error.message }, "sweep")),
    sweepMilliseconds,
  );
  log.info("ready");
  return {
    async stop(): Promise<void> {
      clearInterval(sweep);
      stopping.abort();
      await boss.stop({ graceful: true, wait: true, timeout: 9_000 });
    },
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const worker = await startWorker();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log.info("stopping");
      worker.stop().then(() => process.exit(0));
    });
  }
}
