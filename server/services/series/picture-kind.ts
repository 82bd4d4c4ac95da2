const kinds = {
  jpeg: [[0xff, 0xd8, 0xff]],
  png: [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  /** Little and big endian, each with offsets of 4 and of 8 bytes. */
  tiff: [
    [0x49, 0x49, 0x2a, 0x00],
    [0x4d, 0x4d, 0x00, 0x2a],
    [0x49, 0x49, 0x2b, 0x00],
    [0x4d, 0x4d, 0x00, 0x2b],
  ],
} as const;
export type PictureKind = keyof typeof kinds;

/** What kind of picture this is; undefined for what is none, or is DICOM: its first 128 bytes may be a TIFF's (PS3.10 section 7.1). */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  if (Buffer.from(bytes.subarray(128, 132)).toString("latin1") === "DICM") return undefined;
  const begins = (magic: readonly number[]) => magic.every((value, at) => bytes[at] === value);
  return (["jpeg", "png", "tiff"] as const).find((kind) => kinds[kind].some(begins));
}
