import { pathToFileURL } from "node:url";
import PgBoss from "pg-boss";
import pino from "pino";
import { printableJson } from "@/core/text/characters";
import { queues } from "@/db/queues";
import { env } from "@/server/env";
import type { QueuedKind } from "@/server/jobs";
import { deleteUnnamedFiles } from "@/server/services/imaging/delete-unnamed-files";
import { drawLackingCanvases } from "@/server/services/imaging/draw-lacking-canvases";
import { checkStore } from "@/server/store";
import { queuedJob, releaseStalledJobs, underLease, type Work } from "./lease";
import { keepLooking } from "./letters/look-at-images";

/** One line an entry, whatever a person wrote that stands in it. */
const log = pino({ name: "worker" }, { write: (line) => process.stdout.write(printableJson(line)) });

const sweepMilliseconds = 4_000;

/** How each kind of job is done: loaded when the first one comes, because some pull in TensorFlow. */
const handlers: Record<QueuedKind, () => Promise<Work>> = {
  train: async () => (await import("./jobs/train.handler")).train,
  task: async () => (await import("./jobs/task.handler")).task,
  analyse: async () => (await import("./jobs/analyse.handler")).analyse,
  bundle: async () => (await import("./jobs/bundle.handler")).bundle,
  report: async () => (await import("./jobs/report.handler")).makeReport,
};

/**
 * Takes jobs from the queues, one of each kind at a time, until stopped. At least once: a job may come again after a crash, so handlers resume
 * from their records. What pg-boss does not know is a worker that died: `releaseStalledJobs` finds it by its heartbeat.
 */
export async function startWorker() {
  await checkStore();
  const stopping = new AbortController();
  const boss = new PgBoss({
    connectionString: env().DATABASE_URL,
    migrate: false,
    max: 4,
    supervise: true,
    schedule: false,
  });
  boss.on("error", (error) => log.error({ err: error.message }, "queue"));
  await boss.start();
  for (const { name: kind } of Object.values(queues))
    await boss.work(kind, { batchSize: 1, pollingIntervalSeconds: 0.5 }, async ([queued]) => {
      if (!queued) return;
      const work = await handlers[kind]();
      await underLease(queuedJob.parse(queued.data), { kind, queueId: queued.id, signal: stopping.signal, log }, work);
    });
  const sweep = setInterval(() => {
    for (const each of [releaseStalledJobs(log), deleteUnnamedFiles()])
      each.catch((error: Error) => log.error({ err: error.message }, "sweep"));
  }, sweepMilliseconds);
  const drawing = drawLackingCanvases(stopping.signal)
    .then(({ drawn, lost }) => {
      if (drawn > 0) log.info({ drawn }, "drew the images of an earlier version for readers");
      if (lost.length > 0) log.error({ lost }, "images are missing from the store: their cases cannot be read");
    })
    .catch((error: Error) => log.error({ err: error.message }, "drawing images for readers"));
  const looking = keepLooking({ signal: stopping.signal, log });
  log.info("ready");
  return {
    async stop(): Promise<void> {
      clearInterval(sweep);
      stopping.abort();
      await drawing;
      await looking;
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
