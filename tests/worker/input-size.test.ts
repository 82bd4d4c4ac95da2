import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { features } from "@/core/network/inception";
import { publishedInput, smallestInput } from "@/core/network/input";
import { paperNetwork, protocolRegimen } from "@/core/protocol/regimen";
import { fileCache } from "@/worker/features/cache";
import { decodeCanvas } from "@/worker/inception/preprocess";
import { encodeModelFile } from "@/worker/interchange/model-file";
import { decodeModel } from "@/worker/scoring/stored-model";

const folder = mkdtempSync(join(tmpdir(), "nodewise-features-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a regimen names the size of its input; one that the network cannot take is refused", () => {
  const { weights, ...split } = { weights: "random", folds: 2, splitUnit: "patient", threshold: 0.5 } as const;
  const at = (inputSize: number) => protocolRegimen.safeParse({ ...paperNetwork, ...split, weights, inputSize });
  expect(at(publishedInput).success).toBe(true);
  expect(at(smallestInput).success).toBe(true);
  for (const size of [smallestInput - 1, 100.5, 0, 5_000])
    expect(at(size).error?.issues.map(({ path }) => path)).toEqual([["inputSize"]]);
});

test("a crop lies in the middle of an input of any size, and is scaled down where it is larger", async () => {
  const png = await sharp({ create: { width: 100, height: 50, channels: 3, background: "#ffffff" } })
    .png()
    .toBuffer();
  const windowAt = async (size: number, sizeBlind = false) => (await decodeCanvas(png, { size, sizeBlind })).window;
  expect(await windowAt(299)).toEqual({ x: 99, y: 124, width: 100, height: 50 });
  expect(await windowAt(107)).toEqual({ x: 3, y: 28, width: 100, height: 50 });
  expect(await windowAt(75)).toMatchObject({ x: 0, width: 75, height: 38 });
  expect(await windowAt(75, true)).toMatchObject({ width: 50, height: 25 });
  const { picture } = await decodeCanvas(png, { size: 75, sizeBlind: false });
  expect([picture.width, picture.height]).toEqual([75, 75]);
});

test("features of one input, or of one card, are not taken for those of another", async () => {
  const card = { name: "NVIDIA A100", computeCapability: "8.0", driver: "550.1", cuda: "12.5", cudnn: "9.3.0" };
  const engine = { name: "cuda", version: "1", card } as const;
  const row = Float32Array.from({ length: features }, (_, i) => i);
  await fileCache(engine, smallestInput, folder).put("crop", row);
  expect(await fileCache(engine, smallestInput, folder).get("crop")).toEqual(row);
  expect(await fileCache(engine, publishedInput, folder).get("crop")).toBeNull();
  const otherCard = { ...engine, card: { ...card, name: "NVIDIA H200", computeCapability: "9.0" } };
  expect(await fileCache(otherCard, smallestInput, folder).get("crop")).toBeNull();
});

test("a model that was stored when every input had the published size is read with it", async () => {
  const input = { mean: [0, 0, 0], divisor: 255, sizeBlind: false };
  const stored = encodeModelFile({ kind: "model", frozen: 94, weights: "random", seed: 1, input }, [
    new Float32Array(features),
    Float32Array.of(0.5),
  ]);
  expect((await decodeModel(stored)).input).toEqual({ ...input, size: publishedInput });
});
