import { joined } from "./bytes";
import { type DataSet, type Element, isEncapsulated, isSequence, type Tag } from "./data-set";
import { ofText, text } from "./values";

/** Who wrote the file, PS3.10 section 7.1: a UID made of a UUID of ours (PS3.5 annex B.2), and a name. */
export const implementation = { uid: "2.25.255487365904275193827165048213905271460", name: "NODEWISE" };

/** Representations whose length has four bytes, PS3.5 table 7.1-1. */
const long = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
/** Longest value of the others, in bytes; a longer one is written as of unknown representation, PS3.5 section 6.2.2. */
const longestShort = 0xfffe;
const undefinedLength = 0xffffffff;

/**
 * Writes a file of PS3.10: an empty preamble, a meta header made of the data set, and the data set in little endian with its representations. Values, items
 * and fragments stand as they are, padded to even length.
 */
export function writeDicom({ data, transferSyntax }: { data: DataSet; transferSyntax: string }): Uint8Array {
  return joined([...headOfFile(saidOf({ data, transferSyntax })), ...encoded(data)]);
}

/** What the head of a file repeats of its data set. */
export const saidOf = ({ data, transferSyntax }: { data: DataSet; transferSyntax: string }) => ({
  ...{ sopClass: text(data, "00080016") ?? "", sopInstance: text(data, "00080018") ?? "" },
  transferSyntax,
});

/** A file of PS3.10 of a data set that came over a network, where nothing stands in front of it. Its bytes stay as they are. */
export const asFile = (
  bytes: Uint8Array,
  said: { sopClass: string; sopInstance: string; transferSyntax: string },
): Uint8Array => joined([...headOfFile(said), bytes]);

/** What stands in front of a data set, but for its own length. */
export const metaOf = (said: { sopClass: string; sopInstance: string; transferSyntax: string }): DataSet =>
  new Map<Tag, Element>([
    ["00020001", { vr: "OB", bytes: Uint8Array.of(0, 1) }],
    ["00020002", ofText("UI", said.sopClass)],
    ["00020003", ofText("UI", said.sopInstance)],
    ["00020010", ofText("UI", said.transferSyntax)],
    ["00020012", ofText("UI", implementation.uid)],
    ["00020013", ofText("SH", implementation.name)],
  ]);

function headOfFile(said: { sopClass: string; sopInstance: string; transferSyntax: string }): Uint8Array[] {
  const header = encoded(metaOf(said));
  const length = encoded(
    new Map([["00020000", { vr: "UL", bytes: new Uint8Array(Uint32Array.of(lengthOf(header)).buffer) }]]),
  );
  const prefix = new Uint8Array(132);
  prefix.set(new TextEncoder().encode("DICM"), 128);
  return [prefix, ...length, ...header];
}

/** A data set alone, in Explicit VR Little Endian: what is hashed and compared. */
export const bytesOfDataSet = (data: DataSet): Uint8Array => joined(encoded(data));

const lengthOf = (pieces: readonly Uint8Array[]) => pieces.reduce((sum, piece) => sum + piece.length, 0);

function encoded(data: DataSet): Uint8Array[] {
  return [...data].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([tag, element]) => encodedElement(tag, element));
}

function encodedElement(tag: Tag, element: Element): Uint8Array[] {
  if (isSequence(element)) {
    const items = element.items.flatMap((item) => {
      const inner = encoded(item);
      return [tagAndLength("FFFEE000", lengthOf(inner)), ...inner];
    });
    return [head(tag, "SQ", lengthOf(items)), ...items];
  }
  if (isEncapsulated(element)) {
    const table = new Uint8Array(Uint32Array.from(element.offsets).buffer);
    return [
      head(tag, "OB", undefinedLength),
      tagAndLength("FFFEE000", table.length),
      table,
      ...element.fragments.flatMap((fragment) => [
        tagAndLength("FFFEE000", evenly(fragment.length)),
        ...padded(fragment, 0),
      ]),
      tagAndLength("FFFEE0DD", 0),
    ];
  }
  const { vr, bytes } = element;
  const length = evenly(bytes.length);
  const written = !long.has(vr) && length > longestShort ? "UN" : vr;
  return [head(tag, written, length), ...padded(bytes, ["OB", "UI", "UN"].includes(vr) ? 0 : 0x20)];
}

const evenly = (length: number) => length + (length % 2);
const padded = (bytes: Uint8Array, filler: number) =>
  bytes.length % 2 === 0 ? [bytes] : [bytes, Uint8Array.of(filler)];

function tagAndLength(tag: Tag, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
  view.setUint32(4, length, true);
  return new Uint8Array(view.buffer);
}

/** Tag, representation and length, PS3.5 section 7.1.2. */
function head(tag: Tag, vr: string, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(long.has(vr) ? 12 : 8));
  view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
  view.setUint8(4, vr.charCodeAt(0));
  view.setUint8(5, vr.charCodeAt(1));
  if (long.has(vr)) view.setUint32(8, length, true);
  else view.setUint16(6, length, true);
  return new Uint8Array(view.buffer);
}
