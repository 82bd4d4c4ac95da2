import { z } from "zod";

/** Grey levels of 255 of a square and of what is round it: 5 % beside black, 95 % beside white, as in the patterns of SMPTE RP 133 and AAPM TG18-QC. */
export const patches = [
  { key: "dark", round: 0, square: 13 },
  { key: "bright", round: 255, square: 242 },
] as const;

/** Corners in which a square can stand, in reading order: 1 to 4. */
export const corners = [1, 2, 3, 4] as const;
export type Corner = (typeof corners)[number];

/** How often each square is looked for. By guessing alone one in 256 passes. */
export const timesEach = 2;

const side = z.int().min(1).max(65_535);

/** What came of a check: how many squares of each kind were found, and on which page. */
export const displayCheckResult = z.object({
  dark: z.int().min(0).max(timesEach),
  bright: z.int().min(0).max(timesEach),
  /** Of the page, in CSS pixels. */
  width: side,
  height: side,
  /** Pixels of the screen a CSS pixel, in hundredths. */
  pixelRatio: z.int().min(10).max(2_000),
});
export type DisplayCheckResult = z.infer<typeof displayCheckResult>;
