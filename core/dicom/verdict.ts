import {
  type DataSet,
  type Element,
  isEncapsulated,
  isPrivate,
  isPrivateCreator,
  isSequence,
  isValue,
  type Tag,
} from "./data-set";
import { entryOf, tagOf } from "./dictionary";
import { holdsNumber, names } from "./identity";
import { type Action, type DeidentificationOptions, ruleOf } from "./profile";
import { ownsSafe, safePrivate } from "./safe-private";
import { isText, text, textOf, textsOf, wordOf } from "./values";

/** Where an element stands. */
interface Within {
  options: DeidentificationOptions;
  /** Words by which the file names people and places (`identifiersIn`). */
  identifiers: ReadonlySet<string>;
  /** Within a sequence that the table replaces: no text stays. */
  strict: boolean;
}

export interface Verdict {
  /** What is done: K keep, X remove, Z empty, D replace by a dummy, U hash, C clean (dates are moved). */
  action: Action;
  /** What is done where cleaning leaves nothing. */
  basic: Action;
}

const always = (action: Action): Verdict => ({ action, basic: action });

/** The table's action; for an element that it does not name, what can be said of its representation. */
export function verdictOf(tag: Tag, element: Element, data: DataSet, context: Within): Verdict {
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
      if (ofTheDevice.has(tag))
        return holdsNumber(textOf(element) ?? "") ? always("D") : kept(element, "D", identifiers);
      return { action: options.cleanDescriptors ? "C" : "D", basic: "D" };
    // No parser in use reads these back.
    case "OV":
    case "SV":
    case "UV":
      return always("X");
    case "OB":
    case "OW":
      return always(ofPixels.test(tag) ? "K" : "X");
    case "CS":
      return strict ? kept(element, "D", identifiers) : { action: "C", basic: "D" };
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
  return always(isWellFormed(element) && !names(value, identifiers) ? "K" : basic);
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
export function isWellFormed(element: Element): boolean {
  if (isValue(element) && element.bytes.length % (wordOf[element.vr] ?? 1) > 0) return false;
  return textsOf(element).every((value) => value === "" || (shape[element.vr] ?? /^/).test(value));
}

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
function ofCode(tag: Tag, element: Element, data: DataSet, { options, identifiers }: Within): Verdict {
  const scheme = text(data, tagOf("CodingSchemeDesignator"));
  if (scheme !== undefined && schemes.has(scheme)) return kept(element, "D", identifiers);
  if (tag === tagOf("CodeMeaning") && options.cleanDescriptors) return { action: "C", basic: "D" };
  return always("D");
}
