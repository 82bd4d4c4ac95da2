import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { type NetworkRegimen, paperNetwork } from "@/core/protocol/regimen";
import { sayIn } from "@/core/words";
import { store as objects, readObject } from "@/server/store";
import { loadPortable, type Tf } from "@/worker/engines";
import type { LayerWeights } from "@/worker/inception/network";
import { decodeModel } from "@/worker/scoring/stored-model";
import { decodeCheckpoint } from "@/worker/training/checkpoint";
import type { FinishedFold, Metric, TrainingEvents, TrainingItem } from "@/worker/training/records";
import { trainNetwork } from "@/worker/training/train-network";
import { loadPretrained } from "@/worker/weights/pretrained";

/** The smallest whose last maps have several positions: a micro-batch of one then has statistics. */
const inputSize = 107;

/** What is asked of a training here: a few crops, the last block's last convolutions, two folds; on the portable engine. */
const regimen: NetworkRegimen = {
  ...paperNetwork,
  inputSize,
  weights: "random",
  sizeBlind: false,
  engine: "portable",
  folds: 2,
  splitUnit: "patient",
  threshold: 0.5,
  seed: 7,
  shuffledLabels: false,
  frozen: 93,
  frozenUnit: "convolutions",
  optimiser: { ...paperNetwork.optimiser, epochs: 2, batchSize: 2, learningRate: 0.01 },
  microBatch: 1,
  tuningFraction: 0.3,
};

const putObject = async (bytes: Uint8Array) => (await objects.put(bytes)).sha256;
const getObject = (sha256: string) => readObject(sha256, { limit: 1e9 });
const store = mkdtempSync(join(tmpdir(), "nodewise-store-"));
let tf: Tf;
let pretrained: LayerWeights[];
let items: TrainingItem[];

