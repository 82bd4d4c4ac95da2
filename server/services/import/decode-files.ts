import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { AppError } from "@/server/errors";
import { type DecodedCrop, decodeCrop } from "@/server/services/imaging/decode-crop";
import type { RowProblem } from "@/server/tables/parse-table";
import { forEachLimited } from "./for-each-limited";
import type { ManifestTableRow } from "./parse-manifest";

export interface DecodedRow<Row = ManifestTableRow> {
  row: Row;
  /** Null of a row without a file. */
  picture: Omit<DecodedCrop, "files"> | null;
  /** What waits to be stored. */
  files: { sha256: string; bytes: number }[];
}

/** Bytes of re-encoded images that wait in memory: those of some thousand crops. What finds no room there waits on the disk. */
const waitingBytes = 16 * 1024 ** 2;

/** Told after every image, so that somebody who waits sees it move. */
export type Progress = (progress: { phase: "decoding" | "storing"; done: number; total: number }) => void;

/** A manifest made on Windows has \\ where / is meant; elsewhere a name may hold one, so what is written goes first. */
async function findFile(folder: string, file: string) {
  for (const name of new Set([file, file.replaceAll("\\", "/")])) {
    const path = isAbsolute(name) ? name : resolve(folder, name);
    const found = await stat(path).catch(() => null);
    if (found) return { path, isFile: found.isFile() };
  }
  throw new AppError("invalid", { key: "errors.file_missing", values: { file } });
}

async function readImage(folder: string, file: string): Promise<Uint8Array> {
  const { path, isFile } = await findFile(folder, file);
  if (!isFile) throw new AppError("invalid", { key: "errors.file_is_folder", values: { file } });
  return readFile(path).catch(() => {
    throw new AppError("invalid", { key: "errors.file_unreadable", values: { file } });
  });
}

/**
 * Decodes the image of every row. The re-encoded images wait, most of a large manifest in a folder of their own, until it is certain that all rows are
 * good: a refused import leaves nothing in the store, and memory does not grow with the manifest.
 * @returns hashes and sizes per row, the problems of the rows whose image cannot be used, and where the images wait; call `discard` at the end
 */
export async function decodeFiles<Row extends { row: number; value: { file?: string } } = ManifestTableRow>(
  rows: readonly Row[],
  options: { folder: string; onProgress?: Progress },
) {
  const staging = await mkdtemp(join(tmpdir(), "nodewise-import-"));
  const waiting = new Map<string, Buffer>();
  let free = waitingBytes;
  const stage = async (sha256: string, bytes: Buffer) => {
    if (bytes.length > free) return writeFile(join(staging, sha256), bytes);
    free -= bytes.length;
    waiting.set(sha256, bytes);
  };
  const decoded: DecodedRow<Row>[] = [];
  const problems: RowProblem[] = [];
  let done = 0;
  await forEachLimited(rows, availableParallelism(), async (row) => {
    const { file } = row.value;
    if (file === undefined) {
      decoded.push({ row, picture: null, files: [] });
      return;
    }
    try {
      const bytes = await readImage(options.folder, file);
      const { files, ...picture } = await decodeCrop({ name: file, bytes });
      for (const { sha256, bytes } of files) await stage(sha256, bytes);
      decoded.push({ row, picture, files: files.map(({ sha256, bytes }) => ({ sha256, bytes: bytes.length })) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push({ row: row.row, reason: error.said });
    }
    done += 1;
    options.onProgress?.({ phase: "decoding", done, total: rows.length });
  }).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true });
    throw error;
  });
  return {
    decoded: decoded.sort((a, b) => a.row.row - b.row.row),
    problems,
    staged: async (sha256: string) => waiting.get(sha256) ?? readFile(join(staging, sha256)),
    discard: () => rm(staging, { recursive: true, force: true }),
  };
}
