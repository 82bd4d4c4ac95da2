import { pathToFileURL } from "node:url";
import { sql } from "drizzle-orm";
import PgBoss from "pg-boss";
import pino from "pino";
import { queues } from "@/db/queues";
import { withActor } from "@/server/door";
import { env } from "@/server/env";
import { taskPayload } from "./jobs/task";
import { trainPayload } from "./jobs/train";

const log = pino({ name: "worker" });

/** Seconds without a sign of life after which a run is taken from its worker. Heartbeats come every 2 s (`jobs/`). */
const silentSeconds = 12;
const sweepMilliseconds = 4_000;

/** Gives the jobs of workers that went silent back to the queue, where pg-boss hands them out again. */
async function releaseStalledJobs(boss: PgBoss): Promise<void> {
  const worker = { role: "worker", personId: null, studyId: null, siteId: null, membershipId: null } as const;
  const stalled = await withActor(worker, (tx) =>
    tx.execute<{ queue: string; job_id: string }>(sql`select queue, job_id from nw.stalled_jobs(${silentSeconds})`),
  );
  for (const { queue, job_id: jobId } of stalled) {
    log.warn({ queue, jobId }, "the worker of this job went silent; another goes on with it");
    await boss.fail(queue, jobId, { reason: "worker went silent" });
  }
}

/**
 * Takes jobs from the queues, one training and one task at a time, until stopped. At least once: a job may come again after a crash, so handlers resume
 * from their records. What pg-boss does not know is a worker that died: `releaseStalledJobs` finds it by its heartbeat.
 */
export async function startWorker() {
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
    await handleTrain(trainPayload.parse(job.data), { signal: stopping.signal, log });
  });
  await boss.work(queues.task.name, { batchSize: 1, pollingIntervalSeconds: 0.5 }, async ([job]) => {
    if (!job) return;
    const { handleTask } = await import("./jobs/task.handler");
    await handleTask(taskPayload.parse(job.data), { signal: stopping.signal, log });
  });
  const sweep = setInterval(
    () => releaseStalledJobs(boss).catch((error: Error) => log.error({ err: error.message }, "sweep")),
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
