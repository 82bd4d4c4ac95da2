import { randomBytes, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { z } from "zod";

/** How the images of a case are drawn anew before a reader gets them; the database names it and notes it with the view (`nw.case_at`). */
export const rendering = z.enum(["canvas-300-cubic"]);
export type Rendering = z.infer<typeof rendering>;

/** Of each side, in pixels: no less than the network gets (299). */
const canvas = 300;

/**
 * The PNG that a reader gets of a stored one, and its sides in pixels. By null it is the stored one. On the canvas every crop fills the same square, in its
 * own shape on black (Catmull-Rom, `cubic` of libvips, smaller and larger alike), and takes the same number of bytes: how many pixels a crop came in, and how
 * well it compresses, tells how large its node is.
 */
export async function render(stored: Buffer, how: Rendering | null) {
  if (how === null) {
    const { width, height } = await sharp(stored).metadata();
    return { png: stored, width, height };
  }
  const { channels } = await sharp(stored).metadata();
  const { data, info } = await sharp(stored)
    .resize({ width: canvas, height: canvas, fit: "contain", background: "#000", kernel: "cubic" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    // It gets a fixed length anyhow.
    .png({ compressionLevel: 1, palette: false })
    .toBuffer({ resolveWithObject: true });
  const most = canvas * (canvas * info.channels + 1) + allowance;
  return { png: padded(data, most), width: canvas, height: canvas };
}

/** Bytes of an answer that chance alone makes compressible: many more than by which one image compresses on its way better than another. */
const chance = 4_000;
/** Bytes that a PNG has beside its pixels, at most: its chunks, what deflate adds to pixels that do not compress, and `chance`. */
const allowance = chance + 2_000;
const chunkFrame = 12;
/** A private chunk that every program skips. */
const chunkName = "paDd";

/** The PNG with random bytes before its end, so that it has this length; compressed on its way, a length of chance. */
function padded(png: Buffer, length: number): Buffer {
  const size = length - png.length - chunkFrame;
  if (size < chance) throw new RangeError(`A PNG of ${png.length} bytes is not padded to ${length}.`);
  const filling = randomBytes(size).fill(0, size - randomInt(chance));
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(chunkName, "latin1"), filling, Buffer.alloc(4)]);
  chunk.writeUInt32BE(size, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  // IEND is the last chunk, and empty.
  return Buffer.concat([png.subarray(0, -chunkFrame), chunk, png.subarray(-chunkFrame)]);
}
