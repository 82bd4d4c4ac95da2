import sharp from "sharp";
import { signatureOf } from "@/server/image-signature";
import { pixelsSha256, type Shape, type ShownWindow, windowed } from "@/server/pixels";
import { sha256 } from "@/server/sha256";
import { drawOnCanvas } from "./draw-on-canvas";

/** What the records of a crop say of its image (`db/schema/imaging.ts`). */
export interface CropImage {
  /** SHA-256 of the PNG that is shown: 8 bits a channel. */
  sha256: string;
  /** SHA-256 of the PNG at the depth it came in; `sha256` again for 8 bits. */
  originalSha256: string;
  /** SHA-256 of the PNG that a reader gets who is not shown the size (`drawOnCanvas`). */
  canvasSha256: string;
  /** Of the shown pixels with their size: equal for copies saved by different programs. */
  pixelSha256: string;
  /** What it looks like (`server/image-signature.ts`); null where it shows too little. */
  signature: string | null;
  /** In pixels. */
  width: number;
  height: number;
  bitDepth: 8 | 16;
  /** Of 16 bits: the levels shown black and white, and the rule that chose them. Null for 8 bits, which are shown as they are. */
  windowLow: number | null;
  windowHigh: number | null;
  windowRule: "pixel-range" | "chosen" | null;
}

/**
 * What is stored of decoded pixels: the picture that is shown, the original of 16 bits where it is another, and the canvas; and what the records say of them.
 * @param picture of 8 bits, which are shown as they are, or of 16 with the window by which they are shown
 */
export async function keptImage(
  picture: { levels: Uint8Array } | { levels: Uint16Array; window: ShownWindow },
  shape: Shape,
): Promise<{ image: CropImage; files: { sha256: string; bytes: Buffer }[] }> {
  const { width, height, channels } = shape;
  if (!("window" in picture)) {
    const shown = await shownAs(picture.levels, shape);
    return {
      image: {
        ...{ ...shown.image, originalSha256: shown.image.sha256, bitDepth: 8 },
        ...{ windowLow: null, windowHigh: null, windowRule: null },
      },
      files: [{ sha256: shown.image.sha256, bytes: shown.png }, shown.canvas],
    };
  }
  const { levels, window } = picture;
  const shown = await shownAs(windowed(levels, window), shape);
  const original = await sharp(levels, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "grey16" : "rgb16")
    .png({ palette: false })
    .toBuffer();
  const originalSha256 = sha256(original);
  return {
    image: {
      ...{ ...shown.image, originalSha256, bitDepth: 16 },
      ...{ windowLow: window.low, windowHigh: window.high, windowRule: window.rule },
    },
    files: [
      { sha256: shown.image.sha256, bytes: shown.png },
      { sha256: originalSha256, bytes: original },
      shown.canvas,
    ],
  };
}

/** 8-bit pixels as the PNG that is shown and as the one on the canvas, and what is said of them. */
async function shownAs(data: Uint8Array, { width, height, channels }: Shape) {
  const open = () => sharp(data, { raw: { width, height, channels } });
  const png = await open()
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
  const pixelSha256 = pixelsSha256(data, { width, height, channels });
  const signature = signatureOf({ pixels: data, width, height, channels });
  const onCanvas = await drawOnCanvas(open(), { width, height, channels });
  const canvas = { sha256: sha256(onCanvas), bytes: onCanvas };
  return {
    png,
    canvas,
    image: { sha256: sha256(png), canvasSha256: canvas.sha256, pixelSha256, signature, width, height },
  };
}
