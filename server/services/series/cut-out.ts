import type { DataSet } from "@/core/dicom/data-set";
import { lookedUp, modalityOf } from "@/core/dicom/grey";
import { lowestIsWhite, type Samples } from "@/core/dicom/samples";
import { AppError } from "@/server/errors";
import { keptImage } from "@/server/services/imaging/kept-image";
import type { ReadFrame } from "./read-frame";

/** Pixels of the frame. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What is shown black and white, in values after the modality step (`core/dicom/grey.ts`). */
export interface CutWindow {
  low: number;
  high: number;
}

/** Sides of a crop that shows a node, in pixels (`decodeCrop`). */
const smallestSide = 8;

/**
 * A part of a frame as a crop is kept: its 16 bits as they are, and shown by the window.
 * @throws AppError "invalid" for a box outside the frame, or a window of nothing
 */
export function cutOut(
  { attributes, samples, width, height }: ReadFrame,
  { box, window }: { box: Box; window: CutWindow },
) {
  const { left, top } = box;
  const isInside = left >= 0 && top >= 0 && left + box.width <= width && top + box.height <= height;
  if (!isInside || Math.min(box.width, box.height) < smallestSide)
    throw new AppError("invalid", {
      key: "errors.box_outside_image",
      values: { width, height, smallest: smallestSide },
    });
  if (!(window.low < window.high)) throw new AppError("invalid", { key: "errors.window_of_no_values" });
  const { levelOf, valueLevel } = levelsOf(attributes, samples);
  const levels = new Uint16Array(box.width * box.height);
  for (let y = 0; y < box.height; y++)
    for (let x = 0; x < box.width; x++) levels[y * box.width + x] = levelOf(samples[(top + y) * width + left + x] ?? 0);
  const ends = [window.low, window.high].map(valueLevel);
  const shape = { width: box.width, height: box.height, channels: 1 } as const;
  const shown = { low: Math.min(...ends), high: Math.max(...ends), rule: "chosen" } as const;
  return keptImage({ levels, window: shown }, shape);
}

interface Levels {
  /** The level of 16 bits that is kept of a stored value. */
  levelOf: (stored: number) => number;
  /** The same of a value after the modality step. */
  valueLevel: (value: number) => number;
}

/** Stored values as levels above zero that are brighter the higher they are. A table of the modality is looked up, and its values kept: stored ones need not rise with them. */
function levelsOf(attributes: DataSet, samples: Samples): Levels {
  const modality = modalityOf(attributes);
  const within = (level: number) => Math.max(0, Math.min(65_535, level));
  const directed = (isTurned: boolean) => (isTurned ? (level: number) => 65_535 - within(level) : within);
  if ("values" in modality) {
    const direct = directed(lowestIsWhite(attributes));
    return {
      levelOf: (stored) => direct(lookedUp(modality, stored)),
      valueLevel: (value) => direct(Math.round(value)),
    };
  }
  const { slope, intercept } = modality;
  if (slope === 0) throw new AppError("invalid", { key: "errors.window_of_no_values" });
  // Signed values are moved up by half of what 16 bits hold.
  const up = samples instanceof Int16Array || samples instanceof Int8Array ? 2 ** 15 : 0;
  const direct = directed(lowestIsWhite(attributes) !== slope < 0);
  return {
    levelOf: (stored) => direct(stored + up),
    valueLevel: (value) => direct(Math.round((value - intercept) / slope) + up),
  };
}
