import {
  type DataSet,
  type DicomFile,
  type Element,
  isEncapsulated,
  isPrivate,
  isSequence,
  type Tag,
} from "./data-set";
import type { Change, Deidentified } from "./deidentify";
import { entryOf } from "./dictionary";
import { type DeidentificationOptions, ruleOf } from "./profile";
import { ownsSafe, safePrivate } from "./safe-private";
import { isText, numbers, textOf, texts } from "./values";
import { metaOf, saidOf } from "./write";

/**
 * By what it was decided: an option of the protocol; `profile`, the Basic Profile alone; `private` and `safePrivate`, what nobody or the standard knows of a scanner's own; `representation`, for what the
 * table does not name; `result`, what the file says of itself once it has no identity.
 */
export type DecidedBy =
  | keyof DeidentificationOptions
  | "profile"
  | "private"
  | "safePrivate"
  | "representation"
  | "result";

/** As it is written; of numbers and bytes that nobody reads, how many bytes; null: it is not there. */
export type PreviewValue = string | number | null;

/** An attribute before and after, for a person who looks at a dry run; it is shown and not kept. */
export interface PreviewRow {
  /** Tags from the outside in, items counted from 0: "00400275[0].00400007". */
  path: string;
  /** As programs call it; of a private one by whom it is; "" where nobody knows. */
  name: string;
  vr: string;
  action: Change["action"] | "kept";
  by: DecidedBy;
  before: PreviewValue;
  after: PreviewValue;
}

/** Letters of a value that are shown; longest value that is shown as numbers, in bytes. */
const [shown, few] = [120, 64];
const characters: Tag = "00080005";

/** Where the walk is: in an item that is not there any more, or in a sequence of which no text stays, and what decided that. */
interface Within {
  path: string;
  gone: DecidedBy | null;
  replaced: DecidedBy | null;
}

/** Every attribute of a file, at every depth, as `deidentify` left it, and those that it put there, in the order of their tags. */
export function previewOf(original: DicomFile, done: Deidentified, options: DeidentificationOptions): PreviewRow[] {
  const { data, changes } = done;
  const made = new Map(changes.map(({ path, action }) => [path, action]));
  const rows: PreviewRow[] = [];
  const walk = (before: DataSet, after: DataSet | undefined, within: Within) => {
    for (const [tag, element] of before) {
      const path = within.path ? `${within.path}.${tag}` : tag;
      const left = after?.get(tag);
      const own = decidedBy(tag, before, options);
      const by = within.gone ?? (own === "representation" ? (within.replaced ?? own) : own);
      rows.push({
        ...{ path, name: nameOf(before, tag), vr: element.vr, by },
        action: within.gone ? "removed" : (made.get(path) ?? (isSame(element, left) ? "kept" : "cleaned")),
        ...{ before: inWords(before, tag), after: after ? inWords(after, tag) : null },
      });
      if (!isSequence(element)) continue;
      const items = isSequence(left) && by !== "result" ? left.items : [];
      const replaced = within.replaced ?? (ruleOf(tag, options)?.action === "D" ? by : null);
      for (const [index, item] of element.items.entries())
        walk(item, items[index], { path: `${path}[${index}]`, gone: items[index] ? null : by, replaced });
    }
  };
  walk(original.data, data, { path: "", gone: null, replaced: null });
  const added = [...data].filter(([tag]) => !original.data.has(tag));
  for (const [tag, element] of added)
    rows.push({
      ...{ path: tag, name: nameOf(data, tag), vr: element.vr, action: "added", by: "result" },
      ...{ before: null, after: inWords(data, tag) },
    });
  return [
    ...metaRows(original, done),
    ...rows.map((row) => (row.path === characters ? ofCharacters(row, original) : row)).sort(byPath),
  ];
}

const byPath = (a: PreviewRow, b: PreviewRow) =>
  a.path.slice(0, 8) < b.path.slice(0, 8) ? -1 : a.path.slice(0, 8) > b.path.slice(0, 8) ? 1 : 0;

/** Group 0002: whatever stood there, it is made anew. */
function metaRows({ meta, transferSyntax }: DicomFile, { data }: Deidentified): PreviewRow[] {
  const own = metaOf(saidOf({ data, transferSyntax }));
  return [...new Set([...meta.keys(), ...own.keys()])]
    .filter((tag) => !tag.endsWith("0000"))
    .sort()
    .map((tag) => {
      const [before, after] = [inWords(meta, tag), inWords(own, tag)];
      const changed = !own.has(tag) ? "removed" : meta.has(tag) ? "replaced" : "added";
      const vr = (meta.get(tag) ?? own.get(tag))?.vr ?? "UN";
      const action = before === after ? "kept" : changed;
      return { path: tag, name: nameOf(meta, tag), vr, action, by: "result", before, after };
    });
}

/** The reader has made the texts UTF-8 already. */
function ofCharacters(row: PreviewRow, { characters }: DicomFile): PreviewRow {
  const action = characters === null ? "added" : characters === row.after ? "kept" : "replaced";
  return { ...row, by: "result", before: characters, action };
}

/** What the result says of itself and of its subject, whatever stood there. */
const ofResult = new Set<Tag>(["00080005", "00100010", "00100020", "00120062", "00120063", "00120064", "00280303"]);

function decidedBy(tag: Tag, data: DataSet, options: DeidentificationOptions): DecidedBy {
  if (isPrivate(tag)) return safePrivate(data, tag) || ownsSafe(data, tag) ? "safePrivate" : "private";
  if (ofResult.has(tag)) return "result";
  const ruled = ruleOf(tag, options);
  if (ruled) return ruled.by ?? "profile";
  const vr = data.get(tag)?.vr;
  return (vr === "DA" || vr === "DT") && options.retainModifiedDates ? "retainModifiedDates" : "representation";
}

/** The keyword, or the block of a private element. */
const nameOf = (data: DataSet, tag: Tag): string =>
  isPrivate(tag) ? (texts(data, `${tag.slice(0, 4)}00${tag.slice(4, 6)}`)[0] ?? "") : (entryOf(tag)?.keyword ?? "");

/** Whether nothing was cut off or made zero beside the pixels: of what the walk keeps the bytes are the very same. */
function isSame(before: Element, after: Element | undefined): boolean {
  if (!after || isSequence(before) || isSequence(after)) return after !== undefined;
  return isEqual(bytesOf(before), bytesOf(after));
}

const bytesOf = (element: Exclude<Element, { items: unknown }>): readonly Uint8Array[] =>
  isEncapsulated(element) ? element.fragments : [element.bytes];

const isEqual = (before: readonly Uint8Array[], after: readonly Uint8Array[]): boolean =>
  before.length === after.length &&
  before.every((bytes, at) => {
    const other = after[at];
    if (bytes.length !== other?.length) return false;
    const isThere = bytes.buffer === other.buffer && bytes.byteOffset === other.byteOffset;
    return isThere || bytes.every((byte, index) => byte === other[index]);
  });

function inWords(data: DataSet, tag: Tag): PreviewValue {
  const element = data.get(tag);
  if (!element) return null;
  if (isSequence(element)) return `[${element.items.length}]`;
  if (isEncapsulated(element)) return element.fragments.reduce((sum, { length }) => sum + length, 0);
  const { length } = element.bytes;
  const text = isText(element.vr) ? (textOf(element) ?? "") : length <= few ? numbers(data, tag).join("\\") : "";
  if (text === "" && length > 0 && !isText(element.vr)) return length;
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}
