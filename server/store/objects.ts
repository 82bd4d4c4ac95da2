import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { pipeline, type Readable, Transform } from "node:stream";
import { AppError } from "@/server/errors";

/** What can be stored: bytes at hand, or a stream that is never whole in memory. */
export type Source = Uint8Array | AsyncIterable<Uint8Array>;

export interface StoredObject {
  /** In lower-case hex; the name of the object. */
  sha256: string;
  bytes: number;
}

/** An object, or a part of one, on its way out. `stream` must be read to its end or destroyed. */
export interface OpenObject {
  stream: Readable;
  /** How many `stream` will give. */
  bytes: number;
}

/** Objects named by the SHA-256 of their bytes. What a name stands for never changes, so a copy anywhere can be checked. */
export interface Store {
  /**
   * Keeps the bytes under their own SHA-256, whole or not at all, and durable before it returns: a row that names them never points at half
   * a file. The same bytes again are not written again.
   */
  put(source: Source): Promise<StoredObject>;
  /**
   * The object as a stream that fails before its last bytes when they are not what the name says, so that a damaged one never arrives whole.
   * @throws AppError "unavailable" when it is missing
   */
  get(sha256: string): Promise<OpenObject>;
  /**
   * Bytes `start` to before `end`, fewer where the object ends earlier; unchecked, because a part has no hash.
   * @throws AppError "unavailable" when it is missing; RangeError unless 0 <= start < end and the object reaches beyond start
   */
  range(sha256: string, start: number, end: number): Promise<OpenObject>;
  has(sha256: string): Promise<boolean>;
  /** Removes what no record needs any more: a checkpoint that a newer one replaced. One that is not there is no error. */
  delete(sha256: string): Promise<void>;
}

/** @throws AppError "invalid" for what is no name of an object */
export function nameOf(sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new AppError("invalid", { key: "errors.not_a_hash", values: { hash: sha256 } });
  return sha256;
}

/** @throws RangeError */
export function refuseRange(start: number, end: number): void {
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end))
    throw new RangeError(`There are no bytes ${start} to ${end}.`);
}

export const missing = (sha256: string) =>
  new AppError("unavailable", { key: "errors.stored_file_missing", values: { file: sha256.slice(0, 12) } });

const damaged = (sha256: string) =>
  new AppError("unavailable", { key: "errors.stored_file_damaged", values: { file: sha256.slice(0, 12) } });

const lost: readonly string[] = ["errors.stored_file_missing", "errors.stored_file_damaged"];

/** Whether an object is gone for good, missing or damaged; a store that does not answer has it perhaps. */
export const isLost = (error: unknown): error is AppError => error instanceof AppError && lost.includes(error.said.key);

/** The same bytes, the last of them only when the whole is what its name says. */
export function verified(sha256: string, stream: Readable): Readable {
  const hash = createHash("sha256");
  let held: Buffer | undefined;
  const check = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      const before = held;
      held = chunk;
      done(null, before);
    },
    flush(done) {
      if (hash.digest("hex") === sha256) done(null, held);
      else done(damaged(sha256));
    },
  });
  // The reader of `check` learns of every error by it.
  return pipeline(stream, check, () => {});
}

/**
 * Writes a new file, flushed to the disk, and hashes what passes.
 * @throws AppError "unavailable" when the disk is full; whatever fails, no file stays behind
 */
export async function writeFlushed(path: string, source: Source): Promise<StoredObject> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    const file = await open(path, "wx", 0o600);
    try {
      for await (const chunk of source instanceof Uint8Array ? [source] : source) {
        hash.update(chunk);
        bytes += chunk.length;
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    if (error instanceof Error && "code" in error && error.code === "ENOSPC")
      throw new AppError("unavailable", { key: "errors.store_full", values: { megabytes: Math.ceil(bytes / 1e6) } });
    throw error;
  }
  return { sha256: hash.digest("hex"), bytes };
}
