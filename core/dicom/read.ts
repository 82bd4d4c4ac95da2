import library, { type DataSet as Parsed, type Element as ParsedElement } from "dicom-parser";
import { joined, swapped } from "./bytes";
import { inUtf8 } from "./character-set";
import {
  type DataSet,
  type DicomFile,
  type Element,
  explicitLittleEndian,
  isPrivateCreator,
  type Tag,
  type Value,
} from "./data-set";
import { entryOf } from "./dictionary";
import { inflated } from "./inflate";
import { DicomRefusal } from "./refusal";
import { inCharacterSet, isText, ofText, text, wordOf } from "./values";

const implicitLittleEndian = "1.2.840.10008.1.2";
const explicitBigEndian = "1.2.840.10008.1.2.2";
const deflated = "1.2.840.10008.1.2.1.99";
const native = new Set([implicitLittleEndian, explicitLittleEndian, explicitBigEndian, deflated]);
/** The compressed syntaxes of PS3.6 annex A: JPEG and its relatives, RLE, MPEG, deflated frames. */
const compressed = /^1\.2\.840\.10008\.1\.2\.(4\.\d+(\.\d+)?|5|8\.1)$/;

const charactersTag = "00080005";
const utf8 = ofText("CS", "ISO_IR 192");
const pixelRepresentationTag = "00280103";
const bitsAllocatedTag = "00280100";
const pixelDataTag = "7FE00010";
/**
 * Bytes of a UID, PS3.5 section 6.2. The parser takes a text letter by letter: one of a hundred megabytes, which a header can say of any element, takes it a minute and four
 * gigabytes, so it reads none of which the length was not looked at.
 */
const longestUid = 64;

/**
 * Reads a file of PS3.10, or a bare data set without its 132 bytes in front. Whatever it came in, its values are little endian here, its texts UTF-8, at
 * every depth, as its Specific Character Set ISO_IR 192 says, and group lengths are gone; compressed pixels stay as they are.
 * @throws DicomRefusal where this is no DICOM, breaks off, or is in a syntax or character set that nobody knows
 */
