import { strFromU8, Unzip, UnzipInflate } from "fflate";
import { naturalOrder } from "@/core/text/natural-order";

/** A file that somebody dropped, or one within a ZIP of theirs. */
export interface DroppedFile {
  /** Where it lay; told to nobody but the person who dropped it. */
  path: string;
  /** 1, 2, ... by their names, slice 2 before slice 10: pictures have no other order, and a ZIP has its files in any. */
  ordinal: number;
  blob: Blob;
}

/** The next number that no file has. */
interface Counter {
  next: number;
}

/** Every file of what was dropped, folders walked to their ends. Called at once in the event: the browser forgets what was dropped after it. */
export function filesOf(transfer: DataTransfer): AsyncIterable<DroppedFile> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return walked(entries.sort(byName), { next: 1 });
}

/** The same of a field for files or a folder. */
export async function* filesChosen(list: Iterable<File>): AsyncIterable<DroppedFile> {
  const counter = { next: 1 };
  const files = [...list].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  for (const { file, path } of files.sort((a, b) => naturalOrder(a.path, b.path))) yield* opened(path, file, counter);
}

const byName = (a: FileSystemEntry, b: FileSystemEntry) => naturalOrder(a.name, b.name);

async function* walked(entries: readonly FileSystemEntry[], counter: Counter): AsyncIterable<DroppedFile> {
  for (const entry of entries) {
    if (isFile(entry)) {
      const file = await new Promise<File>((done, fail) => entry.file(done, fail));
      yield* opened(entry.fullPath.slice(1), file, counter);
    } else if (isFolder(entry)) yield* walked(await childrenOf(entry), counter);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** A browser gives the children of a folder a hundred at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return all.sort(byName);
    all.push(...some);
  }
}

/** What systems put beside files. */
const isClutter = (path: string) => /(^|\/)(\.|__MACOSX\/|Thumbs\.db$)/.test(path);

async function* opened(path: string, file: File, counter: Counter): AsyncIterable<DroppedFile> {
  if (isClutter(path)) return;
  if (/\.zip$/i.test(path)) yield* unzipped(path, file, counter);
  else yield { path, ordinal: counter.next++, blob: file };
}

/** A ZIP entry by entry: one is in memory at a time, whatever the ZIP holds. */
async function* unzipped(path: string, file: File, counter: Counter): AsyncIterable<DroppedFile> {
  const ordinals = new Map<string, number>();
  for (const name of (await namesInZip(file)).sort(naturalOrder))
    if (!ordinals.has(name)) ordinals.set(name, counter.next++);
  /** Of a name that stands twice the first takes the place; one that the directory does not list comes last. */
  const ordinalOf = (name: string) => {
    const ordinal = ordinals.get(name) ?? counter.next++;
    ordinals.delete(name);
    return ordinal;
  };
  const ready: DroppedFile[] = [];
  let failure: Error | undefined;
  const unzip = new Unzip((entry) => {
    if (entry.name.endsWith("/") || isClutter(entry.name)) return;
    const pieces: BlobPart[] = [];
    entry.ondata = (error, data, isLast) => {
      if (error) failure = error;
      else pieces.push(data.slice());
      if (isLast) ready.push({ path: `${path}/${entry.name}`, ordinal: ordinalOf(entry.name), blob: new Blob(pieces) });
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    unzip.push(value ?? new Uint8Array(), done);
    if (failure) throw failure;
    yield* ready.splice(0);
    if (done) return;
  }
}

/** Longest end of a ZIP: its last record, and a remark of 64 kB. */
const longestEnd = 22 + 0xffff;
const [signatureOfEnd, signatureOfEntry] = [0x06054b50, 0x02014b50];

/** The names in the directory at the end of a ZIP (APPNOTE 4.3.12 and 4.3.16); none where it is of the kind for more than 4 GB. */
async function namesInZip(zip: Blob): Promise<string[]> {
  const end = new DataView(await zip.slice(-longestEnd).arrayBuffer());
  let at = end.byteLength - 22;
  while (at >= 0 && end.getUint32(at, true) !== signatureOfEnd) at--;
  if (at < 0) return [];
  const from = end.getUint32(at + 16, true);
  const directory = new DataView(await zip.slice(from, from + end.getUint32(at + 12, true)).arrayBuffer());
  const names: string[] = [];
  let entry = 0;
  while (entry + 46 <= directory.byteLength && directory.getUint32(entry, true) === signatureOfEntry) {
    const isUtf8 = (directory.getUint16(entry + 8, true) & 0x800) !== 0;
    const [length, ...more] = [28, 30, 32].map((field) => directory.getUint16(entry + field, true));
    const bytes = new Uint8Array(
      directory.buffer,
      entry + 46,
      Math.min(length ?? 0, directory.byteLength - entry - 46),
    );
    names.push(strFromU8(bytes, !isUtf8));
    entry += 46 + [length ?? 0, ...more].reduce((sum, each) => sum + each, 0);
  }
  return names;
}
