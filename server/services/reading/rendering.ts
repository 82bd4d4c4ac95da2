import sharp from "sharp";
import { z } from "zod";

/** How the images of a case are drawn anew before a reader gets them; the database names it and notes it with the view (`nw.case_at`). */
export const rendering = z.enum(["canvas-300-cubic"]);
export type Rendering = z.infer<typeof rendering>;

/** Of each side, in pixels: no less than the network gets (299). */
const canvas = 300;

/**
 * The PNG that a reader gets of a stored one, and its sides in pixels. By null it is the stored one. On the canvas every crop fills the same square, in its
 * own shape on black (Catmull-Rom, `cubic` of libvips, smaller and larger alike), and nothing is compressed, so that the file has the same chunks of the same
 * lengths, grey ones and coloured ones each: how many pixels a crop came in, and how well it compresses, tells how large its node is.
 */
export async function render(stored: Buffer, how: Rendering | null) {
  if (how === null) {
    const { width, height } = await sharp(stored).metadata();
    return { png: stored, width, height };
  }
  const { channels } = await sharp(stored).metadata();
  const png = await sharp(stored)
    .resize({ width: canvas, height: canvas, fit: "contain", background: "#000", kernel: "cubic" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 0, adaptiveFiltering: false })
    .toBuffer();
  return { png, width: canvas, height: canvas };
}
