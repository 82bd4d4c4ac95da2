import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { finalFold } from "@/core/network/folds";
import { smallestInput } from "@/core/network/input";
import { cropScore, job, modelRun } from "@/db/schema";
import { snapshotHash } from "@/server/services/dataset/snapshot-hash";
import { lockStudy } from "@/server/services/lock/lock-study";
import { cancelRun } from "@/server/services/model/cancel-run";
import { queueTraining } from "@/server/services/model/queue-training";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { read } from "@/tests/support/said";
import { addPatient, type MadeStudy, makeStudy, report } from "@/tests/support/study";
import { killed, startWorker, until } from "@/tests/support/worker";

/** Long enough to be killed in the middle: some seconds a fold. */
const optimiser = "{ kind: sgd, learningRate: 0.0001, momentum: 0.95, decay: 0.000001, batchSize: 4, epochs: 6000 }";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
let study: MadeStudy;

beforeAll(async () => {
  const { source } = await shippedProtocol("demonstration");
  study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source
      .replace(/optimiser: \{.*\}/, `optimiser: ${optimiser}`)
      .replace(/inputSize: \d+/, `inputSize: ${smallestInput}`),
  });
  for (let seed = 1; seed <= 4; seed++) {
    const positive = seed % 2 === 1;
    const { nodeId } = await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 6, positive, seed });
    await report(door, study, nodeId, positive ? "positive" : "negative");
  }
  const pi = study.members.principal_investigator;
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "No readers in this test" }));
});
afterAll(() => admin.end());

afterEach(killed);

const queue = () => {
  const scientist = study.members.data_scientist;
  return queueTraining(scientist, { folds: 2, seed: 3 });
};

async function runOf(runId: string) {
  const [run] = await door.withActor(study.members.data_scientist, (tx) =>
    tx.select().from(modelRun).innerJoin(job, eq(job.id, modelRun.id)).where(eq(modelRun.id, runId)),
  );
  if (!run) throw new Error("the run is not there");
  return { ...run.model_run, ...run.job };
}

const ended = (runId: string) =>
  until("the end of the run", async () => {
    const run = await runOf(runId);
    return run.endedAt !== null && run;
  });

const scoresOf = (runId: string) =>
  door.withActor(study.members.data_scientist, (tx) =>
    tx
      .select({ crop: cropScore.cropId, fold: cropScore.fold, score: cropScore.score })
      .from(cropScore)
      .where(eq(cropScore.runId, runId))
      .orderBy(cropScore.cropId),
  );

/** A run whose worker was killed once it had a checkpoint, and that newest one. A kill that came when the training had ended, and its files with it, is none: another run is begun. */
async function killedInTheMiddle() {
  for (let tries = 0; tries < 3; tries++) {
    const { runId } = await queue();
    const victim = startWorker(database.worker);
    await until("a checkpoint", async () => (await filesLeft(runId)).length > 0);
    const gone = new Promise((done) => victim.once("exit", done));
    victim.kill("SIGKILL");
    await gone;
    const [checkpoint] = await door.withActor(study.members.data_scientist, (tx) =>
      tx.execute<{ fold: number; epoch: number }>(
        sql`select fold, epoch from checkpoint where run_id = ${runId} order by at desc limit 1`,
      ),
    );
    if (checkpoint && (await filesLeft(runId)).length > 0) return { runId, checkpoint };
    startWorker(database.worker);
    await ended(runId);
    await killed();
  }
  throw new Error("three trainings had ended before their worker was killed");
}

