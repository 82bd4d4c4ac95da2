import { type Plane, toPatient, toPixel } from "@/core/dicom/plane";
import { along, cross, dot, minus, type Vector } from "@/core/dicom/vector";
import type { Ends } from "./frames";
import type { AxesChange } from "./keys";

/** mm: a node as nodes are, its short axis two thirds of the long one, as the tool draws it. */
const laid = { long: 9, short: 6 };

/** Axes across and down, round a place of an image, as far as the image reaches. */
export function axesAround(plane: Plane, place: Vector): Ends {
  const { x, y } = toPixel(plane, place);
  const within = (at: number, size: number, reach: number) => Math.max(reach, Math.min(size - 1 - reach, at));
  const [across, down] = [laid.long / 2 / plane.spacing.columns, laid.short / 2 / plane.spacing.rows];
  const centre = toPatient(plane, { x: within(x, plane.width, across), y: within(y, plane.height, down) });
  return [
    along(centre, plane.row, -laid.long / 2),
    along(centre, plane.row, laid.long / 2),
    along(centre, plane.column, -laid.short / 2),
    along(centre, plane.column, laid.short / 2),
  ];
}

/** Of the long axis. */
export const middleOf = ([from, to]: Ends): Vector => along(from, minus(to, from), 0.5);

/** Axes after a key; as they were where they would leave the image or have no length. */
export function withChange(plane: Plane, ends: Ends, change: AxesChange): Ends {
  const changed = changedEnds(plane, ends, change);
  const isInside = changed.every((end) => {
    const { x, y } = toPixel(plane, end);
    return x >= 0 && y >= 0 && x <= plane.width - 1 && y <= plane.height - 1;
  });
  return isInside ? changed : ends;
}

function changedEnds(plane: Plane, [a, b, c, d]: Ends, change: AxesChange): Ends {
  const { row, column, normal, spacing } = plane;
  if ("across" in change) {
    const move = (end: Vector) =>
      along(along(end, row, change.across * spacing.columns), column, change.down * spacing.rows);
    return [move(a), move(b), move(c), move(d)];
  }
  if ("longer" in change) {
    const grow = (from: Vector, to: Vector): [Vector, Vector] => {
      const way = minus(to, from);
      const share = (change.by * spacing.columns) / 2 / Math.sqrt(dot(way, way));
      // Half a pixel is the shortest axis that is still one.
      return share > -0.5 + spacing.columns / 4 / Math.sqrt(dot(way, way))
        ? [along(from, way, -share), along(to, way, share)]
        : [from, to];
    };
    return change.longer === "long" ? [...grow(a, b), c, d] : [a, b, ...grow(c, d)];
  }
  const middle = middleOf([a, b, c, d]);
  const [cosine, sine] = [Math.cos((change.turn * Math.PI) / 180), Math.sin((change.turn * Math.PI) / 180)];
  const turn = (end: Vector) => {
    const from = minus(end, middle);
    return along(along(middle, from, cosine), cross(normal, from), sine);
  };
  return [turn(a), turn(b), turn(c), turn(d)];
}
