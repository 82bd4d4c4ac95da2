import { AppError } from "@/server/errors";

/** How many bytes are looked at to tell UTF-16, and from which share of zeros among every second one a text is taken for it. */
const looked = 1000;
const leastZeros = 0.4;

/** By its mark, or because every second byte is zero, as the digits and Latin letters of a header make it. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const start = bytes.subarray(0, looked);
  return [0, 1].some((odd) => {
    const every = start.filter((_, at) => at % 2 === odd);
    return every.length > 0 && every.filter((byte) => byte === 0).length >= leastZeros * every.length;
  });
}

/** The text of a file, without its mark. @throws AppError "invalid" when it is not UTF-8 */
export function decode(bytes: Uint8Array): string {
  if (isUtf16(bytes)) throw new AppError("invalid", { key: "errors.utf16" });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AppError("invalid", { key: "errors.not_utf8" });
  }
}