test("a worker killed in the middle of training loses nothing: another goes on from the checkpoint to the same scores", async () => {
  const { runId, checkpoint } = await killedInTheMiddle();
  expect((await runOf(runId)).state).toBe("running");

  startWorker(database.worker);
  const resumed = await ended(runId);
  expect(resumed).toMatchObject({ state: "done", attempts: 2 });
  const log = await door.withActor(study.members.data_scientist, (tx) =>
    tx.execute<{ line: string }>(sql`select line from run_log where run_id = ${runId}`),
  );
  const from = log
    .map(({ line }) => /attempt 2\), from (fold \d+|the final model), epoch (\d+)/.exec(read(line)))
    .find(Boolean);
  expect(from, "it went on from a checkpoint").toBeTruthy();
  const { fold, epoch } = checkpoint;
  expect(from?.slice(1)).toEqual([fold === finalFold ? "the final model" : `fold ${fold + 1}`, String(epoch)]);

  const { runId: whole } = await queue();
  expect(await ended(whole)).toMatchObject({ state: "done", attempts: 1 });
  const scores = await scoresOf(runId);
  expect(scores).toHaveLength(12);
  expect(scores).toEqual(await scoresOf(whole));
  expect(await filesLeft(runId), "a finished run leaves no checkpoint behind").toEqual([]);
}, 240_000);

/** Files of a run's checkpoints that are in the store, the newest first. */
async function filesLeft(runId: string): Promise<string[]> {
  const rows = await door.withActor(study.members.data_scientist, (tx) =>
    tx.execute<{ sha256: string }>(sql`select sha256 from checkpoint where run_id = ${runId} order by at desc`),
  );
  const there = await Promise.all(rows.map(({ sha256 }) => store.has(sha256)));
  return rows.map(({ sha256 }) => sha256).filter((_, i) => there[i]);
}

const logOf = async (runId: string) =>
  (
    await door.withActor(study.members.data_scientist, (tx) =>
      tx.execute<{ line: string }>(sql`select line from run_log where run_id = ${runId} order by id`),
    )
  ).map(({ line }) => read(line));

function flipOneBit(sha256: string): void {
  const path = join(database.store, sha256.slice(0, 2), sha256);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  writeFileSync(path, bytes);
}

test("one flipped bit in the newest checkpoint costs the way from the one before, and flipped bits in all of them no more than the training", async () => {
  const { runId: whole } = await queue();
  startWorker(database.worker);
  expect(await ended(whole)).toMatchObject({ state: "done" });
  await killed();
  for (const damaged of [1, 3]) {
    const { runId } = await queue();
    const victim = startWorker(database.worker);
    await until("three checkpoints", async () => (await filesLeft(runId)).length >= 3);
    const gone = new Promise((done) => victim.once("exit", done));
    victim.kill("SIGKILL");
    await gone;
    for (const sha256 of (await filesLeft(runId)).slice(0, damaged)) flipOneBit(sha256);
    startWorker(database.worker);
    expect(await ended(runId)).toMatchObject({ state: "done", error: null });
    const log = await logOf(runId);
    expect(log.filter((line) => /^The checkpoint of .* cannot be used: .* is damaged/.test(line))).toHaveLength(
      damaged,
    );
    expect(log.some((line) => /attempt 2\), from /.test(line))).toBe(damaged === 1);
    expect(await scoresOf(runId)).toEqual(await scoresOf(whole));
    expect(await filesLeft(runId)).toEqual(damaged === 1 ? [] : expect.any(Array));
    await killed();
  }
}, 400_000);

/** Processes that a process started (Linux). */
const childrenOf = (pid: number | undefined) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