export function readDicom(bytes: Uint8Array): DicomFile {
  const bare = barely(bytes);
  const parsed = parsedOf(bare);
  const meta = new Map<Tag, Element>();
  const rest: Record<string, ParsedElement> = {};
  for (const [name, element] of Object.entries(parsed.elements))
    if (!name.startsWith("x0002")) rest[name] = element;
    else if (element.length !== undefined)
      meta.set(tagOfParsed(name), valueAt(bare.bytes, element, element.vr ?? "UN"));
  const received = bare.options?.TransferSyntaxUID ?? text(meta, "00020010") ?? "";
  if (!native.has(received) && !compressed.test(received))
    throw new DicomRefusal("transfer_syntax", { uid: received || "-" });
  const data = converted(rest, parsed.byteArray, {
    explicit: received !== implicitLittleEndian,
    bigEndian: received === explicitBigEndian,
    characters: undefined,
    signed: false,
    bitsAllocated: 16,
    depth: 0,
  });
  if (data.size === 0) throw new DicomRefusal("damaged", { detail: "-" });
  const named = rest[`x${charactersTag}`];
  return {
    received,
    characters: named?.length ? charactersIn(valueAt(parsed.byteArray, named, "CS")) || null : null,
    transferSyntax: native.has(received) ? explicitLittleEndian : received,
    meta,
    data: new Map([...data, [charactersTag, utf8] as const].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What a file calls its image, and the study that it is of. */
export interface ImageNames {
  sopClass: string | undefined;
  sopInstance: string | undefined;
  study: string | undefined;
}

/** Reads these names alone, which stand at the beginning; none where `readDicom` would refuse what stands there. */
export function imageNamesOf(bytes: Uint8Array): ImageNames {
  try {
    const { elements, byteArray } = parsedOf(barely(bytes), { untilTag: "x0020000d" });
    const [sopClass, sopInstance, study] = ["x00080016", "x00080018", "x0020000d"].map((tag) => {
      const { dataOffset = 0, length = 0 } = elements[tag] ?? {};
      const [name = ""] = letters(byteArray, dataOffset, dataOffset + Math.min(length, longestUid)).split("\0");
      return name.trim() || undefined;
    });
    return { sopClass, sopInstance, study };
  } catch (error) {
    if (error instanceof DicomRefusal) return { sopClass: undefined, sopInstance: undefined, study: undefined };
    throw error;
  }
}

/** A DICOMDIR, PS3.3 annex F: a table of contents, whose files are taken for themselves. */
export const isDirectory = ({ meta }: DicomFile): boolean => text(meta, "00020002") === "1.2.840.10008.1.3.10";

const letters = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
/** Group 0008 is where a data set begins, 0004 a directory. */
const begins = (group: number) => group === 0x0008 || group === 0x0004;

interface Bare {
  bytes: Uint8Array;
  options?: { TransferSyntaxUID: string };
}

/** As the parser has it, which asks by itself for one text alone: the transfer syntax. @throws DicomRefusal */
function parsedOf({ bytes, options }: Bare, more: { untilTag?: string } = {}): Parsed {
  return parsing(() => {
    const said = options ? undefined : library.readPart10Header(bytes).elements.x00020010;
    if ((said?.length ?? 0) > longestUid) throw new DicomRefusal("transfer_syntax", { uid: "-" });
    return library.parseDicom(bytes, { ...options, ...more, inflater: inflated, vrCallback });
  });
}

/** The bytes with their preamble where it is missing, or how a bare data set is to be read, as its first element shows. */
function barely(bytes: Uint8Array): Bare {
  if (bytes.length >= 132 && letters(bytes, 128, 132) === "DICM") return { bytes };
  const [a = 0, b = 0] = bytes;
  const isExplicit = /^[A-Z]{2}$/.test(letters(bytes, 4, 6)) && bytes.length > 8;
  if (isExplicit && a + 256 * b === 0x0002) {
    const whole = new Uint8Array(132 + bytes.length);
    whole.set(new TextEncoder().encode("DICM"), 128);
    whole.set(bytes, 132);
    return { bytes: whole };
  }
  if (isExplicit && begins(a + 256 * b)) return { bytes, options: { TransferSyntaxUID: explicitLittleEndian } };
  if (isExplicit && begins(256 * a + b)) return { bytes, options: { TransferSyntaxUID: explicitBigEndian } };
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > 8 && begins(a + 256 * b) && length.getUint32(4, true) <= bytes.length - 8)
    return { bytes, options: { TransferSyntaxUID: implicitLittleEndian } };
  throw new DicomRefusal("not_dicom");
}

/** What the parser throws is a sentence, an object or an error, and a nesting without end is a full stack. */
function parsing<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DicomRefusal) throw error;
    const inner = typeof error === "object" && error !== null && "exception" in error ? error.exception : error;
    const detail = inner instanceof Error ? inner.message : String(inner);
    if (detail.includes("0002,0010")) throw new DicomRefusal("no_transfer_syntax", undefined, { cause: error });
    throw new DicomRefusal("damaged", { detail: detail.replace(/^dicomParser[.:]\w+: /, "") }, { cause: error });
  }
}

const charactersIn = ({ bytes }: Value) => letters(bytes, 0, bytes.length).replace(/[\0 ]+$/, "");

const tagOfParsed = (name: string): Tag => name.slice(1).toUpperCase();
const vrCallback = (name: string) => (entryOf(tagOfParsed(name))?.vr === "SQ" ? "SQ" : undefined);

interface Context {
  explicit: boolean;
  bigEndian: boolean;
  characters: string | undefined;
  signed: boolean;
  bitsAllocated: number;
  /** Sequences around it. */
  depth: number;
}

/** Sequences in sequences that a file has; the standard's reports have fewer than twenty. */
const deepest = 100;

/**
 * Texts whose length explicit syntaxes say in two bytes, PS3.5 section 7.1.2: in an implicit one a longer text is none of theirs, and would cost what is done with each of its millions of values.
 * (Of numbers, DS and IS, there are more at times.)
 */
const shortTexts = new Set(["AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UI"]);
const longestText = 65_534;

const valueAt = (bytes: Uint8Array, { dataOffset, length }: ParsedElement, vr: string): Value => ({
  vr,
  bytes: bytes.subarray(dataOffset, dataOffset + length),
});

