import { convertBytes } from "dicom-character-set";
import library, { type DataSet, type Element } from "dicom-parser";
import { entryOf, keywordOf } from "@/core/dicom/dictionary";
import { inflated } from "@/core/dicom/inflate";

/*
 * What of a file tells who it is of, collected without the reader of ours: dicom-parser finds the elements, and each value counts as its bytes stand and as UTF-8.
 */

/** Attributes whose values are identifiers, beside every name (PN), UID (UI) and date (DA, DT) at every depth. */
const telling =
  /^(PatientID|OtherPatientIDs|IssuerOfPatientID|AccessionNumber|StudyID|InstitutionName|InstitutionAddress|InstitutionalDepartmentName|PatientAddress|PatientTelephoneNumbers|ReferringPhysician(Address|TelephoneNumbers)|PatientComments|AdditionalPatientHistory|RequestedProcedureID|ScheduledProcedureStepID|PerformedProcedureStepID|PlacerOrderNumberImagingServiceRequest|FillerOrderNumberImagingServiceRequest|MilitaryRank|Occupation|EthnicGroup|CountryOfResidence|RegionOfResidence|MedicalRecordLocator|AdmissionID|PatientInsurancePlanCodeSequence|PatientBirthName|PatientMotherBirthName|IssuerOfAdmissionID|CurrentPatientLocation)$/;

const vrOf = (tag: string, { vr }: Element) => vr ?? entryOf(tag)?.vr ?? "UN";

const words = (text: string, vr: string): string[] =>
  text.split("\\").flatMap((value) => (vr === "PN" ? [value, ...value.split(/[\^= ]+/)] : [value]));

const trimmed = (text: string) => text.replace(/[\0 ]+$/, "").replace(/^ +/, "");

/** The identifiers of a file, of whatever of it can be read, as bytes written in Latin-1. */
export function identifiersIn(file: Uint8Array): Set<string> {
  const into = new Set<string>();
  const add = (text: string) => {
    const value = trimmed(text);
    // In Chinese two characters are a name; of others three letters are any word.
    if (Buffer.from(value, "latin1").length >= 4 && !value.startsWith("1.2.840.10008.") && /[^-.\s0?^=,]/.test(value))
      into.add(value);
  };
  const look = (data: DataSet, around: string | undefined) => {
    const named = data.string("x00080005");
    const characters = named ?? around;
    for (const [name, element] of Object.entries(data.elements)) {
      const tag = name.slice(1).toUpperCase();
      for (const item of element.items ?? []) if (item.dataSet) look(item.dataSet, characters);
      const vr = vrOf(tag, element);
      const bytes = data.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
      const asTheyStand = Buffer.from(bytes).toString("latin1");
      if (vr === "UI") for (const uid of asTheyStand.split("\\")) add(uid);
      else if (vr === "DA" || vr === "DT") for (const date of asTheyStand.split("\\")) add(date.slice(0, 8));
      else if (vr === "PN" || telling.test(keywordOf(tag))) {
        for (const word of words(asTheyStand, vr)) add(word);
        try {
          for (const word of words(convertBytes(characters, bytes, { vr }), vr))
            add(Buffer.from(word.trim(), "utf8").toString("latin1"));
        } catch {
          // In an unknown character set: as it stands.
        }
      }
    }
  };
  try {
    look(library.parseDicom(file, { inflater: inflated }), undefined);
  } catch (error) {
    const partly = (error as { dataSet?: DataSet }).dataSet;
    if (partly) look(partly, undefined);
  }
  return into;
}

/** Looks for many words at once. Words are bytes written as Latin-1; each is looked for as it stands, in small letters and in capitals, and as UTF-16. */
export class Finder {
  /** By their first three bytes. */
  private readonly words = new Map<number, Set<string>>();
  private readonly begins = new Uint8Array(2 ** 24);

  constructor(words: Iterable<string>) {
    for (const word of words)
      for (const each of [
        word,
        word.toLowerCase(),
        word.toUpperCase(),
        [...word].map((letter) => `${letter}\0`).join(""),
      ])
        if (each.length >= 3) {
          const start = (each.charCodeAt(0) << 16) | (each.charCodeAt(1) << 8) | each.charCodeAt(2);
          this.begins[start] = 1;
          this.words.set(start, (this.words.get(start) ?? new Set()).add(each));
        }
  }

  /** The words that stand in some bytes as whole words. @param shortest of them, in bytes */
  in(bytes: Uint8Array, shortest = 0): string[] {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = new Set<string>();
    for (let at = 0; at + 2 < buffer.length; at++) {
      const start = ((buffer[at] ?? 0) << 16) | ((buffer[at + 1] ?? 0) << 8) | (buffer[at + 2] ?? 0);
      if (this.begins[start] !== 1) continue;
      for (const word of this.words.get(start) ?? [])
        if (
          word.length >= shortest &&
          !isLetter(buffer[at - 1]) &&
          !isLetter(buffer[at + word.length]) &&
          buffer.toString("latin1", at, at + word.length) === word
        )
          found.add(word);
    }
    return [...found];
  }
}

const isLetter = (byte: number | undefined) => byte !== undefined && /\w/.test(String.fromCharCode(byte));