test.skipIf(process.platform !== "linux")(
  "an engine that dies is started again by itself, and after the third time its reason is that of the run",
  async () => {
    const { runId } = await queue();
    const worker = startWorker(database.worker);
    const phases = () => runOf(runId).then(({ phase, state }) => state === "running" && read(phase).startsWith("fold"));
    for (let deaths = 1; deaths <= 4; deaths++) {
      await until("the training", phases);
      const lines = (await logOf(runId)).length;
      const [engine] = await until("its process", async () => {
        const children = childrenOf(worker.pid);
        return children.length > 0 && children;
      });
      process.kill(engine ?? Number.NaN, "SIGKILL");
      await until("a line of the log", async () => (await logOf(runId)).length > lines);
    }
    const run = await ended(runId);
    expect(run).toMatchObject({ state: "failed", attempts: 1 });
    expect(read(run.error)).toMatch(/^The engine's process ended \(SIGKILL\)/);
    const restarts = (await logOf(runId)).filter((line) => line.includes("Started again by itself"));
    expect(restarts.map((line) => /\(\d of at most \d times\)/.exec(line)?.[0])).toEqual(
      [1, 2, 3].map((time) => `(${time} of at most 3 times)`),
    );

    const { runId: once } = await queue();
    await until("the training", () => runOf(once).then(({ phase }) => read(phase).startsWith("fold")));
    process.kill(childrenOf(worker.pid)[0] ?? Number.NaN, "SIGKILL");
    expect(await ended(once)).toMatchObject({ state: "done", attempts: 1, error: null });
  },
  400_000,
);

test("a cancelled run stops, keeps its last checkpoint and has no scores", async () => {
  const { runId } = await queue();
  startWorker(database.worker);
  await until("the start of the training", async () => read((await runOf(runId)).phase).startsWith("fold"));
  const scientist = study.members.data_scientist;
  await door.withActor(scientist, (tx) => cancelRun(tx, scientist, { runId }));
  expect(await ended(runId)).toMatchObject({ state: "cancelled", error: null });
  expect(await scoresOf(runId)).toEqual([]);
  await expect(door.withActor(scientist, (tx) => cancelRun(tx, scientist, { runId }))).rejects.toThrow(/ended/);
}, 240_000);

test("a snapshot with a patient on both sides is refused by the worker, which names the patient", async () => {
  const { runId } = await queue();
  const { snapshotId } = await runOf(runId);
  // No role of the product can do this: snapshots are append-only.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    const moved = await run`
      update dataset_item set fold = 1 - fold
       where snapshot_id = ${snapshotId} and crop_id = (select min(crop_id::text)::uuid from dataset_item where snapshot_id = ${snapshotId})
       returning crop_id`;
    expect(moved).toHaveLength(1);
    // As whoever writes a snapshot would: its hash is that of what stands in it.
    const items = await run<Parameters<typeof snapshotHash>[0]>`
      select i.subject, i.node, c.plane, i.sha256, i.truth, i.fold from dataset_item i join crop c on c.id = i.crop_id
       where i.snapshot_id = ${snapshotId} order by i.position`;
    await run`update dataset_snapshot set sha256 = ${snapshotHash(items)} where id = ${snapshotId}`;
  });
  startWorker(database.worker);
  const run = await ended(runId);
  expect(run.state).toBe("failed");
  expect(read(run.error)).toMatch(/^The split leaks: subject .* Split by patient/);
  expect(await scoresOf(runId)).toEqual([]);
}, 240_000);

test("a worker that was only slow loses its run to another and does not take it back", async () => {
  const { runId } = await queue();
  const slow = startWorker(database.worker);
  await until("the start of the training", async () => read((await runOf(runId)).phase).startsWith("fold"));
  const before = await runOf(runId);
  slow.kill("SIGSTOP");
  startWorker(database.worker);
  await until("the other worker to have it", async () => (await runOf(runId)).attempts === 2);
  slow.kill("SIGCONT");
  const run = await ended(runId);
  expect(run).toMatchObject({ state: "done", attempts: 2, error: null });
  expect(run.queueId).not.toBe(before.queueId);
  expect(await scoresOf(runId)).toHaveLength(12);
}, 240_000);

test("a database that ends its connections does not end the run", async () => {
  const { runId } = await queue();
  startWorker(database.worker);
  await until("the start of the training", async () => read((await runOf(runId)).phase).startsWith("fold"));
  const cut = await admin`
    select pg_terminate_backend(pid) from pg_stat_activity where usename = 'nodewise_worker' and datname = current_database()`;
  expect(cut.length).toBeGreaterThan(0);
  expect(await ended(runId)).toMatchObject({ state: "done", error: null });
}, 240_000);
