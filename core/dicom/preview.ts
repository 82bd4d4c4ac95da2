import { type DataSet, type Element, isEncapsulated, isSequence } from "./data-set";
import type { Change, Deidentified } from "./deidentify";
import { keywordOf } from "./dictionary";
import { isText, numbers, textOf } from "./values";

/** An attribute before and after, for a person who looks at a dry run; it is shown and not kept. */
export interface PreviewRow extends Change {
  keyword: string;
  before: string;
  after: string;
}

/** Letters of a value that are shown. */
const shown = 120;

/** What `deidentify` would change of a data set, value by value. */
export const previewOf = (original: DataSet, { data, changes }: Deidentified): PreviewRow[] =>
  changes.map((change) => ({
    ...change,
    keyword: keywordOf(change.path.slice(-8)),
    before: inWords(original, change.path),
    after: inWords(data, change.path),
  }));

/** The element at a path of a change; items keep their places. */
function elementAt(data: DataSet, path: string): { within: DataSet; element: Element | undefined } {
  const [step = "", ...rest] = path.split(".");
  const element = data.get(step.slice(0, 8));
  if (rest.length === 0) return { within: data, element };
  const item = isSequence(element) ? element.items[Number(step.slice(9, -1))] : undefined;
  return item ? elementAt(item, rest.join(".")) : { within: data, element: undefined };
}

function inWords(data: DataSet, path: string): string {
  const { within, element } = elementAt(data, path);
  if (!element) return "";
  if (isSequence(element)) return `[${element.items.length}]`;
  if (isEncapsulated(element)) return "…";
  const text = isText(element.vr) ? (textOf(element) ?? "") : inNumbers(within, path.slice(-8), element.bytes.length);
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}

/** Longest value that is shown as numbers, in bytes. */
const few = 64;
function inNumbers(within: DataSet, tag: string, length: number): string {
  const all = length <= few ? numbers(within, tag).join("\\") : "";
  return all || (length > 0 ? `${length} bytes` : "");
}
