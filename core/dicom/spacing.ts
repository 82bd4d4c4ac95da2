import type { DataSet, Tag } from "./data-set";
import { tagOf } from "./dictionary";
import { number, numbers, text } from "./values";

/**
 * Where millimetres of a pixel hold: `patient`, of a sectional image; `calibrated`, by a known object or a known geometry; `corrected`, at the detector, divided
 * by the magnification; `detector`, where the body is shown larger than it is; `film`, on a film that was scanned; `none`, nowhere: a pixel is called one.
 */
export type SpacingSource = "patient" | "calibrated" | "corrected" | "detector" | "film" | "none";

export interface Spacing {
  /** mm between the centres of neighbouring rows, and of neighbouring columns. */
  rows: number;
  columns: number;
  source: SpacingSource;
}

const inPatient: ReadonlySet<SpacingSource> = new Set(["patient", "calibrated", "corrected"]);

/** Whether millimetres hold in the patient, and a size may be told: not those at the detector, and not those of a film. */
export const holdsInPatient = ({ source }: Spacing): boolean => inPatient.has(source);

/** Greatest relative difference of two spacings that are one. */
const equal = 1e-6;

/**
 * Millimetres of a pixel by the rules of PS3.3 section 10.7.1: Pixel Spacing holds in the patient for sections; for projections it does where it was calibrated,
 * or differs from that of the detector. Undefined where nothing is said, or nothing sensible: then there are pixels and no millimetres.
 * @param frame a frame's attributes (`frameOf`)
 */
export function spacingOf(frame: DataSet): Spacing | undefined {
  const pixel = pair(frame, tagOf("PixelSpacing"));
  const detector = pair(frame, tagOf("ImagerPixelSpacing"));
  if (pixel && !detector) return { ...pixel, source: "patient" };
  if (pixel && detector && (text(frame, tagOf("PixelSpacingCalibrationType")) || !isSame(pixel, detector)))
    return { ...pixel, source: "calibrated" };
  const magnification = number(frame, tagOf("EstimatedRadiographicMagnificationFactor"));
  if (detector && magnification !== undefined && magnification >= 1)
    return { rows: detector.rows / magnification, columns: detector.columns / magnification, source: "corrected" };
  if (detector) return { ...detector, source: "detector" };
  const film = pair(frame, tagOf("NominalScannedPixelSpacing"));
  return film && { ...film, source: "film" };
}

function pair(frame: DataSet, tag: Tag): { rows: number; columns: number } | undefined {
  const [rows, columns] = numbers(frame, tag);
  return rows !== undefined && columns !== undefined && rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

const isSame = (a: { rows: number; columns: number }, b: { rows: number; columns: number }) =>
  Math.abs(a.rows / b.rows - 1) < equal && Math.abs(a.columns / b.columns - 1) < equal;

/** A place in a picture: 0, 0 is the centre of the first pixel, x goes with the columns. */
export interface PixelPoint {
  x: number;
  y: number;
}

/** mm between two places of one picture. */
export const millimetres = (a: PixelPoint, b: PixelPoint, { rows, columns }: Spacing): number =>
  Math.hypot((a.x - b.x) * columns, (a.y - b.y) * rows);