beforeAll(async () => {
  Object.assign(process.env, {
    NODEWISE_STORE: store,
    DATABASE_URL: "postgres://nobody@localhost/none",
    NODEWISE_ACTOR_SECRET: "s".repeat(64),
  });
  tf = await loadPortable();
  ({ layers: pretrained } = await loadPretrained("random", { seed: 7 }));
  items = await Promise.all(
    [...Array(8).keys()].map(async (i): Promise<TrainingItem> => {
      const positive = i % 2 === 1;
      const { pixels, width, height } = drawNode({ seed: i, plane: "axial", positive, shortAxisMm: positive ? 9 : 5 });
      const png = await sharp(pixels, { raw: { width, height, channels: 1 } })
        .png()
        .toBuffer();
      const sha256 = await putObject(png);
      return {
        id: `crop-${i}`,
        subject: `S${i}`,
        node: `S${i} N1`,
        duplicateKey: sha256,
        truth: positive ? 1 : 0,
        fold: Math.floor(i / 2) % 2,
        sha256,
        width,
        height,
        shortAxisMm: positive ? 9 : 5,
      };
    }),
  );
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

/** Everything that a training told. */
function ledger() {
  const told = {
    metrics: [] as Metric[],
    folds: [] as FinishedFold[],
    checkpoints: [] as string[],
    log: [] as string[],
  };
  const events: TrainingEvents = {
    environment: async () => {},
    progress: async () => {},
    metrics: async (metrics) => void told.metrics.push(...metrics),
    checkpoint: async ({ sha256 }) => void told.checkpoints.push(sha256),
    finished: async (fold) => void told.folds.push(fold),
    log: async (line) => void told.log.push(sayIn("en")(line)),
  };
  return { told, events };
}

async function train(
  changes: Partial<NetworkRegimen> = {},
  resume: Uint8Array | null = null,
  kept: readonly FinishedFold[] = [],
) {
  const { told, events } = ledger();
  const result = await trainNetwork({
    tf,
    regimen: { ...regimen, ...changes },
    items,
    links: [],
    pretrained,
    resume,
    kept,
    events,
    checkpointEvery: 0,
  });
  return { ...result, ...told };
}

describe("a training of the network", () => {
  let whole: Awaited<ReturnType<typeof train>>;
  let tensorsBefore: number;
  beforeAll(async () => {
    tensorsBefore = tf.memory().numTensors;
    whole = await train();
  }, 240_000);

  test("scores every crop once, by the model that never saw it, and keeps each model", async () => {
    expect(whole.scores.map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id).sort());
    for (const { id, fold, score } of whole.scores) {
      expect(fold).toBe(items.find((item) => item.id === id)?.fold);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
    }
    expect(whole.folds.map(({ fold }) => fold)).toEqual([0, 1, -1]);
    for (const { modelSha256, trainingImages, tuningImages, fold } of whole.folds) {
      const model = await decodeModel(await getObject(modelSha256 ?? ""));
      expect(model).toMatchObject({ frozen: 93, weights: "random", input: { size: inputSize } });
      expect(trainingImages + tuningImages).toBe(fold === -1 ? 8 : 4);
      expect(tuningImages).toBeGreaterThan(0);
    }
    expect(new Set(whole.folds.map(({ modelSha256 }) => modelSha256)).size).toBe(3);
  });

  test("tells loss and tuning figures of every epoch, and leaves no tensor behind", () => {
    expect(whole.metrics).toHaveLength(6);
    for (const metric of whole.metrics) {
      expect(metric).toMatchObject({ validationLoss: null, validationAuc: null });
      expect(metric.loss).toBeGreaterThan(0);
      expect(metric.tuningLoss).toBeGreaterThan(0);
    }
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  test("goes on from a checkpoint in the middle of an epoch to the same models and scores, bit for bit", async () => {
    const checkpoints = await Promise.all(
      whole.checkpoints.map(async (sha256) => decodeCheckpoint(await getObject(sha256))),
    );
    const at = checkpoints.findLastIndex(
      ({ current }) => (current?.epoch ?? 0) > 0 && (current?.microBatches ?? 0) > 0,
    );
    expect(checkpoints[at]?.finished.length).toBeGreaterThan(0);
    const resumed = await train({}, await getObject(whole.checkpoints[at] ?? ""));
    const modelOf = ({ folds }: { folds: FinishedFold[] }, fold: number) =>
      folds.find((each) => each.fold === fold)?.modelSha256;
    expect(resumed.folds.length).toBeLessThan(whole.folds.length);
    for (const { fold, modelSha256 } of resumed.folds) expect(modelSha256, `fold ${fold}`).toBe(modelOf(whole, fold));
    expect(resumed.scores).toEqual(whole.scores);
  }, 240_000);

  test("without any checkpoint takes finished folds from their models, to the same scores, and trains the one whose model is damaged again", async () => {
    const [first, second] = whole.folds;
    const damaged = second?.modelSha256 ?? "";
    const path = join(store, damaged.slice(0, 2), damaged);
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 5) ^ 1, bytes.length - 5);
    writeFileSync(path, bytes);

    const resumed = await train({}, null, whole.folds.slice(0, 2));
    expect(resumed.log[0]).toBe("Before the interruption fold 1 was finished: it is not trained again.");
    expect(resumed.log[1]).toMatch(/^The kept model of fold 2 cannot be used, so it is trained again: .* is damaged/);
    expect(new Set(resumed.metrics.map(({ fold }) => fold))).toEqual(new Set([1, -1]));
    expect(resumed.scores).toEqual(whole.scores);
    expect(resumed.folds).toEqual(whole.folds.filter((fold) => fold !== first));
    await expect(getObject(damaged), "the same model is whole again").resolves.toBeInstanceOf(Buffer);
  }, 240_000);

  test("goes on from the last step before the unit no longer learns alone, momentum and all, and stops for nothing before", async () => {
    const headFirst = { headFirstEpochs: 1, patience: 1 };
    const unbroken = await train(headFirst);
    expect(unbroken.folds.every(({ chosenEpoch }) => chosenEpoch === 2)).toBe(true);
    const checkpoints = await Promise.all(
      unbroken.checkpoints.map(async (sha256) => decodeCheckpoint(await getObject(sha256))),
    );
    const at = checkpoints.findLastIndex(({ current }) => current?.epoch === 0);
    const last = checkpoints[at];
    expect(last?.current?.fold).toBe(-1);
    expect(last?.current?.microBatches).toBe(last?.current?.lossImages);
    const resumed = await train(headFirst, await getObject(unbroken.checkpoints[at] ?? ""));
    expect(resumed.folds).toEqual(unbroken.folds.slice(-1));
  }, 240_000);
});

test("a loss that is no number stops the training with what to do", async () => {
  await expect(train({ optimiser: { ...regimen.optimiser, learningRate: 1e30 } })).rejects.toThrow(
    /no longer a number .* Lower the learning rate/,
  );
}, 120_000);

test("an image that cannot be read stops the training and is named", async () => {
  const [first, ...others] = items;
  if (!first) throw new Error("no items");
  const broken = await putObject(Buffer.from("no image"));
  const { events } = ledger();
  await expect(
    trainNetwork({
      tf,
      regimen,
      items: [{ ...first, sha256: broken }, ...others],
      links: [],
      pretrained,
      resume: null,
      events,
    }),
  ).rejects.toThrow(/crop-0/);
}, 120_000);
