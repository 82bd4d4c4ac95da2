import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { asc, eq, sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { finalFold } from "@/core/network/folds";
import { openDoor } from "@/db/actor";
import { crop, cropScore, job, runFold, runTask } from "@/db/schema";
import { formulaUnit } from "@/scripts/parity/formula";
import { queueJob } from "@/server/jobs";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { insertSnapshot } from "@/server/services/dataset/insert-snapshot";
import { readImage } from "@/server/services/imaging/read-image";
import { lockStudy } from "@/server/services/lock/lock-study";
import { readObject, store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { fineTuning, insertRun, leaveOut } from "@/tests/support/model-runs";
import { read } from "@/tests/support/said";
import { addPatient, type MadeStudy, makeStudy, report } from "@/tests/support/study";
import { killed, startWorker, until } from "@/tests/support/worker";
import { loadPortable } from "@/worker/engines";
import { scoreCrops } from "@/worker/scoring/score";
import { encodeModel, openModel } from "@/worker/scoring/stored-model";
import { ensureWeights } from "@/worker/weights/pretrained";

const database = await freshDatabase();
const { door } = database;
const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 2 });
const cache = mkdtempSync(join(tmpdir(), "nodewise-cache-"));
let study: MadeStudy;
let runId: string;
let crops: { id: string; sha256: string }[];
/** The record of a final model. */
let fold: Omit<typeof runFold.$inferInsert, "runId">;

/** A model of the frozen network: only its unit is stored. */
const storeModel = async (seed: number) => {
  const unit = formulaUnit({ size: 299, seed, set: 0, count: 1, centre: 0, frozen: 94 });
  const input = { mean: [0, 0, 0] as [number, number, number], divisor: 255, size: 299, sizeBlind: false };
  const model = encodeModel({ layers: [], unit, frozen: 94, weights: "nsfwjs-4.4.0", seed: 1, input });
  return (await store.put(model)).sha256;
};

const asScientist = <T>(fn: Parameters<typeof door.withActor<T>>[1]) =>
  door.withActor(study.members.data_scientist, fn);
const asWorker = <T>(fn: Parameters<typeof door.withActor<T>>[1]) =>
  workerDoor.withActor(
    { role: "worker", personId: null, studyId: study.studyId, siteId: null, membershipId: null },
    fn,
  );

/** A run of whose snapshot every image is gone, so that each is one of the study's other images. */
async function makeRun(): Promise<string> {
  const { studyId, members } = study;
  const id = randomUUID();
  const { snapshotId, labelled } = await asScientist(async (tx) => {
    const labelled = await findLabelledCrops(tx, members.data_scientist);
    const about = { splitUnit: "patient" as const, folds: 2, seed: 1 };
    const made = await insertSnapshot(tx, members.data_scientist, { ...about, crops: labelled, foldOf: () => 0 });
    await insertRun(tx, { id, studyId, snapshotId: made.snapshotId, config: fineTuning });
    return { ...made, labelled };
  });
  const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
  await leaveOut(
    admin,
    snapshotId,
    labelled.map(({ cropId }) => cropId),
  );
  await admin.end();
  return id;
}

beforeAll(async () => {
  const weights = await ensureWeights();
  symlinkSync(weights, join(cache, basename(weights)));
  // The worker finds the weights here, and no faster engine than the portable one.
  process.env.NODEWISE_CACHE = cache;
  study = await makeStudy({ door, ownerUrl: database.owner });
  for (let seed = 1; seed <= 3; seed++) {
    const positive = seed % 2 === 1;
    const { nodeId } = await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 6, positive, seed });
    await report(door, study, nodeId, positive ? "positive" : "negative");
  }
  const pi = study.members.principal_investigator;
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "No readers in this test" }));
  crops = await asScientist((tx) =>
    tx
      .select({ id: crop.id, sha256: sql<string>`${crop.sha256}` })
      .from(crop)
      .orderBy(asc(crop.id)),
  );
  runId = await makeRun();
  const folds = await Promise.all(
    [finalFold, 0, 1].map(async (fold) => ({
      runId,
      studyId: study.studyId,
      fold,
      epochs: 1,
      chosenEpoch: 1,
      threshold: 0.5,
      trainingImages: 6,
      tuningImages: 0,
      modelSha256: await storeModel(fold + 2),
    })),
  );
  await asWorker((tx) => tx.insert(runFold).values(folds));
  const [final] = folds;
  if (final) fold = final;
}, 180_000);
afterEach(killed);
afterAll(async () => {
  await workerDoor.close();
  rmSync(cache, { recursive: true, force: true });
});

