/** What a compressed picture says of itself in its own first segments. */
export interface PictureSize {
  width: number;
  height: number;
  channels: number;
}

/**
 * The size that a compressed picture says it has: JPEG and JPEG-LS (ITU-T T.81 annex B, T.87 annex C), JPEG 2000 and HTJ2K (T.800 annex A). Undefined where it
 * says none, as RLE does.
 */
export function sizeOf(picture: Uint8Array): PictureSize | undefined {
  for (const { marker, from, to } of segmentsOf(picture)) {
    const view = new DataView(picture.buffer, picture.byteOffset + from, to - from);
    if (isFrameHeader(marker) && view.byteLength >= 6)
      return { height: view.getUint16(1), width: view.getUint16(3), channels: view.getUint8(5) };
    if (marker === siz && view.byteLength >= 36)
      return {
        width: view.getUint32(2) - view.getUint32(10),
        height: view.getUint32(6) - view.getUint32(14),
        channels: view.getUint16(34),
      };
  }
  return undefined;
}

/**
 * A compressed picture whose remarks hold zeros: comments, what programs write for themselves (Exif, thumbnails), boxes around JPEG 2000, what lies behind its end.
 * Nothing moves and no pixel changes, and what a decoder needs of them stays: JFIF's density, Adobe's and HP's colour transforms.
 */
export function withoutRemarks(picture: Uint8Array): Uint8Array {
  const out = Uint8Array.from(picture);
  let end = 0;
  for (const { marker, from, to } of segmentsOf(picture)) {
    if (isRemark(marker)) out.fill(0, from + neededOf(picture.subarray(from, to)), to);
    end = to;
  }
  if (end > 0) out.fill(0, end);
  return out;
}

/** A piece of a codestream: what follows its marker and length. */
interface Segment {
  marker: number;
  from: number;
  to: number;
}

const startOfJpeg = 0xffd8;
const endOfJpeg = 0xffd9;
const startOfScan = 0xffda;
const comment = 0xfffe;
const startOfJ2k = 0xff4f;
const siz = 0xff51;
const commentOfJ2k = 0xff64;
const startOfTile = 0xff90;
const startOfData = 0xff93;
/** Entropy-coded bytes, and boxes: no marker of theirs. */
const coded = 0;
const box = 1;

/** SOF0 to SOF15, and SOF55 of JPEG-LS; DHT, JPG and DAC lie between them. */
const isFrameHeader = (marker: number) =>
  (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) || marker === 0xfff7;
const isApplication = (marker: number) => marker >= 0xffe0 && marker <= 0xffef;
const isRemark = (marker: number) => isApplication(marker) || [comment, commentOfJ2k, box].includes(marker);

const letters = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** How many bytes of a remark a decoder reads. */
function neededOf(remark: Uint8Array): number {
  const name = letters(remark.subarray(0, 5));
  if (name === "JFIF\0") return 14;
  if (name === "Adobe") return 12;
  return name.startsWith("mrfx") ? 5 : 0;
}

function segmentsOf(picture: Uint8Array): Iterable<Segment> {
  const marker = ((picture[0] ?? 0) << 8) | (picture[1] ?? 0);
  if (marker === startOfJpeg) return jpegSegments(picture);
  if (marker === startOfJ2k) return j2kSegments(picture, 0);
  return letters(picture.subarray(4, 8)) === "jP  " ? boxedSegments(picture) : [];
}

/** What follows a marker: its length counts itself. */
function segmentAt(picture: Uint8Array, at: number): Segment | undefined {
  const marker = ((picture[at] ?? 0) << 8) | (picture[at + 1] ?? 0);
  const length = ((picture[at + 2] ?? 0) << 8) | (picture[at + 3] ?? 0);
  return marker > 0xff00 && length >= 2
    ? { marker, from: at + 4, to: Math.min(picture.length, at + 2 + length) }
    : undefined;
}

function* jpegSegments(picture: Uint8Array): Iterable<Segment> {
  let at = 2;
  while (at + 4 <= picture.length) {
    // A marker may have bytes FF in front.
    if (picture[at] === 0xff && picture[at + 1] === 0xff) {
      at++;
      continue;
    }
    const segment = segmentAt(picture, at);
    if (!segment) return;
    yield segment;
    at = segment.to;
    if (segment.marker !== startOfScan) continue;
    const from = at;
    while (at < picture.length && !isMarkerAt(picture, at)) at++;
    yield { marker: coded, from, to: at };
    if (((picture[at] ?? 0) << 8) + (picture[at + 1] ?? 0) === endOfJpeg) {
      yield { marker: endOfJpeg, from: at, to: at + 2 };
      return;
    }
  }
}

/** Within a scan FF is followed by a zero, by a restart (RST0 to RST7) or, in JPEG-LS, by a byte below 80. */
function isMarkerAt(picture: Uint8Array, at: number): boolean {
  const next = picture[at + 1] ?? 0;
  return picture[at] === 0xff && next >= 0xc0 && next < 0xff && !(next >= 0xd0 && next <= 0xd7);
}

function* j2kSegments(picture: Uint8Array, start: number): Iterable<Segment> {
  let at = start + 2;
  let endOfPart = 0;
  while (at + 4 <= picture.length) {
    if (((picture[at] ?? 0) << 8) + (picture[at + 1] ?? 0) === startOfData) {
      yield { marker: coded, from: at, to: endOfPart };
      at = endOfPart;
      continue;
    }
    const segment = segmentAt(picture, at);
    if (!segment) break;
    yield segment;
    if (segment.marker === startOfTile && segment.to - segment.from >= 8) {
      const length = new DataView(picture.buffer, picture.byteOffset + segment.from).getUint32(2);
      // Of the last part of a tile the length may be left open.
      endOfPart = length === 0 ? picture.length : Math.min(picture.length, Math.max(segment.to, at + length));
    }
    at = segment.to;
  }
  // EOC, a marker alone.
  if (endOfPart > 0) yield { marker: coded, from: at, to: Math.min(picture.length, at + 2) };
}

/** JP2 (T.800 annex I), which DICOM does not have and some write: the codestream is in a box of its own. */
function* boxedSegments(picture: Uint8Array): Iterable<Segment> {
  const view = new DataView(picture.buffer, picture.byteOffset, picture.byteLength);
  for (let at = 0; at + 8 <= picture.length; ) {
    const length = view.getUint32(at);
    const to = length < 8 ? picture.length : Math.min(picture.length, at + length);
    const name = letters(picture.subarray(at + 4, at + 8));
    if (name === "jp2c") {
      yield* j2kSegments(picture, at + 8);
      return;
    }
    yield { marker: ["jP  ", "ftyp", "jp2h"].includes(name) ? coded : box, from: at + 8, to };
    at = to;
  }
}
