import { Unzip, UnzipInflate } from "fflate";

/** A file that somebody dropped, or one within a ZIP of theirs. */
export interface DroppedFile {
  /** Where it lay; told to nobody but the person who dropped it. */
  path: string;
  blob: Blob;
}

/** Every file of what was dropped, folders walked to their ends. Called at once in the event: the browser forgets what was dropped after it. */
export function filesOf(transfer: DataTransfer): AsyncIterable<DroppedFile> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return walked(entries);
}

/** The same of a field for files or a folder. */
export async function* filesChosen(list: Iterable<File>): AsyncIterable<DroppedFile> {
  for (const file of [...list]) yield* opened(file.webkitRelativePath || file.name, file);
}

async function* walked(entries: readonly FileSystemEntry[]): AsyncIterable<DroppedFile> {
  for (const entry of entries) {
    if (isFile(entry)) {
      const file = await new Promise<File>((done, fail) => entry.file(done, fail));
      yield* opened(entry.fullPath.slice(1), file);
    } else if (isFolder(entry)) yield* walked(await childrenOf(entry));
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
    if (some.length === 0) return all.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    all.push(...some);
  }
}

async function* opened(path: string, file: File): AsyncIterable<DroppedFile> {
  if (/(^|\/)(\.|__MACOSX\/|Thumbs\.db$)/.test(path)) return;
  if (/\.zip$/i.test(path)) yield* unzipped(path, file);
  else yield { path, blob: file };
}

/** A ZIP entry by entry: one is in memory at a time, whatever the ZIP holds. */
async function* unzipped(path: string, file: File): AsyncIterable<DroppedFile> {
  const ready: DroppedFile[] = [];
  let failure: Error | undefined;
  const unzip = new Unzip((entry) => {
    if (entry.name.endsWith("/")) return;
    const pieces: BlobPart[] = [];
    entry.ondata = (error, data, isLast) => {
      if (error) failure = error;
      else pieces.push(data.slice());
      if (isLast) ready.push({ path: `${path}/${entry.name}`, blob: new Blob(pieces) });
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