type Asked = Pick<typeof runTask.$inferInsert, "kind" | "cropId" | "variant">;

async function ask(asked: Asked, of = runId): Promise<string> {
  return asScientist(async (tx) => {
    const id = await queueJob(tx, study.members.data_scientist, { kind: "task" });
    await tx.insert(runTask).values({ id, studyId: study.studyId, runId: of, ...asked });
    return id;
  });
}

async function taskOf(id: string) {
  const [task] = await asScientist((tx) =>
    tx.select().from(runTask).innerJoin(job, eq(job.id, runTask.id)).where(eq(runTask.id, id)),
  );
  if (!task) throw new Error("the task is not there");
  return { ...task.job, ...task.run_task };
}

const ended = (id: string) =>
  until("the end of the task", async () => {
    const task = await taskOf(id);
    return task.endedAt !== null && task;
  });

const scoresOf = (of = runId) =>
  asScientist((tx) =>
    tx
      .select({ cropId: cropScore.cropId, fold: cropScore.fold, score: cropScore.score })
      .from(cropScore)
      .where(eq(cropScore.runId, of))
      .orderBy(cropScore.cropId),
  );

const nth = (index: number) => {
  const found = crops[index];
  if (!found) throw new Error("the study has fewer crops");
  return found;
};

test("explanations are made by the model of the fold that scored the crop, and refused where the score is another", async () => {
  const tf = await loadPortable();
  const fold0 = await storeModel(2);
  const known = { ...nth(0), png: () => readImage(nth(0).sha256) };
  let [logit, score] = [Number.NaN, Number.NaN];
  await scoreCrops(tf, await openModel(fold0), [known], {
    batch: 4,
    onScores: async ([first]) => {
      ({ logit, score } = first ?? { logit, score });
    },
  });
  const of = { runId, studyId: study.studyId };
  await asWorker((tx) =>
    tx.insert(cropScore).values([
      { ...of, cropId: nth(0).id, fold: 0, score },
      // What the model of fold 1 does not say of this crop.
      { ...of, cropId: nth(1).id, fold: 1, score: 0.987 },
    ]),
  );
  startWorker(database.worker);
  const asked = { kind: "explain", variant: "grad-cam-fine" } as const;
  const [right, wrong, unscored] = await Promise.all([0, 1, 2].map((i) => ask({ ...asked, cropId: nth(i).id })));

  const done = await ended(right ?? "");
  expect(done).toMatchObject({ state: "done", error: null, done: 1, total: 1, resultType: "image/png" });
  expect(done.detail).toMatchObject({ fold: 0, model: fold0, engine: "portable" });
  const { detail } = done as { detail: Record<string, number> };
  expect(detail.logit).toBeCloseTo(logit, 4);
  expect(detail.score).toBeCloseTo(score, 5);
  const picture = await sharp(await readImage(done.resultSha256 ?? "")).metadata();
  expect([picture.format, picture.width, picture.height]).toEqual(["png", 512, 540]);

  expect(await ended(wrong ?? "")).toMatchObject({ state: "failed", resultSha256: null });
  expect(read((await taskOf(wrong ?? "")).error)).toMatch(
    /^The crop's score comes out as 0\.\d+, and 0\.987000 is on record/,
  );
  expect(await ended(unscored ?? "")).toMatchObject({ state: "failed" });
  expect(read((await taskOf(unscored ?? "")).error)).toMatch(/has not scored this crop/);
}, 180_000);

