import {
  type DataSet,
  type Element,
  isEncapsulated,
  isPrivate,
  isPrivateCreator,
  isSequence,
  isValue,
  type Tag,
  type Value,
} from "./data-set";
import { shifted } from "./dates";
import { entryOf, tagOf } from "./dictionary";
import { type Identity, identifiersIn, identityOf, names } from "./identity";
import { type Action, type DeidentificationOptions, ruleOf } from "./profile";
import { ownsSafe, safePrivate } from "./safe-private";
import { hashedUid, isOfTheStandard } from "./uid";
import { empty, isText, number, ofItems, ofText, text, textOf, textsOf, wordOf } from "./values";
import { cleaned } from "./vocabulary";

export interface Deidentification {
  options: DeidentificationOptions;
  /** Secret of the study, 32 bytes: UIDs are hashed under it. */
  key: Uint8Array;
  /** Secret of the subject: days by which its dates are moved, negative for earlier. */
  offsetDays: number;
  /** The subject's number, which becomes name and id: no backslash, at most 64 letters. */
  subject: string;
}

/** What was done with an element; what is not listed stayed as it was. No value stands here. */
export interface Change {
  /** Tags from the outside in, items counted from 0: "00400275[0].00400007". */
  path: string;
  action: "removed" | "emptied" | "replaced" | "hashed" | "shifted" | "cleaned" | "added";
}

export interface Deidentified {
  data: DataSet;
  changes: Change[];
  /** For comparing with the subject's identity; kept by nobody else. */
  identity: Identity;
}

/**
 * A data set without identity: PS3.15 annex E, Basic Profile with the options, at every depth. Beyond the table: what the table does not name goes by its
 * representation, and what nobody knows is removed (`verdictOf`).
 */
export function deidentify(original: DataSet, asked: Deidentification): Deidentified {
  const changes: Change[] = [];
  const context: Context = { ...asked, identifiers: identifiersIn(original), strict: false, changes };
  const data = new Map(walked(withoutHiddenBits(original), "", context));
  const put = (keyword: string, element: Element) => {
    const tag = tagOf(keyword);
    changes.push({ path: tag, action: original.has(tag) ? "replaced" : "added" });
    data.set(tag, element);
  };
  put("SpecificCharacterSet", ofText("CS", "ISO_IR 192"));
  put("PatientName", ofText("PN", asked.subject));
  put("PatientID", ofText("LO", asked.subject));
  put("PatientIdentityRemoved", ofText("CS", "YES"));
  const methods = methodsOf(asked.options, [...data.keys()].some(isPrivate));
  put("DeidentificationMethod", ofText("LO", methods.map(([, meaning]) => meaning.slice(0, 64)).join("\\")));
  put("DeidentificationMethodCodeSequence", ofItems(methods.map(codeItem)));
  put(
    "LongitudinalTemporalInformationModified",
    ofText("CS", asked.options.retainModifiedDates ? "MODIFIED" : "REMOVED"),
  );
  return {
    data: new Map([...data].sort(([a], [b]) => (a < b ? -1 : 1))),
    changes: lastOfEach(changes),
    identity: identityOf(original),
  };
}

/** PS3.16 CID 7050: codes of the profile and its options. */
function methodsOf(options: DeidentificationOptions, keepsPrivate: boolean): [code: string, meaning: string][] {
  const all: [taken: boolean, code: string, meaning: string][] = [
    [true, "113100", "Basic Application Confidentiality Profile"],
    [options.cleanPixelData, "113101", "Clean Pixel Data Option"],
    [options.cleanDescriptors, "113105", "Clean Descriptors Option"],
    [options.retainModifiedDates, "113107", "Retain Longitudinal Temporal Information Modified Dates Option"],
    [options.retainDeviceIdentity, "113109", "Retain Device Identity Option"],
    [keepsPrivate, "113111", "Retain Safe Private Option"],
  ];
  return all.flatMap(([taken, code, meaning]) => (taken ? [[code, meaning] as [string, string]] : []));
}

const codeItem = ([code, meaning]: [string, string]): DataSet =>
  new Map([
    [tagOf("CodeValue"), ofText("SH", code)],
    [tagOf("CodingSchemeDesignator"), ofText("SH", "DCM")],
    [tagOf("CodeMeaning"), ofText("LO", meaning)],
  ]);

