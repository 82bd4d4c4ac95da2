import { type DataSet, type Element, isPrivate, isSequence, isValue, type Tag, type Value } from "./data-set";
import { shifted } from "./dates";
import { tagOf } from "./dictionary";
import { pixelsAlone, withoutHiddenBits } from "./hidden-bits";
import { type Identity, identifiersIn, identityOf, isTelling, names } from "./identity";
import { codeItem, methodsOf } from "./method";
import type { Action, DeidentificationOptions } from "./profile";
import { DicomRefusal } from "./refusal";
import { safePrivate } from "./safe-private";
import { hashedUid, isOfTheStandard } from "./uid";
import { empty, ofItems, ofText, textOf, textsOf } from "./values";
import { isWellFormed, verdictOf } from "./verdict";
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
 * representation, and what nobody knows is removed (`verdict.ts`); beside pixels nothing stays (`hidden-bits.ts`).
 * @throws DicomRefusal where frames of compressed pixels cannot be told apart
 */
export function deidentify(original: DataSet, asked: Deidentification): Deidentified {
  const changes: Change[] = [];
  const context: Context = {
    ...asked,
    identifiers: identifiersIn(original),
    strict: false,
    changes,
    counted: { uids: 0 },
  };
  const data = new Map(walked(pixelsAlone(withoutHiddenBits(original)), "", context));
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

/** One change an element: what was done last. */
const lastOfEach = (changes: readonly Change[]): Change[] => [
  ...new Map(changes.map((change) => [change.path, change])).values(),
];

interface Context extends Deidentification {
  identifiers: ReadonlySet<string>;
  /** Within a sequence that the table replaces: no text stays. */
  strict: boolean;
  changes: Change[];
  counted: { uids: number };
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
  if (action === "U" || element.vr === "UI") return hashedElement(element, context);
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

/** UIDs of a file: many more than each of two thousand frames needs to say whence it is. Each that is hashed takes a moment. */
const mostUids = 50_000;
/** Bytes of them in one element, whatever representation the file says it has: PS3.5 section 7.1.2 has two bytes for their length. */
const longestUids = 65_534;

function hashedElement({ bytes }: Value, { key, counted }: Context): Done {
  // What an implicit syntax does not tell, the row of the table does: this is a UID.
  const element: Value = { vr: "UI", bytes };
  const before = bytes.length > longestUids ? undefined : textsOf(element);
  counted.uids += before?.length ?? 0;
  if (!before || counted.uids > mostUids) throw new DicomRefusal("damaged", { detail: `> ${mostUids} UI` });
  const uids = before.map((uid) => (isOfTheStandard(uid) || uid === "" ? uid : hashedUid(uid, key)));
  const after = uids.join("\\");
  return after === before.join("\\") ? { element } : { element: ofText("UI", after), action: "hashed" };
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
  const values = textsOf(element).map((value) =>
    element.vr === "CS" ? cleanedCode(value, identifiers) : cleaned(value),
  );
  const after = values.join("\\");
  if (values.every((value) => value === "") || names(after, identifiers) || isTelling(after))
    return otherwise(element, basic);
  return after === before ? { element } : { element: ofText(element.vr, after), action: "cleaned" };
}

/** A code that names somebody, or is none, of small letters or too long: a value for a value, because their places have meanings. */
const cleanedCode = (value: string, identifiers: ReadonlySet<string>) =>
  /^[A-Z0-9_ ]{0,16}$/.test(value)
    ? names(value, identifiers)
      ? "REMOVED"
      : value
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

/** What stands where a date was that may not stay, moved by nothing. */
export const dummyDates: ReadonlySet<string> = new Set([dummies.DA ?? "", dummies.DT ?? "", ""]);

function dummyOf(vr: string): Done {
  const dummy = dummies[vr];
  if (dummy !== undefined) return { element: ofText(vr, dummy), action: "replaced" };
  if (vr === "OB" || vr === "OW") return { element: { vr, bytes: new Uint8Array(2) }, action: "replaced" };
  return { action: "removed" };
}
