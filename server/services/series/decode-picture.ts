import sharp from "sharp";
import { DicomRefusal } from "@/core/dicom/refusal";
import type { Picture } from "@/core/dicom/secondary-capture";
import { inFewestChannels } from "@/server/pixels";
import { essentialChunks } from "@/server/services/imaging/essential-chunks";
import { refuseManyScans } from "@/server/services/imaging/refuse-many-scans";
import type { PictureKind } from "./picture-kind";

/** In pixels: a page that was scanned at 600 dots an inch has 35 million. */
const mostPixels = 6000 ** 2;
/** Of each side, in pixels. */
const largestSide = 16_384;
const mostSeconds = 60;

/** One at a time, so that no more than one large picture is in memory. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * The pixels of a JPEG, PNG or TIFF and nothing else of it: its values as they stand in the file, turned as it says, without transparency. Grey is grey, also where it came as
 * red, green and blue that are equal; 16 bits of it are kept, those of a colour become 8; CMYK becomes red, green and blue by its profile.
 * @throws DicomRefusal for a picture that is damaged, of several pages, of too many pixels, or of samples that no image of DICOM has
 */
export function decodePicture(bytes: Uint8Array, kind: PictureKind): Promise<Picture> {
  const decoded = turn.then(() => decodedWhole(bytes, kind));
  turn = decoded.catch(() => {});
  return decoded;
}

async function decodedWhole(bytes: Uint8Array, kind: PictureKind): Promise<Picture> {
  try {
    const image = packed(bytes, kind);
    const meta = await sharp(image, { failOn: "warning", limitInputPixels: false }).metadata();
    const { width, height } = meta;
    if ((meta.pages ?? 1) > 1) throw new DicomRefusal("picture_pages");
    if (Math.max(width, height) > largestSide || width * height > mostPixels)
      throw new DicomRefusal("picture_too_large", { width, height, limit: mostPixels });
    const isCmyk = meta.space === "cmyk";
    const isWide = meta.depth === "ushort" && !isCmyk;
    const isTaken = (meta.depth === "uchar" || meta.depth === "ushort") && spaces.has(meta.space);
    if (!isTaken) throw new DicomRefusal("picture_samples", { samples: `${meta.depth}, ${meta.space}` });
    const grey = meta.channels <= 2;
    const { data, info } = await sharp(image, { failOn: "warning", limitInputPixels: mostPixels, ignoreIcc: !isCmyk })
      .timeout({ seconds: mostSeconds })
      .autoOrient()
      .flatten({ background: "#000" })
      .toColourspace(isWide ? (grey ? "grey16" : "rgb16") : grey ? "b-w" : "srgb")
      .raw({ depth: isWide ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    const wide = isWide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : null;
    const { levels, channels } = wide
      ? inFewestChannels(wide, info.channels)
      : inFewestChannels<Uint8Array | Uint16Array>(data, info.channels);
    return {
      samples: channels === 1 || levels instanceof Uint8Array ? levels : upperBytes(levels),
      ...{ width: info.width, height: info.height, channels: channels === 1 ? 1 : 3 },
      lossyBytes: kind === "jpeg" ? bytes.length : null,
    };
  } catch (error) {
    if (error instanceof DicomRefusal) throw error;
    throw new DicomRefusal("picture_damaged", undefined, { cause: error });
  }
}

/** Levels of 16 bits as 8. Millions of them, so by index (`decodeCrop`). */
function upperBytes(levels: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(levels.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (levels[at] ?? 0) >> 8;
  return bytes;
}

/** As libvips calls them: of anything else nobody says what its numbers mean. */
const spaces: ReadonlySet<string | undefined> = new Set(["b-w", "srgb", "grey16", "rgb16", "rgb", "cmyk"]);

/** The file without what is not decoded, refused where decoding alone would take too long. */
function packed(bytes: Uint8Array, kind: PictureKind): Uint8Array {
  const name = "";
  if (kind === "jpeg") refuseManyScans({ name, jpeg: bytes });
  if (kind !== "png") return bytes;
  if (isAnimated(bytes)) throw new DicomRefusal("picture_pages");
  return essentialChunks({ name, png: bytes });
}

/** The control chunk of an animation stands before the pixels. */
function isAnimated(png: Uint8Array): boolean {
  const all = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const at = all.indexOf("acTL");
  return at >= 0 && at < all.indexOf("IDAT");
}