/** One change an element: what was done last. */
const lastOfEach = (changes: readonly Change[]): Change[] => [
  ...new Map(changes.map((change) => [change.path, change])).values(),
];

interface Context extends Deidentification {
  identifiers: ReadonlySet<string>;
  /** Within a sequence that the table replaces: no text stays. */
  strict: boolean;
  changes: Change[];
}

function walked(data: DataSet, path: string, context: Context): DataSet {
  const out = new Map<Tag, Element>();
  for (const [tag, element] of data) {
    const at = path ? `${path}.${tag}` : tag;
    const { element: left, action } = done(tag, asSafe(tag, element, data), data, at, context);
    if (left) out.set(tag, left);
    if (action) context.changes.push({ path: at, action });
  }
  return out;
}

/** A safe private element with its own representation, of which an implicit syntax says nothing. */
function asSafe(tag: Tag, element: Element, data: DataSet): Element {
  const vr = safePrivate(data, tag);
  return vr && isValue(element) ? { vr, bytes: element.bytes } : element;
}

interface Done {
  element?: Element;
  action?: Change["action"];
}

/** What becomes of an element. */
function done(tag: Tag, element: Element, data: DataSet, at: string, context: Context): Done {
  const { action, basic } = verdictOf(tag, element, data, context);
  const size = isSequence(element) ? element.items.length : isValue(element) ? element.bytes.length : 1;
  if (action === "X") return { action: "removed" };
  if (size === 0 || action === "K") return walkedInto(element, at, context);
  if (action === "Z") return { element: empty(element.vr), action: "emptied" };
  if (isSequence(element)) return walkedInto(element, at, { ...context, strict: context.strict || action === "D" });
  if (!isValue(element)) return { action: "removed" };
  if (action === "U" || element.vr === "UI") return hashedElement(element, context.key);
  if (action === "D") return dummyOf(element.vr);
  return isTime(element.vr) ? movedElement(element, basic, context) : cleanedElement(element, basic, context);
}

function walkedInto(element: Element, at: string, context: Context): Done {
  if (!isSequence(element)) return { element };
  return { element: ofItems(element.items.map((item, index) => walked(item, `${at}[${index}]`, context))) };
}

/** Cleaning that leaves nothing is what the Basic Profile asks for. */
function otherwise({ vr }: Value, basic: Action): Done {
  if (basic === "X") return { action: "removed" };
  if (basic === "Z") return { element: empty(vr), action: "emptied" };
  return dummyOf(vr);
}

function hashedElement({ bytes }: Value, key: Uint8Array): Done {
  // What an implicit syntax does not tell, the row of the table does: this is a UID.
  const element: Value = { vr: "UI", bytes };
  const uids = textsOf(element).map((uid) => (isOfTheStandard(uid) || uid === "" ? uid : hashedUid(uid, key)));
  const after = uids.join("\\");
  return after === textsOf(element).join("\\") ? { element } : { element: ofText("UI", after), action: "hashed" };
}

const isTime = (vr: string) => vr === "DA" || vr === "DT" || vr === "TM";

function movedElement(element: Value, basic: Action, { offsetDays }: Context): Done {
  // Whole days are added: the time of day stays.
  if (element.vr === "TM") return isWellFormed(element) ? { element } : otherwise(element, basic);
  const dates = textsOf(element).map((date) => (date === "" ? "" : shifted(date, offsetDays)));
  if (dates.some((date) => date === undefined)) return otherwise(element, basic);
  return { element: ofText(element.vr, dates.join("\\")), action: "shifted" };
}

function cleanedElement(element: Value, basic: Action, { identifiers }: Context): Done {
  const before = textOf(element) ?? "";
  const values = textsOf(element).map(element.vr === "CS" ? cleanedCode : cleaned);
  const after = values.join("\\");
  if (values.every((value) => value === "") || names(after, identifiers)) return otherwise(element, basic);
  return after === before ? { element } : { element: ofText(element.vr, after), action: "cleaned" };
}

/** A code that is none, of small letters or too long: a value for a value, because their places have meanings. */
const cleanedCode = (value: string) =>
  /^[A-Z0-9_ ]{0,16}$/.test(value)
    ? value
    : cleaned(value)
        .toUpperCase()
        .replace(/[^A-Z0-9_ ]/g, "")
        .slice(0, 16) || "REMOVED";

