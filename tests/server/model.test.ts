import { eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import type { Tx } from "@/db/actor";
import { datasetItem, datasetSnapshot, modelRun } from "@/db/schema";
import type { TrainInput } from "@/server/schemas/model";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { freezeSnapshot } from "@/server/services/dataset/freeze-snapshot";
import { splitCrops } from "@/server/services/dataset/split-crops";
import { lockStudy } from "@/server/services/lock/lock-study";
import { queueTraining } from "@/server/services/model/queue-training";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, type MadeStudy, makeStudy, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;

async function filledStudy(): Promise<MadeStudy> {
  const study = await makeStudy({ door, ownerUrl: database.owner });
  for (let seed = 1; seed <= 6; seed++) {
    const positive = seed % 2 === 1;
    const { nodeId } = await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 6, positive, seed });
    await report(door, study, nodeId, positive ? "positive" : "negative");
  }
  return study;
}

const lock = (study: MadeStudy) => {
  const pi = study.members.principal_investigator;
  return door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "No readers in this test" }));
};

async function snapshotOf(study: MadeStudy, options: TrainInput) {
  const scientist = study.members.data_scientist;
  const { runId } = await queueTraining(scientist, options);
  return door.withActor(scientist, async (tx) => {
    const [found] = await tx
      .select({ id: datasetSnapshot.id, sha256: datasetSnapshot.sha256 })
      .from(datasetSnapshot)
      .innerJoin(modelRun, eq(modelRun.snapshotId, datasetSnapshot.id))
      .where(eq(modelRun.id, runId));
    const { subject, position, truth, fold } = datasetItem;
    const items = await tx
      .select({ subject, position, truth, fold })
      .from(datasetItem)
      .where(eq(datasetItem.snapshotId, found?.id ?? ""))
      .orderBy(position);
    return { sha256: found?.sha256, items };
  });
}

let study: MadeStudy;
let twin: MadeStudy;
beforeAll(async () => {
  study = await filledStudy();
  twin = await filledStudy();
});

test("training is refused before the lock", async () => {
  await expect(snapshotOf(study, {})).rejects.toThrow(/Training opens when the database is locked/);
});

test("the same data, folds and seed give the same snapshot in any study; another seed gives another", async () => {
  await lock(study);
  await lock(twin);
  const here = await snapshotOf(study, { folds: 3, seed: 5 });
  expect(here.items).toHaveLength(18);
  expect(await snapshotOf(twin, { folds: 3, seed: 5 })).toEqual(here);
  expect((await snapshotOf(twin, { folds: 3, seed: 6 })).sha256).not.toBe(here.sha256);
});

test("a split by image, too, is the same in any study: it does not hang on ids that are drawn at random", async () => {
  const byImage = { folds: 3, seed: 5, splitUnit: "image" } as const;
  expect(await snapshotOf(twin, byImage)).toEqual(await snapshotOf(study, byImage));
});

test("the last unit alone on weights whose features are not at hand is refused, and on those that are is not", async () => {
  const head = { trainable: "head", folds: 3 } as const;
  await expect(snapshotOf(study, { ...head, weights: "random" })).rejects.toThrow(/weights: the last unit alone/);
  expect((await snapshotOf(study, { ...head, weights: "nsfwjs-4.4.0" })).items).toHaveLength(18);
});

test("a setting of the network is refused by name where the last unit alone is trained, and taken where the network is", async () => {
  const settings = { folds: 3, frozen: 5, batchSize: 32, tuningFraction: 0.2 };
  await expect(snapshotOf(study, { trainable: "head", ...settings })).rejects.toMatchObject({
    code: "invalid",
    problems: ["frozen", "tuningFraction", "batchSize"].map((name) => expect.stringMatching(`^${name}: `)),
    message: expect.stringMatching(/frozen: .*tuningFraction: .*batchSize: /),
  });
  expect((await snapshotOf(study, { trainable: "network", ...settings })).items).toHaveLength(18);
});

test("no patient stands on two sides, and every fold has both classes", async () => {
  const { items } = await snapshotOf(study, { folds: 3 });
  const folds = new Map<string, Set<number>>();
  for (const { subject, fold } of items) folds.set(subject, (folds.get(subject) ?? new Set()).add(fold));
  expect(folds.size).toBe(6);
  for (const [subject, on] of folds) expect(on.size, subject).toBe(1);
  for (const fold of [0, 1, 2])
    expect(new Set(items.filter((item) => item.fold === fold).map(({ truth }) => truth)).size).toBe(2);
});

test("more folds than patients are refused with the number that is possible", async () => {
  await expect(snapshotOf(study, { folds: 7 })).rejects.toThrow(/ask for at most 6. Nothing was queued/);
});

test("a split of other images than the study has by now is not frozen", async () => {
  const { data_scientist: scientist } = study.members;
  const act = <T>(fn: (tx: Tx) => Promise<T>) => door.withActor(scientist, fn);
  const split = await splitCrops(await act((tx) => findLabelledCrops(tx, scientist)), {
    folds: 3,
    seed: 1,
    splitUnit: "patient",
  });
  const freeze = (crops: typeof split.crops) => act((tx) => freezeSnapshot(tx, scientist, { ...split, crops }));
  await expect(freeze(split.crops.slice(1))).rejects.toMatchObject({ code: "conflict" });
  await expect(freeze(split.crops.map((crop) => ({ ...crop, truth: 0 })))).rejects.toMatchObject({ code: "conflict" });
  await expect(freeze(split.crops)).resolves.toMatchObject({ images: split.crops.length });
});
