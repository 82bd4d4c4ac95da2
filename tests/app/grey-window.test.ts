import { describe, expect, test } from "vitest";
import { draggedWindow, lineOf, nearestWindow, widthStep } from "@/app/_lib/grey-window";
import { type GreyWindow, windowAsStored } from "@/core/reading/display";

/** What a browser paints of a grey level. */
function painted(grey: number, window: GreyWindow, inverted = false): number {
  const line = lineOf(window, inverted);
  if (!line) return grey;
  return Math.round(255 * Math.min(1, Math.max(0, (line.slope * grey) / 255 + line.intercept)));
}

/** DICOM PS3.3, C.11.2.1.2.1, word by word. */
function byStandard(x: number, { width: w, level: c }: GreyWindow): number {
  if (x <= c - 0.5 - (w - 1) / 2) return 0;
  if (x > c - 0.5 + (w - 1) / 2) return 255;
  return Math.round(((x - (c - 0.5)) / (w - 1) + 0.5) * 255);
}

const greys = Array.from({ length: 256 }, (_, grey) => grey);

describe("the window of the grey levels", () => {
  test("as stored changes no grey, and needs no filter", () => {
    expect(lineOf(windowAsStored, false)).toBeNull();
    expect(greys.map((grey) => byStandard(grey, windowAsStored))).toEqual(greys);
    expect(lineOf({ ...windowAsStored, width: 255 }, false), "control").not.toBeNull();
  });

  test.each([
    { width: 128, level: 128 },
    { width: 64, level: 40 },
    { width: 511, level: 255 },
    { width: 2, level: 0 },
    { width: 1, level: 100 },
  ])("of width $width and level $level paints what DICOM says", (window) => {
    expect(greys.map((grey) => painted(grey, window))).toEqual(greys.map((grey) => byStandard(grey, window)));
  });

  test("inverted paints the complement of what it painted, as stored too", () => {
    const window = { width: 100, level: 90 };
    const complement = (of: GreyWindow) => greys.map((grey) => 255 - painted(grey, of));
    for (const [at, each] of greys.map((grey) => painted(grey, window, true)).entries())
      expect(Math.abs(each - (complement(window)[at] ?? Number.NaN)), `grey ${at}`).toBeLessThanOrEqual(1);
    expect(greys.map((grey) => painted(grey, windowAsStored, true))).toEqual(complement(windowAsStored));
  });

  test("stays within its limits, and halved and doubled is what it was", () => {
    expect(nearestWindow({ width: 0.4, level: -7 })).toEqual({ width: 1, level: 0 });
    expect(nearestWindow({ width: 900, level: 300 })).toEqual({ width: 511, level: 255 });
    const wide = nearestWindow({ ...windowAsStored, width: windowAsStored.width * widthStep });
    expect(nearestWindow({ ...wide, width: wide.width / widthStep })).toEqual(windowAsStored);
  });

  test("follows the mouse: wider to the right, a higher level downwards", () => {
    expect(draggedWindow(windowAsStored, { across: 10, down: 5 })).toEqual({ width: 266, level: 133 });
    expect(draggedWindow(windowAsStored, { across: -300, down: -5 })).toEqual({ width: 1, level: 123 });
  });
});
