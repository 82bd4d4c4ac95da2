import { type DataSet, type Element, isSequence, isValue, type Sequence, type Tag, type Value } from "./data-set";

const decoder = new TextDecoder("utf-8");
const encoder = new TextEncoder();

/** Bytes of one value of a binary representation, PS3.5 table 6.2-1; 1 for texts and bytes. */
export const wordOf: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  ...{ US: 2, SS: 2, OW: 2, AT: 2 },
  ...{ UL: 4, SL: 4, FL: 4, OF: 4, OL: 4 },
  ...{ FD: 8, OD: 8, SV: 8, UV: 8, OV: 8 },
};

/** Texts that may use the Specific Character Set, PS3.5 section 6.1.2.3. */
export const inCharacterSet = new Set(["LO", "LT", "PN", "SH", "ST", "UC", "UT"]);
/** Texts of one value, in which a backslash is a letter. */
const single = new Set(["LT", "ST", "UT", "UR"]);
const strings = new Set([...inCharacterSet, "AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"]);
/** Whether a representation is written in letters and digits. */
export const isText = (vr: string) => strings.has(vr);

/** The text of an element, padding taken off; undefined where there is none. */
export function textOf(element: Element | undefined): string | undefined {
  if (!isValue(element) || !isText(element.vr)) return undefined;
  return decoder.decode(element.bytes).replace(/[\0 ]+$/, "");
}

/** The values of an element of text, each without the blanks round it; none where it is absent or empty. */
export function textsOf(element: Element | undefined): string[] {
  const text = textOf(element);
  if (!text || !isValue(element)) return [];
  return single.has(element.vr) ? [text] : text.split("\\").map((value) => value.trim());
}

export const text = (data: DataSet, tag: Tag): string | undefined => textsOf(data.get(tag))[0] || undefined;
export const texts = (data: DataSet, tag: Tag): string[] => textsOf(data.get(tag));

/** The numbers of an element, binary or written; empty where it is absent, and where what is written is no number. */
export function numbers(data: DataSet, tag: Tag): number[] {
  const element = data.get(tag);
  if (!isValue(element)) return [];
  if (element.vr === "DS" || element.vr === "IS") {
    const all = textsOf(element).map((value) => (value === "" ? Number.NaN : Number(value)));
    return all.every(Number.isFinite) ? all : [];
  }
  const { bytes, vr } = element;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read: Record<string, (at: number) => number> = {
    US: (at) => view.getUint16(at, true),
    OW: (at) => view.getUint16(at, true),
    SS: (at) => view.getInt16(at, true),
    UL: (at) => view.getUint32(at, true),
    SL: (at) => view.getInt32(at, true),
    FL: (at) => view.getFloat32(at, true),
    FD: (at) => view.getFloat64(at, true),
  };
  const one = read[vr];
  const size = wordOf[vr] ?? 1;
  return one ? Array.from({ length: Math.floor(bytes.length / size) }, (_, at) => one(at * size)) : [];
}

export const number = (data: DataSet, tag: Tag): number | undefined => numbers(data, tag)[0];

/** The items of a sequence; none where it is absent. */
export function itemsOf(data: DataSet, tag: Tag): readonly DataSet[] {
  const element = data.get(tag);
  return isSequence(element) ? element.items : [];
}

/** An element of text; several values stand between backslashes. */
export const ofText = (vr: string, value: string): Value => ({ vr, bytes: encoder.encode(value) });
export const ofItems = (items: readonly DataSet[]): Sequence => ({ vr: "SQ", items });
/** An element of 16-bit numbers. */
export const ofShorts = (values: readonly number[]): Value => ({
  vr: "US",
  bytes: new Uint8Array(Uint16Array.from(values).buffer),
});
export const empty = (vr: string): Element => (vr === "SQ" ? ofItems([]) : { vr, bytes: new Uint8Array(0) });
