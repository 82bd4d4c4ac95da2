import { buffer } from "node:stream/consumers";
import { env, type StorePlace } from "@/server/env";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";
import { openLocalStore } from "./local";
import type { Store } from "./objects";

export { isLost, type OpenObject, type Source, type Store, type StoredObject } from "./objects";

/** Opens a store; nothing is asked of it yet. The client of S3 is loaded only where it is used. */
export async function openStore(place: StorePlace): Promise<Store> {
  if ("folder" in place) return openLocalStore(place.folder);
  const { openS3Store } = await import("./s3");
  return openS3Store(place);
}

let opened: Promise<Store> | undefined;
const current = () => {
  opened ??= openStore(env().NODEWISE_STORE);
  return opened;
};

/** The store of this process (`NODEWISE_STORE`), opened at its first use. */
export const store: Store = {
  put: async (source) => (await current()).put(source),
  get: async (sha256) => (await current()).get(sha256),
  range: async (sha256, start, end) => (await current()).range(sha256, start, end),
  has: async (sha256) => (await current()).has(sha256),
  delete: async (sha256) => (await current()).delete(sha256),
};

/**
 * A small object whole, checked against its name.
 * @param limit most bytes that are taken into memory
 * @throws AppError "unavailable" when it is missing, damaged or larger than the limit
 */
export async function readObject(sha256: string, { limit }: { limit: number }, from: Store = store): Promise<Buffer> {
  const { stream, bytes } = await from.get(sha256);
  if (bytes > limit) {
    stream.destroy();
    throw new AppError("unavailable", {
      key: "errors.stored_file_large",
      values: { file: sha256.slice(0, 12), megabytes: Math.ceil(bytes / 1e6), limit: Math.ceil(limit / 1e6) },
    });
  }
  return buffer(stream);
}

const proof = Buffer.from("Nodewise writes and reads this when it starts.\n");

/** Writes a few bytes and reads them back: what a process needs of its store before it starts. @throws AppError "unavailable" with what is wrong */
export async function checkStore(tried: Store = store): Promise<void> {
  const { sha256 } = await tried.put(proof);
  await readObject(sha256, { limit: 1_000 }, tried);
}

/**
 * Reads what `checkStore` wrote when a process started: a folder whose disk is not mounted any more is empty, and no file that is missing there is lost.
 * @throws AppError "unavailable" where it is not there, or the store does not answer
 */
export async function proveStore(tried: Store = store): Promise<void> {
  await readObject(sha256(proof), { limit: 1_000 }, tried);
}
