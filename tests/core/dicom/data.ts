import { type DataSet, type Element, isSequence, type Tag } from "@/core/dicom/data-set";
import { entryOf, tagOf } from "@/core/dicom/dictionary";
import { ofItems, ofText, wordOf } from "@/core/dicom/values";

type Given = string | number | number[] | Uint8Array | Record<string, unknown>[];

const binary: Record<string, (view: DataView, at: number, value: number) => void> = {
  US: (view, at, value) => view.setUint16(at, value, true),
  OW: (view, at, value) => view.setUint16(at, value, true),
  SS: (view, at, value) => view.setInt16(at, value, true),
  UL: (view, at, value) => view.setUint32(at, value, true),
  FL: (view, at, value) => view.setFloat32(at, value, true),
  FD: (view, at, value) => view.setFloat64(at, value, true),
};

/** An element of a representation and a value, as a test writes it. */
export function elementOf(vr: string, value: Given): Element {
  if (Array.isArray(value) && typeof value[0] === "object")
    return ofItems((value as Record<string, Given>[]).map(dataSet));
  if (vr === "SQ") return ofItems([]);
  if (value instanceof Uint8Array) return { vr, bytes: value };
  const write = binary[vr];
  if (!write) return ofText(vr, Array.isArray(value) ? value.join("\\") : String(value));
  const values = [value].flat() as number[];
  const view = new DataView(new ArrayBuffer(values.length * (wordOf[vr] ?? 1)));
  for (const [at, one] of values.entries()) write(view, at * (wordOf[vr] ?? 1), one);
  return { vr, bytes: new Uint8Array(view.buffer) };
}

/** A data set by keywords, or by tags with their representation ("00190010 LO"). */
export function dataSet(given: Record<string, unknown>): DataSet {
  const elements = Object.entries(given).map(([name, value]): [Tag, Element] => {
    const [, tag, vr] = /^([0-9A-F]{8}) ([A-Z]{2})$/.exec(name) ?? [];
    if (tag && vr) return [tag, elementOf(vr, value as Given)];
    const found = tagOf(name);
    const [first = "UN"] = (entryOf(found)?.vr ?? "").split("|").toReversed();
    return [found, elementOf(found === "7FE00010" ? "OW" : first === "SS" ? "US" : first, value as Given)];
  });
  return new Map(elements.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Every element at every depth, by path. */
export function* everyElement(data: DataSet, path = ""): Iterable<[path: string, element: Element]> {
  for (const [tag, element] of data) {
    yield [path + tag, element];
    if (isSequence(element))
      for (const [at, item] of element.items.entries()) yield* everyElement(item, `${path}${tag}[${at}].`);
  }
}