test("a worker killed in the middle of scoring loses nothing: another scores the crops that are left", async () => {
  const before = await scoresOf();
  const id = await ask({ kind: "score" });
  const worker = startWorker(database.worker);
  const some = await until("a score", async () => {
    const scores = await scoresOf();
    return scores.length > before.length && scores;
  });
  const gone = new Promise((done) => worker.once("exit", done));
  worker.kill("SIGKILL");
  await gone;
  expect((await taskOf(id)).state).toBe("running");
  expect(some.length).toBeLessThan(crops.length);

  startWorker(database.worker);
  const left = crops.length - before.length;
  expect(await ended(id)).toMatchObject({ state: "done", error: null, done: left, total: left, resultSha256: null });
  const scores = await scoresOf();
  expect(scores.map(({ cropId }) => cropId)).toEqual(crops.map(({ id }) => id));
  for (const row of [...before, ...some]) expect(scores).toContainEqual(row);
  const added = scores.filter(({ cropId }) => !before.some((row) => row.cropId === cropId));
  expect(new Set(added.map(({ fold }) => fold))).toEqual(new Set([finalFold]));

  const explained = await ended(await ask({ kind: "explain", variant: "grad-cam", cropId: nth(2).id }));
  expect(explained).toMatchObject({ state: "done", detail: { fold: finalFold } });
}, 180_000);

/** The processes of a task that a worker has now (Linux); not those that try engines. */
const engineProcesses = (worker: ChildProcess): number[] =>
  readFileSync(`/proc/${worker.pid}/task/${worker.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((pid) => {
      try {
        return pid !== "" && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("task-process");
      } catch {
        return false; // It has ended meanwhile.
      }
    })
    .map(Number);

test.skipIf(process.platform !== "linux")(
  "an engine that dies is started again by itself, and after the third time its reason is that of the task",
  async () => {
    const worker = startWorker(database.worker);
    /** Ends an engine of each of so many generations. */
    const kill = async (generations: number) => {
      const seen = new Set<number>();
      for (let deaths = 1; deaths <= generations; deaths++) {
        const [engine = Number.NaN] = await until("a new process", async () => {
          const fresh = engineProcesses(worker).filter((pid) => !seen.has(pid));
          return fresh.length > 0 && fresh;
        });
        for (const pid of engineProcesses(worker)) seen.add(pid);
        process.kill(engine, "SIGKILL");
        await until("its end", async () => !engineProcesses(worker).includes(engine));
      }
    };
    const asked = { kind: "export", variant: "tfjs" } as const;
    const once = await ask(asked);
    await kill(1);
    expect(await ended(once)).toMatchObject({ state: "done", attempts: 1, error: null, detail: { restarts: 1 } });

    const scored = await makeRun();
    await asWorker((tx) => tx.insert(runFold).values({ ...fold, runId: scored }));
    const scoring = await ask({ kind: "score" }, scored);
    await kill(1);
    expect(await ended(scoring)).toMatchObject({
      state: "done",
      attempts: 1,
      error: null,
      done: crops.length,
      total: crops.length,
      detail: { restarts: 1 },
    });
    expect(await scoresOf(scored)).toHaveLength(crops.length);

    const thrice = await ask(asked);
    await kill(4);
    expect(await ended(thrice)).toMatchObject({ state: "failed", attempts: 1 });
    expect(read((await taskOf(thrice)).error)).toMatch(/^The engine's process ended \(SIGKILL\)/);
  },
  240_000,
);

test("a model goes out as an ONNX file of the store, compared where ONNX Runtime is installed", async () => {
  startWorker(database.worker);
  const task = await ended(await ask({ kind: "export", variant: "onnx" }));
  expect(task).toMatchObject({ state: "done", error: null, resultName: `${study.slug}-inception-v3.onnx` });
  const bytes = await readObject(task.resultSha256 ?? "", { limit: 1e9 });
  expect(task.detail).toMatchObject({ bytes: bytes.length, sha256: task.resultSha256, fold: finalFold });
  expect(bytes.length).toBeGreaterThan(87_000_000);
  const { checked, difference } = task.detail as { checked: string; difference: number | null };
  if (difference === null) expect(checked).toMatch(/^not checked here/);
  else {
    expect(checked).toMatch(/^logits of 2 crops by onnxruntime-/);
    expect(difference).toBeLessThan(1e-4);
  }
}, 180_000);

test("a run without a model says so", async () => {
  const baseline = await makeRun();
  startWorker(database.worker);
  for (const asked of [{ kind: "score" }, { kind: "export", variant: "tfjs" }] as const) {
    const task = await ended(await ask(asked, baseline));
    expect(task.state).toBe("failed");
    expect(read(task.error)).toMatch(/^This run has no model that was trained on everything/);
  }
}, 180_000);
