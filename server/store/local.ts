import { randomUUID } from "node:crypto";
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";
import { missing, nameOf, refuseRange, type Store, verified, writeFlushed } from "./objects";

/** Nothing is written for longer. */
const dayMs = 86_400_000;

/**
 * A store in a folder: `ab/abcd...`, by the first two digits of the name. An object is written in `incoming/`, flushed and renamed, so that
 * a process that is killed leaves nothing under a name. What such a process left in `incoming/` goes a day later, when a store is opened.
 */
export async function openLocalStore(folder: string): Promise<Store> {
  const incoming = join(/* turbopackIgnore: true */ folder, "incoming");
  const pathOf = (hash: string) => join(/* turbopackIgnore: true */ folder, nameOf(hash).slice(0, 2), hash);
  const refused = (key: "errors.store_not_readable" | "errors.store_not_writable", error: NodeJS.ErrnoException) =>
    new AppError("unavailable", { key, values: { folder, reason: error.code ?? error.message } });
  /** Null where there is no such file; a file that is there and cannot be read, or a process with too many open, is no file that is missing. */
  const unlessMissing = <T>(asked: Promise<T>): Promise<T | null> =>
    asked.catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw refused("errors.store_not_readable", error);
    });
  const openFile = async (hash: string) => {
    const file = await unlessMissing(open(pathOf(hash)));
    if (!file) throw missing(hash);
    return { file, bytes: (await file.stat()).size };
  };
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
      throw refused("errors.store_not_writable", error);
    });
  };

  // What is wrong with the folder is said when it is used.
  for (const name of await readdir(incoming).catch(() => [])) {
    const path = join(incoming, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > dayMs) await rm(path, { force: true }).catch(() => {});
  }

  return {
    async put(source) {
      await prepare();
      if (source instanceof Uint8Array) {
        const known = { sha256: sha256(source), bytes: source.length };
        // Compared, not only measured: whoever comes with the bytes of a damaged file writes it anew.
        const kept = await readFile(pathOf(known.sha256)).catch(() => null);
        if (kept?.equals(source)) return known;
      }
      const temporary = join(incoming, randomUUID());
      const stored = await writeFlushed(temporary, source);
      const path = pathOf(stored.sha256);
      // Over what is there already: the same bytes, or a damaged file.
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
    has: async (hash) => (await unlessMissing(stat(pathOf(hash)))) !== null,
    delete: (hash) => rm(pathOf(hash), { force: true }),
  };
}
