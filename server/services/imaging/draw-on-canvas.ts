import type { Sharp } from "sharp";

/** The name of this drawing: the database asks for it, and notes it with the view (`nw.case_at`). */
export const canvasRendering = "canvas-300-cubic-30";
/** Of each side, in pixels: no less than the network gets (299). */
export const canvasSide = 300;
/** In pixels: the shorter side of the picture on the canvas is so many times this. Its shape changes by a twentieth of the longer side at most. */
const shapeStep = 30;

/**
 * The PNG that a reader gets who is not shown the size of a node. On the canvas every crop is as long as the square, on black (Catmull-Rom,
 * `cubic` of libvips, smaller and larger alike), and nothing is compressed, so that the file has the same chunks of the same lengths, grey ones and coloured ones
 * each: how many pixels a crop came in, and how well it compresses, tells how large its node is. So does a narrow black bar (one that stands for a pixel of the
 * crop is the wider the fewer there are): bars come in a few widths. So does how long this takes: it is done when the crop comes.
 * @param crop.channels 1 where the image is grey
 */
export function drawOnCanvas(
  image: Sharp,
  { width, height, channels }: { width: number; height: number; channels: number },
): Promise<Buffer> {
  const shorter = Math.max(
    shapeStep,
    shapeStep * Math.round((canvasSide * Math.min(width, height)) / Math.max(width, height) / shapeStep),
  );
  const [across, down] = width < height ? [shorter, canvasSide] : [canvasSide, shorter];
  const [left, top] = [Math.floor((canvasSide - across) / 2), Math.floor((canvasSide - down) / 2)];
  return image
    .resize({ width: across, height: down, fit: "fill", kernel: "cubic" })
    .extend({ left, top, right: canvasSide - across - left, bottom: canvasSide - down - top, background: "#000" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 0, adaptiveFiltering: false })
    .toBuffer();
}
