import { type Plane, toPatient, toPixel } from "@/core/dicom/plane";
import type { PixelPoint } from "@/core/dicom/spacing";
import type { Vector } from "@/core/dicom/vector";
import type { CropBox } from "@/server/schemas/series";

/** Pixels of what is around the node, on each side. */
const margin = 5;

/** The smallest box that holds what was measured, with some pixels around it, as far as the image reaches. */
export function boxAround(plane: Plane, ends: readonly Vector[]): CropBox {
  const at = ends.map((end) => toPixel(plane, end));
  const along = (places: readonly number[], size: number) => {
    const within = (place: number) => Math.max(0, Math.min(size, place));
    const from = within(Math.round(Math.min(...places)) - margin);
    return { from, size: within(Math.round(Math.max(...places)) + margin + 1) - from };
  };
  const across = along(
    at.map(({ x }) => x),
    plane.width,
  );
  const down = along(
    at.map(({ y }) => y),
    plane.height,
  );
  return { left: across.from, top: down.from, width: across.size, height: down.size };
}

/** The corners of a box in the patient, clockwise from top left: the outer edges of its pixels, half a pixel beyond their centres. */
export function cornersOf(plane: Plane, { left, top, width, height }: CropBox): Vector[] {
  const [right, bottom] = [left + width, top + height];
  const corners: PixelPoint[] = [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
  return corners.map(({ x, y }) => toPatient(plane, { x: x - 0.5, y: y - 0.5 }));
}
