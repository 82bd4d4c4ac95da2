import { type DataSet, isSequence, isValue } from "./data-set";
import { tagOf } from "./dictionary";
import { text, texts, textsOf } from "./values";

/** Who a data set says it is of: what is compared with the subject's identity, and goes nowhere else. */
export interface Identity {
  /** As DICOM has it: family^given^middle^prefix^suffix, other writings behind "=". */
  name: string | undefined;
  /** Hospital number. */
  id: string | undefined;
  otherIds: string[];
  /** YYYY-MM-DD. */
  birthDate: string | undefined;
  /** M, F or O. */
  sex: string | undefined;
}

export function identityOf(data: DataSet): Identity {
  const born = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(text(data, tagOf("PatientBirthDate")) ?? "");
  return {
    name: plain(text(data, tagOf("PatientName"))),
    id: plain(text(data, tagOf("PatientID"))),
    otherIds: texts(data, tagOf("OtherPatientIDs")),
    birthDate: born ? born.slice(1).join("-") : undefined,
    sex: text(data, tagOf("PatientSex")),
  };
}

/** Texts that are compared have no NUL, which some writers put into them and no database takes. */
const plain = (said: string | undefined) => said?.replaceAll("\0", "");

const named = [
  "PatientID",
  "OtherPatientIDs",
  "AccessionNumber",
  "StudyID",
  "InstitutionName",
  "InstitutionAddress",
  "PatientAddress",
].map(tagOf);
const ids = new Set([...named, tagOf("PatientTelephoneNumbers"), tagOf("IssuerOfPatientID"), tagOf("AdmissionID")]);
const han = /\p{Script=Han}/u;
/** Shortest id, and shortest piece of a name, that a text is searched for. */
const shortest = { id: 4, name: 3, han: 1 };

/**
 * The words by which this data set names people and places, in small letters: pieces of every person's name, numbers of the patient, institution, at every
 * depth. A text that stays must hold none of them.
 */
export function identifiersIn(data: DataSet): Set<string> {
  const found = new Set<string>();
  const look = (within: DataSet) => {
    for (const [tag, element] of within) {
      if (isSequence(element)) element.items.forEach(look);
      else if (isValue(element) && element.vr === "PN")
        for (const piece of textsOf(element).flatMap((name) => name.toLowerCase().split(/[\^=\s,.]+/)))
          if (piece.length >= (han.test(piece) ? shortest.han : shortest.name)) found.add(piece);
      if (ids.has(tag)) for (const id of textsOf(element)) if (id.length >= shortest.id) found.add(id.toLowerCase());
    }
  };
  look(data);
  return found;
}

/** Whether a text holds one of the identifiers: as a word, or, where it is long or in a writing without blanks, anywhere. */
export function names(text: string, identifiers: ReadonlySet<string>): boolean {
  const small = text.toLowerCase();
  const words = new Set(small.split(/[^\p{L}\p{M}\p{N}]+/u));
  return [...identifiers].some(
    (identifier) =>
      words.has(identifier) || (identifier.length > (han.test(identifier) ? 1 : 4) && small.includes(identifier)),
  );
}

/** Nine digits with nothing but such signs between them: a telephone number, or the number of a person. */
const longNumber = /\d(?:[ ()+-]*\d){8}/;
/** Points as well, which versions of software have between their numbers. */
const longNumberWithPoints = /\d(?:[ ().+-]*\d){8}/;
/** 24.12.61, 1961-12-24. */
const day = /(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?!\d)/;

/** Whether what a device wrote holds a telephone number. */
export const holdsNumber = (text: string): boolean => longNumber.test(text);
/** Whether a description looks as if it held a telephone number, the number of a person, or a day. */
export const isTelling = (text: string): boolean => longNumberWithPoints.test(text) || day.test(text);
