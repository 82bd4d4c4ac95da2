import { type Plane, toPatient, toPixel } from "@/core/dicom/plane";
import type { PixelPoint } from "@/core/dicom/spacing";
import { along as onwards, type Vector } from "@/core/dicom/vector";
import type { CropBox } from "@/server/schemas/series";

/** mm, where an image tells none. */
const usualThickness = 5;
/** Pixels of what is around the node, on each side. */
const margin = 5;

/** The crops of the founding study, in pixels: from 20 x 21 to 102 x 111 (Li et al., Quant Imaging Med Surg 2021;11:2477). */
export const usualSizes = { smallest: [20, 21], largest: [102, 111] } as const;

/** Whether a box is smaller or larger, on a side, than the crops that the founding study was read with. */
export function isUnusual({ width, height }: Pick<CropBox, "width" | "height">): boolean {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const { smallest, largest } = usualSizes;
  return short < smallest[0] || long < smallest[1] || short > largest[0] || long > largest[1];
}

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

/** Where a node that was measured in another plane is cut by this one: as long on each side as its long axis, and the margin. */
export function boxOfSection(plane: Plane, middle: Vector, longMm: number): CropBox {
  const reach = [plane.row, plane.column].flatMap((way) =>
    [-0.5, 0.5].map((share) => onwards(middle, way, share * longMm)),
  );
  return boxAround(plane, reach);
}

/** Whether a node that was measured in another plane reaches into this image: a slice further away has none of it. */
export function isWithin(plane: Plane, middle: Vector, longMm: number): boolean {
  const { x, y, distance } = toPixel(plane, middle);
  const depth = longMm / 2 + (plane.thickness ?? usualThickness);
  return Math.abs(distance) <= depth && x >= 0 && y >= 0 && x <= plane.width - 1 && y <= plane.height - 1;
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