function converted(elements: Record<string, ParsedElement>, bytes: Uint8Array, around: Context): DataSet {
  if (around.depth > deepest) throw new DicomRefusal("damaged", { detail: `> ${deepest} SQ` });
  const raw = (tag: Tag) => {
    const element = elements[`x${tag.toLowerCase()}`];
    return element && valueAt(bytes, element, "");
  };
  const short = (tag: Tag) => {
    const value = raw(tag)?.bytes;
    return value && value.length >= 2
      ? new DataView(value.buffer, value.byteOffset).getUint16(0, !around.bigEndian)
      : undefined;
  };
  const named = raw(charactersTag);
  if (named && named.bytes.length > longestText) throw new DicomRefusal("damaged", { detail: `${charactersTag} CS` });
  const context: Context = {
    ...around,
    characters: named ? charactersIn(named) || undefined : around.characters,
    signed: (short(pixelRepresentationTag) ?? Number(around.signed)) === 1,
    bitsAllocated: short(bitsAllocatedTag) ?? around.bitsAllocated,
    depth: around.depth + 1,
  };
  const data = new Map<Tag, Element>();
  for (const name of Object.keys(elements).sort()) {
    const tag = tagOfParsed(name);
    const element = elements[name];
    if (element && !isDelimiter(tag) && !tag.endsWith("0000") && tag !== charactersTag)
      data.set(tag, elementOf(tag, element, bytes, context));
  }
  return data;
}

/** The end of an item (FFFE,E00D) comes as an element of it. */
const isDelimiter = (tag: Tag) => tag.startsWith("FFFE");

const itemsAsParsed = (element: ParsedElement) =>
  (element.items ?? []).map((item): Parsed => {
    if (!item.dataSet) throw new DicomRefusal("damaged", { detail: element.tag });
    return item.dataSet;
  });

function elementOf(tag: Tag, element: ParsedElement, bytes: Uint8Array, context: Context): Element {
  const vr = vrOf(tag, element, context);
  // The parser takes their length of four bytes for one of two, and what follows is no element.
  if (context.explicit && /^[OSU]V$/.test(element.vr ?? ""))
    throw new DicomRefusal("damaged", { detail: `${tag} ${vr}` });
  if (element.fragments)
    return {
      vr: "OB",
      offsets: element.basicOffsetTable ?? [],
      fragments: element.fragments.map(({ position, length }) => bytes.subarray(position, position + length)),
    };
  if (vr === "SQ") {
    // Of unknown representation is what somebody passed on who did not know it: implicit little endian, PS3.5 section 6.2.2.
    const inner = element.vr === "UN" ? { ...context, explicit: false, bigEndian: false } : context;
    const parsed = element.items ? itemsAsParsed(element) : itemsWithin(tag, valueAt(bytes, element, "UN").bytes);
    return { vr, items: parsed.map((item) => converted(item.elements, item.byteArray, inner)) };
  }
  if (element.items)
    return { vr: "SQ", items: itemsAsParsed(element).map((item) => converted(item.elements, item.byteArray, context)) };
  const value = valueAt(bytes, element, vr);
  if (shortTexts.has(vr) && value.bytes.length > longestText)
    throw new DicomRefusal("damaged", { detail: `${tag} ${vr}` });
  if (inCharacterSet.has(vr)) return inUtf8(value, context.characters);
  if (context.bigEndian && element.vr !== "UN")
    return swapped(value, tag === pixelDataTag ? context.bitsAllocated / 8 : undefined);
  return value;
}

const representations = new Set([...Object.keys(wordOf), ...inCharacterSet, "OB", "SQ", "UN"]);

/** What the file says, and where it says nothing, the dictionary; "UN" where that does not know either. */
function vrOf(tag: Tag, { vr }: ParsedElement, { explicit, signed }: Context): string {
  if (explicit && vr && vr !== "UN" && (representations.has(vr) || isText(vr))) return vr;
  if (isPrivateCreator(tag)) return "LO";
  const known = entryOf(tag)?.vr ?? "UN";
  if (known === "US|SS") return signed ? "SS" : "US";
  return known.includes("|") ? "OW" : known;
}

/** The items of a sequence that came as bytes, read as an implicit data set of this one element; none where they are none. */
function itemsWithin(tag: Tag, value: Uint8Array): Parsed[] {
  const head = new DataView(new ArrayBuffer(8));
  head.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  head.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
  head.setUint32(4, value.length, true);
  const whole = joined([new Uint8Array(head.buffer), value]);
  const { elements } = parsing(() =>
    library.parseDicom(whole, { TransferSyntaxUID: implicitLittleEndian, vrCallback }),
  );
  const element = elements[`x${tag.toLowerCase()}`];
  return element ? itemsAsParsed(element) : [];
}
