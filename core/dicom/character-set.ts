import { convertBytes } from "dicom-character-set";
import type { Value } from "./data-set";
import { DicomRefusal } from "./refusal";
import { ofText } from "./values";

/** Printable ASCII and line ends: the same bytes in every character set of DICOM, but for ISO 646 in Japan, whose yen is a backslash here. */
function isPlain(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80 || byte === 0x1b) return false;
  return true;
}

/** Names switch back to ASCII by its escape sequence, whether it was named or not. */
const withAscii = (characters: string | undefined) =>
  characters?.includes("ISO 2022") && !/IR 6(\\|$)/.test(characters) ? `${characters}\\ISO 2022 IR 6` : characters;

/** A text in UTF-8, whose padding is left out where it was in another set. */
export function inUtf8(value: Value, characters: string | undefined): Value {
  if (isPlain(value.bytes)) return value;
  try {
    return ofText(value.vr, convertBytes(withAscii(characters), value.bytes, { vr: value.vr }).replace(/[\0 ]+$/, ""));
  } catch (error) {
    throw new DicomRefusal("character_set", { name: characters ?? "-" }, { cause: error });
  }
}
