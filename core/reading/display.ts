import { z } from "zod";

/** By what an image that is enlarged gets the pixels between its own: as the browser smooths them, from the nearest, or by Lanczos' kernel (`core/imaging/lanczos.ts`). */
export const kernels = ["browser", "nearest", "lanczos"] as const;

/** Width and level of the grey levels that are spread from black to white, in grey levels of the image (DICOM PS3.3, C.11.2.1.2.1, linear). */
export interface GreyWindow {
  width: number;
  level: number;
}

/** The window of an image of 8 bits that changes nothing. */
export const windowAsStored: GreyWindow = { width: 256, level: 128 };

/** The largest grey level of 8 bits; also the highest level of a window. */
export const largestGrey = 255;
export const widestWindow = 511;

/** Pixels of the screen that a pixel of the image can take, a side; below 1 for what comes larger than the page. */
export const zooms = [0.125, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16] as const;

/** Of what a pointer is. */
export const pointers = ["mouse", "touch", "pen"] as const;

/** Most times that are counted. */
export const mostTimesHidden = 10_000;

const side = z.int().min(1).max(65_535);

/** How a case was looked at when its read was submitted. Says nothing of the case. */
export const readDisplay = z.strictObject({
  /** CSS pixels that a pixel of the image took. */
  zoom: z.literal(zooms),
  kernel: z.enum(kernels),
  /** Of the grey levels 0 to 255, as DICOM has it; null: as stored, which is 256 and 128. */
  window: z
    .strictObject({ width: z.int().min(1).max(widestWindow), level: z.int().min(0).max(largestGrey) })
    .nullable(),
  inverted: z.boolean(),
  /** How often the page went out of sight while the case was read, reloads included. */
  hidden: z.int().min(0).max(mostTimesHidden),
  /** In CSS pixels. */
  screen: z.strictObject({ width: side, height: side }),
  /** Pixels of the screen a CSS pixel, in hundredths. */
  pixelRatio: z.int().min(10).max(2_000),
  /** What was pressed last while the case was read; null: keys alone. */
  pointer: z.enum(pointers).nullable(),
});
export type ReadDisplay = z.infer<typeof readDisplay>;