/** A value that says nothing and that its representation allows, PS3.5 table 6.2-1. */
const dummies: Readonly<Record<string, string>> = {
  ...{ AE: "REMOVED", CS: "REMOVED", LO: "REMOVED", LT: "REMOVED", PN: "REMOVED", SH: "REMOVED", ST: "REMOVED" },
  ...{ UC: "REMOVED", UT: "REMOVED", UR: "urn:removed", AS: "000Y", DA: "19000101", DT: "19000101000000" },
  ...{ TM: "000000", DS: "0", IS: "0" },
};

function dummyOf(vr: string): Done {
  const dummy = dummies[vr];
  if (dummy !== undefined) return { element: ofText(vr, dummy), action: "replaced" };
  if (vr === "OB" || vr === "OW") return { element: { vr, bytes: new Uint8Array(2) }, action: "replaced" };
  return { action: "removed" };
}

interface Verdict {
  action: Action;
  basic: Action;
}

const always = (action: Action): Verdict => ({ action, basic: action });

/** The table's action; for an element that it does not name, what can be said of its representation. */
function verdictOf(tag: Tag, element: Element, data: DataSet, context: Context): Verdict {
  const { options, strict, identifiers } = context;
  if (isPrivateCreator(tag)) return always(ownsSafe(data, tag) ? "K" : "X");
  if (isPrivate(tag)) return always(safePrivate(data, tag) && isWellFormed(element) ? "K" : "X");
  if (written.has(tag)) return always("X");
  const ruled = ruleOf(tag, options);
  if (ruled?.action === "K" && !isSequence(element)) return kept(element, ruled.basic, identifiers);
  // No allow-list tells a defined term from a name in capitals.
  if (ruled) return ruled.action === "C" && element.vr === "CS" ? always(ruled.basic) : ruled;
  if (!isAsRegistered(tag, element) || /^[56]0/.test(tag)) return always("X");
  if (isSequence(element)) return always("K");
  if (isEncapsulated(element)) return always("K");
  if (codeTags.has(tag) && !strict) return ofCode(tag, element, data, context);
  switch (element.vr) {
    case "UI":
      return always("U");
    case "DA":
    case "DT":
      return { action: options.retainModifiedDates ? "C" : "D", basic: "D" };
    case "PN":
    case "AE":
    case "UR":
      return always(strict ? "D" : "X");
    case "LO":
    case "SH":
    case "LT":
    case "ST":
    case "UT":
    case "UC":
      if (strict) return always("D");
      if (ofTheDevice.has(tag)) return kept(element, "D", identifiers);
      return { action: options.cleanDescriptors ? "C" : "D", basic: "D" };
    case "OB":
    case "OW":
      return always(ofPixels.test(tag) ? "K" : "X");
    case "CS":
      return isWellFormed(element) ? kept(element, "D", identifiers) : { action: "C", basic: "D" };
    default:
      return kept(element, "X", identifiers);
  }
}

/** Whether an element is known, and of the kind that it is known to be: text that calls itself numbers is neither. */
function isAsRegistered(tag: Tag, { vr }: Element): boolean {
  const known = entryOf(tag)?.vr;
  return known !== undefined && vr !== "UN" && isText(known) === isText(vr) && (known === "SQ") === (vr === "SQ");
}

/** A value that may stay, if it is what its representation promises and names nobody. */
function kept(element: Element, basic: Action, identifiers: ReadonlySet<string>): Verdict {
  const value = isValue(element) && !numeric.has(element.vr) ? (textOf(element) ?? "") : "";
  if (element.vr === "UN") return always("X");
  return always(isWellFormed(element) && !names(value, identifiers) && !isLongNumber(value) ? "K" : basic);
}

const numeric = new Set(["DS", "IS", "TM", "UI"]);
const shape: Readonly<Record<string, RegExp>> = {
  AS: /^\d{3}[DWMY]$/,
  CS: /^[A-Z0-9_ ]{0,16}$/,
  DS: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/,
  IS: /^[+-]?\d{1,10}$/,
  TM: /^[0-9.:-]*$/,
};

