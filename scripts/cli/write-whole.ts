import { rename, rm, writeFile } from "node:fs/promises";
import type { Stream } from "node:stream";

/** Writes a file under its name once it is whole: one that breaks off leaves nothing, and what was there before stays. */
export async function writeWhole(path: string, content: string | Stream): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
