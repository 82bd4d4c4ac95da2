import { inflateSync } from "node:zlib";
import { AppError } from "@/server/errors";

/** A type of a chunk, as the number that its four letters are: a file may have millions. */
const type = (letters: string) => Buffer.from(letters, "latin1").readUInt32BE();
/** Beside those without which nothing is decoded (their first letter is a capital): transparency, levels, colour, and which side is up. */
const used: ReadonlySet<number> = new Set(["tRNS", "gAMA", "sRGB", "iCCP", "eXIf"].map(type));
const [profile, end] = [type("iCCP"), type("IEND")];
/** Set in the types of those that can be left out. */
const ancillary = type(" \0\0\0");
/** In bytes, unpacked: those of scanners and printers have up to 2 MB. */
const largestProfile = 4 * 1024 ** 2;

const signatureBytes = 8;
/** Of a chunk, beside its data: length and type before, CRC behind. */
const [headBytes, crcBytes] = [8, 4];

/** A profile is packed; what is no profile is left to the decoder to refuse. @throws AppError "invalid" for one that unpacks to more than any has */
function refuseLargeProfile(name: string, data: Buffer): void {
  const packed = data.subarray(data.indexOf(0) + 2);
  try {
    inflateSync(packed, { maxOutputLength: largestProfile });
  } catch (error) {
    if (error instanceof RangeError)
      throw new AppError("invalid", {
        key: "errors.image_profile_too_large",
        values: { name, limit: largestProfile / 1024 ** 2 },
      });
  }
}

/**
 * A PNG without the chunks that nothing is decoded from (PNG 1.2, sections 3.2 and 4.2): the decoder would unpack its texts, which takes gigabytes of memory for a
 * file of some megabytes, before it looks at a pixel. Of what is used, what comes twice comes once. A file that ends too early stays one.
 * @throws AppError "invalid" that names the file when its colour profile is too large
 */
export function essentialChunks({ name, png }: { name: string; png: Uint8Array }): Buffer {
  const all = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const kept = Buffer.allocUnsafe(all.length);
  let length = all.copy(kept, 0, 0, signatureBytes);
  const seen = new Set<number>();
  for (let at = signatureBytes; at + headBytes <= all.length; ) {
    const data = at + headBytes;
    const next = Math.min(all.length, data + all.readUInt32BE(at) + crcBytes);
    const is = all.readUInt32BE(at + 4);
    const isCritical = (is & ancillary) === 0;
    if (isCritical || (used.has(is) && !seen.has(is))) {
      if (is === profile) refuseLargeProfile(name, all.subarray(data, next));
      length += all.copy(kept, length, at, next);
      if (!isCritical) seen.add(is);
    }
    if (is === end) break;
    at = next;
  }
  return kept.subarray(0, length);
}
