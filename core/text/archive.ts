import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";

/** Files by name, as bytes. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** The first moment that a ZIP archive can name, in local time, as the archive has it: no file says when it was made, so the same files give the same bytes. */
const noTime = new Date(1980, 0, 1);

/**
 * A ZIP archive of these files, by name (PKWARE APPNOTE 6.3).
 * @param stored as they are, for what gets no smaller; left out: deflated
 */
export const packed = (files: Files, { stored = false } = {}): Uint8Array<ArrayBuffer> =>
  zipSync(Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))), {
    mtime: noTime,
    level: stored ? 0 : 6,
  });

/**
 * The files of a ZIP archive.
 * @param limit most bytes that all files may have together once they are unpacked
 * @throws RangeError when they have more, Error when it is no archive
 */
export function unpacked(archive: Uint8Array, { limit }: { limit: number }): Files {
  let bytes = 0;
  const files = unzipSync(archive, {
    filter: ({ originalSize }) => {
      bytes += originalSize;
      if (bytes > limit) throw new RangeError(`The files of the archive have more than ${limit} bytes.`);
      return true;
    },
  });
  return new Map(Object.entries(files));
}

export const bytesOf = (text: string): Uint8Array => strToU8(text);
export const textOf = (bytes: Uint8Array): string => strFromU8(bytes);
