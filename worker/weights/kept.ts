import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { kernelShapes } from "@/core/network/inception";
import { SaidError } from "@/core/words/said";
import type { LayerWeights } from "@/worker/inception/network";

/*
 * Pretrained weights as they are kept in the user's cache: for n = 1..94 kernel, beta, moving mean, moving variance, little-endian
 * float32 and nothing else.
 */

/** SHA-256 in hexadecimal. */
export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Layers as the bytes of a kept file. */
export function joinLayers(layers: readonly LayerWeights[]): Buffer {
  const arrays = layers.flatMap(({ kernel, beta, mean, variance }) => [kernel, beta, mean, variance]);
  return Buffer.concat(arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)));
}

/** The bytes of a kept file as layers: views of the same memory. */
function splitLayers(bytes: Buffer): LayerWeights[] {
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let at = 0;
  const take = (length: number) => {
    at += length;
    return numbers.subarray(at - length, at);
  };
  return kernelShapes().map(([height, width, channels, filters]) => ({
    kernel: take(height * width * channels * filters),
    beta: take(filters),
    mean: take(filters),
    variance: take(filters),
  }));
}

/** Keeps bytes under a path, whole or not at all. Two processes may do it at once: the last rename wins, with the same bytes. */
export async function keep(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, bytes);
  await rename(temporary, path);
}

/** Reads kept weights. @throws Error when their SHA-256 is another: the file was damaged, and is removed */
export async function readKept(path: string, sha256: string): Promise<LayerWeights[]> {
  const bytes = await readFile(path);
  if (sha256Of(bytes) !== sha256) {
    await rm(path, { force: true });
    throw new SaidError({ key: "worker.weights_damaged" });
  }
  return splitLayers(bytes);
}
