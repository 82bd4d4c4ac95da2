import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";
import { cacheFolder, imagenetWeightsFile } from "@/worker/env";
import type { LayerWeights } from "@/worker/inception/network";
import { imagenetFile, readKerasH5 } from "@/worker/interchange/keras-h5";
import { joinLayers, keep, readKept, sha256Of } from "./kept";

/*
 * Inception-v3 trained on ImageNet, from the file that Keras publishes. It is converted once a user to plain float32, with the SHA-256 of the
 * numbers in a file beside it.
 */

export const imagenetName = "imagenet-keras";

/** A published file of weights. */
export interface PublishedFile {
  name: string;
  url: string;
  bytes: number;
  md5: string;
}

/** Milliseconds until the server has to answer, and until the file has to be here. */
const answerTimeout = 10_000;
const downloadTimeout = 15 * 60_000;

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

async function download({ name, url, bytes }: PublishedFile): Promise<Uint8Array> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(new Error("no answer")), answerTimeout);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([silent.signal, AbortSignal.timeout(downloadTimeout)]),
    });
    clearTimeout(timer);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    const reason = cause instanceof Error && cause.message ? cause.message : message;
    throw new SaidError({ key: "worker.imagenet_not_fetched", values: { reason, url, bytes, name } });
  } finally {
    clearTimeout(timer);
  }
}

async function published(file: PublishedFile, onLog: (line: Said) => Promise<void> | void): Promise<Uint8Array> {
  const given = imagenetWeightsFile();
  if (!given) await onLog({ key: "worker.log.fetching_imagenet", values: { size: megabytes(file.bytes) } });
  const bytes = given
    ? await readFile(given).catch(() => {
        throw new SaidError({ key: "worker.imagenet_unreadable", values: { file: given, name: file.name } });
      })
    : await download(file);
  const source: Said = given
    ? { key: "worker.source_file", values: { file: given } }
    : { key: "worker.source_fetched" };
  if (bytes.length !== file.bytes)
    throw new SaidError({
      key: "worker.imagenet_length",
      values: { source, bytes: bytes.length, name: file.name, published: file.bytes, url: file.url },
    });
  const md5 = createHash("md5").update(bytes).digest("hex");
  if (md5 !== file.md5)
    throw new SaidError({
      key: "worker.imagenet_differs",
      values: { source, name: file.name, md5, published: file.md5, url: file.url },
    });
  return bytes;
}

/**
 * The ImageNet weights: kept ones, else the file named by NODEWISE_IMAGENET_WEIGHTS, else fetched.
 * @param options.file what is taken for the published file
 * @returns the layers and the SHA-256 of their numbers as they are kept
 * @throws Error when the file is not here and cannot be fetched, or is not the published one, with what to do
 */
export async function loadImagenetWeights(options: {
  onLog?: (line: Said) => Promise<void> | void;
  file?: PublishedFile;
}): Promise<{ layers: LayerWeights[]; sha256: string }> {
  const { onLog = () => {}, file = imagenetFile } = options;
  const path = join(cacheFolder(), `inception-v3-${imagenetName}.f32`);
  const hashPath = `${path}.sha256`;
  if (existsSync(path) && existsSync(hashPath)) {
    const sha256 = (await readFile(hashPath, "utf8")).trim();
    return { layers: await readKept(path, sha256), sha256 };
  }
  const { layers } = await readKerasH5(await published(file, onLog));
  const bytes = joinLayers(layers);
  const sha256 = sha256Of(bytes);
  await rm(hashPath, { force: true });
  await keep(path, bytes);
  await keep(hashPath, `${sha256}\n`);
  return { layers, sha256 };
}
