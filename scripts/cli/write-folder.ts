import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { AppError } from "@/server/errors";

/**
 * Writes a folder under its name once it is whole: one that breaks off, or is interrupted, leaves nothing. It belongs to its writer alone until that one shares it.
 * @param path of a folder that is not there, or empty
 * @param fill is given what writes a file of the folder, and fills it
 * @throws AppError "conflict" for a path where something is
 */
export async function writeFolder<T>(
  path: string,
  fill: (put: (name: string, content: string | Uint8Array | Readable) => Promise<void>) => Promise<T>,
): Promise<T> {
  const folder = resolve(path);
  const isThere = await readdir(folder).then(
    (names) => {
      if (names.length > 0) throw notEmpty(path);
      return true;
    },
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error.code === "ENOTDIR" ? notEmpty(path) : error;
    },
  );
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(join(dirname(folder), `.${basename(folder)}.part-`));
  const interrupted = () => rmSync(unfinished, { recursive: true, force: true });
  process.once("exit", interrupted);
  try {
    const filled = await fill(async (name, content) => {
      const file = join(unfinished, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content, { flag: "wx" });
    });
    if (isThere) await rmdir(folder);
    await rename(unfinished, folder);
    return filled;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    process.off("exit", interrupted);
  }
}

const notEmpty = (folder: string) =>
  new AppError("conflict", { key: "cli.exportImages.not_empty", values: { folder } });
