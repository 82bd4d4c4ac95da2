import { eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { smallestInput } from "@/core/network/input";
import { cropScore, job, modelRun } from "@/db/schema";
import { lockStudy } from "@/server/services/lock/lock-study";
import { cancelRun } from "@/server/services/model/cancel-run";
import { queueTraining } from "@/server/services/model/queue-training";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
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

test("a worker killed in the middle of training loses nothing: another goes on from the checkpoint to the same scores", async () => {
  const { runId } = await queue();
  const victim = startWorker(database.worker);
  const newest = async () => {
    const [row] = await door.withActor(study.members.data_scientist, (tx) =>
      tx.execute<{ fold: number; epoch: number }>(
        sql`select fold, epoch from checkpoint where run_id = ${runId} order by at desc limit 1`,
      ),
    );
    return row ?? false;
  };
  await until("a checkpoint", newest);
  const gone = new Promise((done) => victim.once("exit", done));
  victim.kill("SIGKILL");
  await gone;
  const checkpoint = await newest();
  expect((await runOf(runId)).state).toBe("running");

  startWorker(database.worker);
  const resumed = await ended(runId);
  expect(resumed).toMatchObject({ state: "done", attempts: 2 });
  const log = await door.withActor(study.members.data_scientist, (tx) =>
    tx.execute<{ line: string }>(sql`select line from run_log where run_id = ${runId}`),
  );
  const from = log.map(({ line }) => /attempt 2\), from fold (-?\d+), epoch (\d+)/.exec(read(line))).find(Boolean);
  expect(from, "it went on from a checkpoint").toBeTruthy();
  expect({ fold: Number(from?.[1]), epoch: Number(from?.[2]) }).toEqual(checkpoint);

  const { runId: whole } = await queue();
  expect(await ended(whole)).toMatchObject({ state: "done", attempts: 1 });
  const scores = await scoresOf(runId);
  expect(scores).toHaveLength(12);
  expect(scores).toEqual(await scoresOf(whole));
}, 240_000);

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
