/** Group and element as eight capital hexadecimal digits: "0020000D" is Series Instance UID. */
export type Tag = string;

/** A value as its bytes: little endian, texts in UTF-8, of even length once written. */
export interface Value {
  /** Value representation, PS3.5 section 6.2: two capitals. */
  readonly vr: string;
  readonly bytes: Uint8Array;
}

export interface Sequence {
  readonly vr: "SQ";
  readonly items: readonly DataSet[];
}

/** Compressed pixel data, PS3.5 annex A.4: fragments as they came, and the Basic Offset Table, which may be empty. */
export interface Encapsulated {
  readonly vr: "OB";
  readonly offsets: readonly number[];
  readonly fragments: readonly Uint8Array[];
}

export type Element = Value | Sequence | Encapsulated;

/** Elements by tag. Nobody changes one: what is changed is a new one. */
export type DataSet = ReadonlyMap<Tag, Element>;

/** What a file of PS3.10 holds. */
export interface DicomFile {
  /** In which syntax the bytes came. */
  received: string;
  /** In which the data set is held here and written: Explicit VR Little Endian, or the compressed one that it came in. */
  transferSyntax: string;
  /** Specific Character Set (0008,0005) as it came, because here it is always UTF-8; null: none was said. */
  characters: string | null;
  /** Group 0002 as it came; `writeDicom` makes its own. */
  meta: DataSet;
  data: DataSet;
}

export const explicitLittleEndian = "1.2.840.10008.1.2.1";

export const isSequence = (element: Element | undefined): element is Sequence =>
  element !== undefined && "items" in element;
export const isEncapsulated = (element: Element | undefined): element is Encapsulated =>
  element !== undefined && "fragments" in element;
export const isValue = (element: Element | undefined): element is Value => element !== undefined && "bytes" in element;

/** Private elements are those of an odd group, PS3.5 section 7.8. */
export const isPrivate = (tag: Tag) => Number.parseInt(tag.slice(0, 4), 16) % 2 === 1;
/** Elements (gggg,0010-00FF) of an odd group name whose the block is. */
export const isPrivateCreator = (tag: Tag) => isPrivate(tag) && /^00[1-9A-F][0-9A-F]$/.test(tag.slice(4));
