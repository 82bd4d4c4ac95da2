import type { Sharp } from "sharp";

/** The name of this drawing: the database asks for it, and notes it with the view (`nw.case_at`). */
export const canvasRendering = "canvas-300-cubic";
/** Of each side, in pixels: no less than the network gets (299). */
export const canvasSide = 300;

/**
 * The PNG that a reader gets who is not shown the size of a node. On the canvas every crop fills the same square, in its own shape on black (Catmull-Rom,
 * `cubic` of libvips, smaller and larger alike), and nothing is compressed, so that the file has the same chunks of the same lengths, grey ones and coloured ones
 * each: how many pixels a crop came in, and how well it compresses, tells how large its node is. So does how long this takes: it is done when the crop comes.
 * @param channels 1 where the image is grey
 */
export const drawOnCanvas = (image: Sharp, channels: number): Promise<Buffer> =>
  image
    .resize({ width: canvasSide, height: canvasSide, fit: "contain", background: "#000", kernel: "cubic" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 0, adaptiveFiltering: false })
    .toBuffer();
