import type { DataSet } from "./data-set";
import { tagOf } from "./dictionary";
import type { PixelPoint, Spacing } from "./spacing";
import { spacingOf } from "./spacing";
import { number, numbers } from "./values";
import { along, angle, cross, dot, lengthOf, minus, type Vector } from "./vector";

/** Where a frame lies in the patient, PS3.3 section C.7.6.2. */
export interface Plane {
  /** Centre of the first pixel, mm. */
  position: Vector;
  /** Where columns count up, and where rows do: cosines. */
  row: Vector;
  column: Vector;
  /** row x column. */
  normal: Vector;
  spacing: Spacing;
  /** In pixels. */
  width: number;
  height: number;
  /** mm, where it is said. */
  thickness?: number | undefined;
}

/** How far direction cosines may be from unit length and from a right angle. */
const sloppiness = 0.01;

/**
 * The plane of a frame; undefined where position, orientation or spacing is missing or is none (cosines that are not of unit length, or not at right angles).
 * @param frame a frame's attributes (`frameOf`)
 */
export function planeOf(frame: DataSet): Plane | undefined {
  const [px, py, pz] = numbers(frame, tagOf("ImagePositionPatient"));
  const [rx, ry, rz, cx, cy, cz] = numbers(frame, tagOf("ImageOrientationPatient"));
  const spacing = spacingOf(frame);
  const width = number(frame, tagOf("Columns"));
  const height = number(frame, tagOf("Rows"));
  if (px === undefined || py === undefined || pz === undefined || !spacing || !width || !height) return undefined;
  if (rx === undefined || ry === undefined || rz === undefined) return undefined;
  if (cx === undefined || cy === undefined || cz === undefined) return undefined;
  const [row, column]: [Vector, Vector] = [
    [rx, ry, rz],
    [cx, cy, cz],
  ];
  const isUnit = (vector: Vector) => Math.abs(lengthOf(vector) - 1) <= sloppiness;
  if (!isUnit(row) || !isUnit(column) || Math.abs(dot(row, column)) > sloppiness) return undefined;
  const thickness = number(frame, tagOf("SliceThickness"));
  return { position: [px, py, pz], row, column, normal: cross(row, column), spacing, width, height, thickness };
}

export type PlaneName = "axial" | "sagittal" | "coronal";

export interface Orientation {
  /** The plane that is nearest; `oblique` where none is near (`obliqueFrom`). */
  name: PlaneName | "oblique";
  nearest: PlaneName;
  /** Degrees between the frame and the nearest plane, 0 to 55. */
  tilt: number;
  /** Degrees by which it leans towards each of the two others, -90 to 90: of an axial one that leans to the coronal plane, how much. */
  towards: Partial<Record<PlaneName, number>>;
}

/** From as many degrees a plane has no name of its own: a cosine of 0.8, as in PixelMed's and dicom3tools' reading of ImageOrientationPatient. */
export const obliqueFrom = (Math.acos(0.8) * 180) / Math.PI;

const axes: Readonly<Record<PlaneName, Vector>> = { sagittal: [1, 0, 0], coronal: [0, 1, 0], axial: [0, 0, 1] };
const planeNames: readonly PlaneName[] = ["axial", "sagittal", "coronal"];

/** What a plane is called, and by how much it is tilted; from Image Orientation (Patient), whatever the series is called. */
export function orientationOf({ normal }: Pick<Plane, "normal">): Orientation {
  const share = (name: PlaneName) => Math.abs(dot(normal, axes[name]));
  const nearest = planeNames.reduce((best, name) => (share(name) > share(best) ? name : best));
  const tilt = Math.min(angle(normal, axes[nearest]), 180 - angle(normal, axes[nearest]));
  const main = dot(normal, axes[nearest]);
  const lean = (name: PlaneName) => (Math.atan(dot(normal, axes[name]) / main) * 180) / Math.PI;
  return {
    name: tilt > obliqueFrom ? "oblique" : nearest,
    nearest,
    tilt,
    towards: Object.fromEntries(planeNames.filter((name) => name !== nearest).map((name) => [name, lean(name)])),
  };
}

/** Least share of a direction that has a letter: three degrees. */
const leastShare = 0.05;

/**
 * The letters at the edge to which a direction points, the nearest first: L, R, A, P, H(ead), F(oot) (PS3.3 section C.7.6.1.1.1). At the right edge of a picture
 * stand those of `row`, below it those of `column`.
 */
export function lettersOf(direction: Vector): string {
  const shares: [share: number, letter: string][] = [
    [Math.abs(direction[0]), direction[0] > 0 ? "L" : "R"],
    [Math.abs(direction[1]), direction[1] > 0 ? "P" : "A"],
    [Math.abs(direction[2]), direction[2] > 0 ? "H" : "F"],
  ];
  return shares
    .filter(([share]) => share >= leastShare)
    .sort(([a], [b]) => b - a)
    .map(([, letter]) => letter)
    .join("");
}

/** The other way round: "RA" for "LP". */
export const oppositeLetters = (letters: string): string =>
  letters.replace(/./g, (letter) => ({ L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" })[letter] ?? letter);

/** A place of a picture in the patient, mm (PS3.3 equation C.7.6.2.1-1). */
export const toPatient = ({ position, row, column, spacing }: Plane, { x, y }: PixelPoint): Vector =>
  along(along(position, row, x * spacing.columns), column, y * spacing.rows);

/** Where a place of the patient is in a picture, or would be: with its distance from the plane in mm, positive along the normal. */
export function toPixel(plane: Plane, point: Vector): PixelPoint & { distance: number } {
  const from = minus(point, plane.position);
  return {
    x: dot(from, plane.row) / plane.spacing.columns,
    y: dot(from, plane.column) / plane.spacing.rows,
    distance: dot(from, plane.normal),
  };
}

/** mm between two places of the patient. */
export const distance = (a: Vector, b: Vector): number => lengthOf(minus(a, b));
