import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";

interface Entry {
  name: string;
  deflated: boolean;
  packed: number;
  size: number;
  /** Where its local header begins. */
  at: number;
}

const longestEnd = 65_557;

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error("the archive ends too soon");
  return buffer;
}

async function entriesOf(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat();
  const tail = await bytesAt(file, Math.max(0, size - longestEnd), Math.min(size, longestEnd));
  const end = tail.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  if (end < 0) throw new Error("not a zip archive");
  const directory = await bytesAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: Entry[] = [];
  for (let at = 0; at < directory.length; ) {
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString("utf8", at + 46, at + 46 + nameLength),
      deflated: directory.readUInt16LE(at + 10) === 8,
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * Unpacks some files of a zip archive below 4 GB, one at a time and never whole in memory.
 * @param place where a file goes, relative to `folder`; null for those that are not wanted
 */
export async function unzip(archive: string, folder: string, place: (name: string) => string | null): Promise<void> {
  const file = await open(archive);
  try {
    for (const { name, deflated, packed, size, at } of await entriesOf(file)) {
      const wanted = name.endsWith("/") || name.split("/").includes("..") ? null : place(name);
      if (!wanted) continue;
      const path = join(folder, wanted);
      await mkdir(dirname(path), { recursive: true });
      const header = await bytesAt(file, at, 30);
      const start = at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
      const target = createWriteStream(path);
      if (packed === 0) await new Promise((done) => target.end(done));
      else {
        const source = createReadStream(archive, { start, end: start + packed - 1, highWaterMark: 1 << 20 });
        if (deflated) await pipeline(source, createInflateRaw({ chunkSize: 1 << 20 }), target);
        else await pipeline(source, target);
      }
      if ((await stat(path)).size !== size) throw new Error(`${name} did not come out whole`);
    }
  } finally {
    await file.close();
  }
}
