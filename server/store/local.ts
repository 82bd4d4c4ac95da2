import { randomUUID } from "node:crypto";
import { chmod, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";
import { missing, nameOf, refuseRange, type Store, verified, writeFlushed } from "./objects";

/**
 * A store in a folder: `ab/abcd...`, by the first two digits of the name. An object is written in `incoming/`, flushed and renamed, so that
 * a process that is killed leaves nothing under a name.
 */
export function openLocalStore(folder: string): Store {
  const pathOf = (hash: string) => join(/* turbopackIgnore: true */ folder, nameOf(hash).slice(0, 2), hash);
  const sizeOf = (hash: string) =>
    stat(pathOf(hash)).then(
      (found) => found.size,
      () => null,
    );
  const openFile = async (hash: string) => {
    const file = await open(pathOf(hash)).catch(() => {
      throw missing(hash);
    });
    return { file, bytes: (await file.stat()).size };
  };
  const incoming = join(/* turbopackIgnore: true */ folder, "incoming");
  const make = async () => {
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    // An installation of before may have left it open to others.
    await chmod(/* turbopackIgnore: true */ folder, 0o700);
  };
  let made: Promise<void> | undefined;
  /** The folder, this user's alone; once a process. */
  const prepare = async () => {
    made ??= make();
    await made.catch((error: NodeJS.ErrnoException) => {
      made = undefined;
      throw new AppError("unavailable", {
        key: "errors.store_not_writable",
        values: { folder, reason: error.code ?? error.message },
      });
    });
  };
  return {
    async put(source) {
      await prepare();
      if (source instanceof Uint8Array) {
        const known = { sha256: sha256(source), bytes: source.length };
        if ((await sizeOf(known.sha256)) === known.bytes) return known;
      }
      const temporary = join(incoming, randomUUID());
      const stored = await writeFlushed(temporary, source);
      const path = pathOf(stored.sha256);
      // Over what is there already: the same bytes, or fewer than there should be.
      await rename(temporary, path).catch(async () => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(temporary, path);
      });
      return stored;
    },
    async get(hash) {
      const { file, bytes } = await openFile(hash);
      return { bytes, stream: verified(hash, file.createReadStream()) };
    },
    async range(hash, start, end) {
      refuseRange(start, end);
      const { file, bytes } = await openFile(hash);
      if (start >= bytes) {
        await file.close();
        throw new RangeError(`The stored file ${hash.slice(0, 12)} has ${bytes} bytes; there is none at ${start}.`);
      }
      const last = Math.min(end, bytes) - 1;
      return { bytes: last - start + 1, stream: file.createReadStream({ start, end: last }) };
    },
    has: async (hash) => (await sizeOf(hash)) !== null,
    delete: (hash) => rm(pathOf(hash), { force: true }),
  };
}
