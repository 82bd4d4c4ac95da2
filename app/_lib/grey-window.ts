import { type GreyWindow, largestGrey, widestWindow, windowAsStored } from "@/core/reading/display";

/** How a key or a button changes the width: half as wide, twice as wide. */
export const widthStep = 2;

/** The nearest window of an image of 8 bits: whole grey levels, not beyond what there is. */
export const nearestWindow = ({ width, level }: GreyWindow): GreyWindow => ({
  width: Math.min(widestWindow, Math.max(1, Math.round(width))),
  level: Math.min(largestGrey, Math.max(0, Math.round(level))),
});

export const isAsStored = ({ width, level }: GreyWindow): boolean =>
  width === windowAsStored.width && level === windowAsStored.level;

/** What a drag over an image makes of its window, as in the viewer: a grey level a pixel, wider to the right, a higher level (darker) downwards. */
export const draggedWindow = ({ width, level }: GreyWindow, by: { across: number; down: number }): GreyWindow =>
  nearestWindow({ width: width + by.across, level: level + by.down });

/**
 * The straight line through which a window and an inversion put greys from 0 (black) to 1 (white); what goes beyond is black or white.
 * @returns null where every grey stays as it is
 */
export function lineOf(window: GreyWindow, inverted: boolean): { slope: number; intercept: number } | null {
  if (isAsStored(window) && !inverted) return null;
  // Of one grey level: a step, which is black up to there and white from there on.
  const width = Math.max(window.width - 1, 1e-3);
  const slope = largestGrey / width;
  const intercept = 0.5 - (window.level - 0.5) / width;
  return inverted ? { slope: -slope, intercept: 1 - intercept } : { slope, intercept };
}