/** Whether a value has the letters of its representation, PS3.5 table 6.2-1: a name in a number is none. */
function isWellFormed(element: Element): boolean {
  if (isValue(element) && element.bytes.length % (wordOf[element.vr] ?? 1) > 0) return false;
  return textsOf(element).every((value) => value === "" || (shape[element.vr] ?? /^/).test(value));
}

/** Nine digits with nothing but blanks, hyphens and brackets between them: a telephone number or an id. */
const isLongNumber = (text: string) => /\d(?:[ ()+-]*\d){8}/.test(text);

/** Binary values of pictures and their tables; other bytes may hold a document. */
const ofPixels = /^(0028|0066|7FE0)/;

/** What the result says of itself, and the input must not. */
const written = new Set(
  ["SpecificCharacterSet", "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence"]
    .concat("LongitudinalTemporalInformationModified")
    .map(tagOf),
);

/** Texts that the table does not name and that the scanner writes: they stay. */
const ofTheDevice = new Set(
  [
    ...["Manufacturer", "ManufacturerModelName", "SoftwareVersions", "SecondaryCaptureDeviceManufacturer"],
    ...["SecondaryCaptureDeviceManufacturerModelName", "SecondaryCaptureDeviceSoftwareVersions"],
    ...["SequenceName", "PulseSequenceName", "ImagedNucleus", "ReceiveCoilName", "TransmitCoilName"],
    ...[
      "ReceiveCoilManufacturerName",
      "TransmitCoilManufacturerName",
      "MultiCoilElementName",
      "MultiCoilConfiguration",
    ],
    ...[
      "ConvolutionKernel",
      "FilterType",
      "ImageFilter",
      "AcquisitionMode",
      "ContrastBolusRoute",
      "PositionReferenceIndicator",
    ],
    ...["StackID", "DimensionDescriptionLabel", "ImageGeometryType", "RescaleType", "ModalityLUTType"],
    ...["LUTExplanation", "LUTLabel", "WindowCenterWidthExplanation", "VideoImageFormatAcquired"],
    ...["AttenuationCorrectionMethod", "ReconstructionMethod", "ScatterCorrectionMethod", "Radiopharmaceutical"],
  ].map(tagOf),
);

const codeTags = new Set(
  ["CodeValue", "LongCodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning"].map(tagOf),
);
/** Schemes of PS3.16 chapter 8, whose meanings are the scheme's and not the hospital's. */
const schemes = new Set(
  "DCM SCT SRT SNM3 LN UCUM RADLEX FMA UMLS NCIt MDC BI ACR UBERON I9 I9C I10 I10P ICD10 ICDO3 MSH RFC5646 ISO639_1 ISO3166_1".split(
    " ",
  ),
);

/** Codes of the standard's schemes stay; a hospital's own code is its own word, and only what is on the allow-list stays of its meaning. */
function ofCode(tag: Tag, element: Element, data: DataSet, { options, identifiers }: Context): Verdict {
  const scheme = text(data, tagOf("CodingSchemeDesignator"));
  if (scheme !== undefined && schemes.has(scheme)) return kept(element, "D", identifiers);
  if (tag === tagOf("CodeMeaning") && options.cleanDescriptors) return { action: "C", basic: "D" };
  return always("D");
}

/** Old overlays lie in the bits of the pixels that hold no picture (PS3.5 section 8.1.2, retired): these bits are made zero. */
function withoutHiddenBits(data: DataSet): DataSet {
  const overlaid = [...data.keys()].some((tag) => /^60..0102$/.test(tag) && (number(data, tag) ?? 0) > 0);
  const tag = tagOf("PixelData");
  const pixels = data.get(tag);
  const stored = number(data, tagOf("BitsStored")) ?? 16;
  if (!overlaid || !isValue(pixels) || number(data, tagOf("BitsAllocated")) !== 16 || stored >= 16) return data;
  const lowest = (number(data, tagOf("HighBit")) ?? stored - 1) + 1 - stored;
  const mask = ((2 ** stored - 1) << lowest) & 0xffff;
  const bytes = Uint8Array.from(pixels.bytes, (byte, at) => byte & (at % 2 === 0 ? mask & 0xff : mask >> 8));
  return new Map([...data, [tag, { vr: pixels.vr, bytes }]]);
}
