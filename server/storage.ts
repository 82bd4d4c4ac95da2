import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { env } from "./env";
import { AppError } from "./errors";

/** SHA-256 in lower-case hex. */
export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

function pathOf(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new AppError("invalid", { key: "errors.not_a_hash", values: { hash } });
  return join(env().NODEWISE_STORE, hash.slice(0, 2), hash);
}

/**
 * Writes a file under its own SHA-256 and returns that. Written beside and renamed, flushed to disk before it returns,
 * so that a row which names it never points at half a file. The same bytes again cost nothing.
 */
export async function putObject(bytes: Uint8Array): Promise<string> {
  const hash = sha256(bytes);
  const path = pathOf(hash);
  if (
    await stat(path).then(
      (found) => found.size === bytes.length,
      () => false,
    )
  )
    return hash;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return hash;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Error && "code" in error && error.code === "ENOSPC")
      throw new AppError("unavailable", {
        key: "errors.store_full",
        values: { megabytes: Math.ceil(bytes.length / 1e6) },
      });
    throw error;
  }
}

/** Removes a file that no record needs any more: a checkpoint that a newer one replaced. */
export const removeObject = (hash: string): Promise<void> => rm(pathOf(hash), { force: true });

/** Reads a file and checks that its bytes are still what the name says. */
export async function getObject(hash: string): Promise<Buffer> {
  const bytes = await readFile(pathOf(hash)).catch(() => {
    throw new AppError("unavailable", { key: "errors.stored_file_missing", values: { file: hash.slice(0, 12) } });
  });
  if (sha256(bytes) !== hash)
    throw new AppError("unavailable", { key: "errors.stored_file_damaged", values: { file: hash.slice(0, 12) } });
  return bytes;
}
