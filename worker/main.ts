import { pathToFileURL } from "node:url";
import { sql } from "drizzle-orm";
import PgBoss from "pg-boss";
import pino from "pino";
import { queues } from "@/db/queues";
import { withActor } from "@/server/door";
import { env } from "@/server/env";
import { trainPayload } from "./jobs/train";

const log = pino({ name: "worker" });

/** Seconds without a sign of life after which a run is taken from its worker. Heartbeats come every 2 s (`train.handler.ts`). */
const silentSeconds = 12;
const sweepMilliseconds = 4_000;

/** Gives the jobs of workers that went silent back to the queue, where pg-boss hands them out again. */
async function releaseStalledRuns(boss: PgBoss): Promise<void> {
  const worker = { role: "worker", personId: null, studyId: null, siteId: null, membershipId: null } as const;
  const stalled = await withActor(worker, (tx) =>
    tx.execute<{ run_id: string }>(sql`select run_id from nw.stalled_runs(${silentSeconds})`),
  );
  for (const { run_id: runId } of stalled) {
    log.warn({ runId }, "worker of this run went silent; the run goes on from its last checkpoint");
    await boss.fail(queues.train.name, runId, { reason: "worker went silent" });
  }
}

/**
 * Takes jobs from the queue, one at a time, until stopped. At least once: a job may come again after a crash, so handlers resume
 * from their records. What pg-boss does not know is a worker that died: `releaseStalledRuns` finds it by its heartbeat.
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
  const sweep = setInterval(
    () => releaseStalledRuns(boss).catch((error: Error) => log.error({ err: error.message }, "sweep")),
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
