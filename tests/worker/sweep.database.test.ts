import { eq } from "drizzle-orm";
import { afterEach, beforeAll, expect, test } from "vitest";
import { job, modelRun, runFold } from "@/db/schema";
import { lockStudy } from "@/server/services/lock/lock-study";
import { cancelRun } from "@/server/services/model/cancel-run";
import { queueSweep } from "@/server/services/model/queue-sweep";
import { resumeRun } from "@/server/services/model/resume-run";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, type MadeStudy, makeStudy, report } from "@/tests/support/study";
import { killed, startWorker, until } from "@/tests/support/worker";

/** The last convolutions of a random network in the smallest input, one epoch: some seconds a run on the portable engine. */
const network = `network:
  trainable: network
  architecture: inception-v3
  weights: random
  engine: portable
  inputSize: 75
  scaling: subtract-mean-divide-by-255
  folds: 2
  splitUnit: patient
  threshold: 0.5
  frozen: 93
  frozenUnit: convolutions
  optimiser: { kind: sgd, learningRate: 0.001, momentum: 0.95, decay: 0.000001, batchSize: 4, epochs: 1 }
  microBatch: 2
  flipHorizontal: true
  flipVertical: true
  rotationDegrees: 180
  noiseSigma: 5
  blurSigma: 1
  classWeights: none
  tuningFraction: 0.3
  patience: 0
  operatingPoint: fixed
`;

const database = await freshDatabase();
const { door } = database;
let study: MadeStudy;

beforeAll(async () => {
  const { source } = await shippedProtocol("demonstration");
  study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace(/network:[\s\S]*?\n\n/, `${network}\n`),
  });
  for (let seed = 1; seed <= 8; seed++) {
    const positive = seed % 2 === 1;
    const { nodeId } = await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 6, positive, seed });
    await report(door, study, nodeId, positive ? "positive" : "negative");
  }
  const pi = study.members.principal_investigator;
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "No readers in this test" }));
});
afterEach(killed);

const pi = () => study.members.principal_investigator;
const act = <T>(fn: Parameters<typeof door.withActor<T>>[1]) => door.withActor(pi(), fn);
const runsOf = async (sweepId: string) =>
  (
    await act((tx) =>
      tx.select().from(modelRun).innerJoin(job, eq(job.id, modelRun.id)).where(eq(modelRun.sweepId, sweepId)),
    )
  ).map(({ job }) => job);
const foldsOf = (runId: string) => act((tx) => tx.select().from(runFold).where(eq(runFold.runId, runId)));

test("a freeze sweep survives the kill of its worker: what was trained stays, the rest goes on", async () => {
  const { sweepId, runIds } = await queueSweep(pi(), { depths: [94, 93], frozenUnit: "convolutions" });
  expect(runIds).toHaveLength(2);
  const first = startWorker(database.worker);
  const started = await until("a fold", async () => {
    for (const runId of runIds) if ((await foldsOf(runId)).length > 0) return runId;
    return false;
  });
  expect(started, "depths are taken in their order").toBe(runIds[0]);
  const before = await foldsOf(started);
  const gone = new Promise((done) => first.once("exit", done));
  first.kill("SIGKILL");
  await gone;

  startWorker(database.worker);
  const runs = await until("the end of both runs", async () => {
    const runs = await runsOf(sweepId);
    return runs.every((run) => run.endedAt !== null) && runs;
  });
  expect(runs.map(({ state, error }) => ({ state, error }))).toEqual([
    { state: "done", error: null },
    { state: "done", error: null },
  ]);
  expect(runs.find((run) => run.id === started)?.attempts).toBe(2);
  for (const fold of before) expect(await foldsOf(started)).toContainEqual(fold);
  for (const runId of runIds) expect((await foldsOf(runId)).map(({ fold }) => fold).sort()).toEqual([-1, 0, 1]);
}, 600_000);

test("a cancelled run is taken up again by a person and ends; one that is done is not", async () => {
  const { runIds } = await queueSweep(pi(), { depths: [94, 93], frozenUnit: "convolutions" });
  const [runId = "", other = ""] = runIds;
  startWorker(database.worker);
  await act((tx) => cancelRun(tx, pi(), { runId: other }));
  const stateOf = async (id: string) => (await act((tx) => tx.select().from(job).where(eq(job.id, id))))[0];
  const ended = (id: string) =>
    until("the end of the run", async () => ((await stateOf(id))?.endedAt ? stateOf(id) : false));
  expect((await ended(other))?.state).toBe("cancelled");
  await act((tx) => resumeRun(tx, pi(), { runId: other }));
  expect((await ended(runId))?.state).toBe("done");
  await until("the end of the resumed run", async () => (await stateOf(other))?.state === "done");
  await expect(act((tx) => resumeRun(tx, pi(), { runId }))).rejects.toThrow(/failed or was cancelled/);
}, 600_000);
