import type { DataSet } from "./data-set";
import { tagOf } from "./dictionary";
import { text, texts } from "./values";

/** Why a picture is held for a person before anybody reads it: `said` by the file, a `secondary` capture, a `screen`. */
export type BurnedInReason = "said" | "secondary" | "screen";

/** Secondary Capture Image Storage and its multi-frame relatives, PS3.4 annex B.5. */
const secondaryCapture = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.[1-4])?$/;

/**
 * What the header says of letters in the pixels; asked of the file as it came. Empty is no promise: pixels are looked at as well, and BurnedInAnnotation = NO is
 * believed by nobody.
 */
export function burnedInReasons(data: DataSet): BurnedInReason[] {
  const reasons: [BurnedInReason, boolean][] = [
    ["said", text(data, tagOf("BurnedInAnnotation")) === "YES"],
    ["secondary", secondaryCapture.test(text(data, tagOf("SOPClassUID")) ?? "") || data.has(tagOf("ConversionType"))],
    ["screen", texts(data, tagOf("ImageType")).some((value) => /SCREEN/.test(value))],
  ];
  return reasons.flatMap(([reason, holds]) => (holds ? [reason] : []));
}
