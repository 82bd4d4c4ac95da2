import type { Readable } from "node:stream";
import { locales, type Said, sayIn } from "@/core/words";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import type { Column } from "@/server/tables/column";
import { toTsv } from "@/server/tables/to-tsv";

/** Takes a file of the folder: its path in it, with slashes, of letters, digits, dots, hyphens and underscores. A stream is read to its end before the next file. */
export type Put = (path: string, content: string | Uint8Array | Readable) => Promise<void>;

/** The files of a folder on their way out, each with its line in the sums. */
export function outgoing(put: Put) {
  const sums: string[] = [];
  const sum = (path: string, hash: string) => sums.push(`${hash}  ${path}\n`);
  const bytes = async (path: string, content: string | Uint8Array) => {
    sum(path, sha256(content));
    await put(path, content);
  };
  const json = (path: string, value: unknown) => bytes(path, `${JSON.stringify(value, null, 2)}\n`);
  return {
    bytes,
    json,
    /** A file of the store as it is, by its hash. */
    stored: async (path: string, hash: string) => {
      sum(path, hash);
      await put(path, (await store.get(hash)).stream);
    },
    /** A table, and beside it what its columns mean. */
    table: async <Row>(name: string, columns: readonly Column<Row>[], rows: readonly Row[]) => {
      const header = columns.map((column) => column.name);
      await bytes(`${name}.tsv`, toTsv([header, ...rows.map((row) => columns.map(({ of }) => of(row)))]));
      const described = columns.map(({ name, meaning, units }) => [
        name,
        { Description: inEach(meaning).join(" / "), ...(units ? { Units: units } : {}) },
      ]);
      await json(`${name}.json`, Object.fromEntries(described));
    },
    /** The last file: the sums of all others, by path. */
    sums: async () => {
      const files = sums.length + 1;
      const text = sums.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("");
      await put("SHA256SUMS", text);
      return { files, sha256: sha256(text) };
    },
  };
}

export type Outgoing = ReturnType<typeof outgoing>;

const inEach = (said: Said): string[] => locales.map((locale) => sayIn(locale)(said));
