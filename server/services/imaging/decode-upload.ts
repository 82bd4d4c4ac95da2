import { type DecodedCrop, decodeCrop } from "./decode-crop";

let last: Promise<unknown> = Promise.resolve();

/** Decodes an image that somebody sent to this process, one after the other: several together take the processors from whoever asks for a page. */
export function decodeUpload(file: { name: string; bytes: Uint8Array }): Promise<DecodedCrop> {
  const decoded = last.then(() => decodeCrop(file));
  last = decoded.catch(() => {});
  return decoded;
}
