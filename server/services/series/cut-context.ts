import { spacingOf } from "@/core/dicom/spacing";
import { type Box, type CutWindow, cutOut } from "./cut-out";
import { readFrame } from "./read-frame";

/**
 * A crop with what lies around it, by the window of the crop: cut out of the stored image each time it is wanted, the same to the byte, and kept nowhere.
 * @param crop.sha256 of the stored image; frame 1, 2, ... within it
 * @param marginMm on every side, rounded up to whole pixels, as far as the image goes
 * @returns null where the image does not tell millimetres
 * @throws AppError as `readFrame` and `cutOut`
 */
export async function cutContext(
  { sha256, frame, box, window }: { sha256: string; frame: number; box: Box; window: CutWindow },
  marginMm: number,
) {
  const read = await readFrame({ sha256, frame });
  const spacing = spacingOf(read.attributes);
  if (!spacing) return null;
  // What is left of a division is no pixel.
  const pixels = (millimetres: number) => Math.ceil(marginMm / millimetres - 1e-9);
  const left = Math.max(0, box.left - pixels(spacing.columns));
  const top = Math.max(0, box.top - pixels(spacing.rows));
  const around = {
    ...{ left, top },
    width: Math.min(read.width, box.left + box.width + pixels(spacing.columns)) - left,
    height: Math.min(read.height, box.top + box.height + pixels(spacing.rows)) - top,
  };
  return { box: around, ...(await cutOut(read, { box: around, window })) };
}
