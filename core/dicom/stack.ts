import { type Orientation, orientationOf, type Plane } from "./plane";
import { angle, dot } from "./vector";

/** Frames that lie behind each other: what a viewer scrolls through. */
export interface Stack<T> {
  orientation: Orientation;
  /** Along the normal, which points to the head, the left or the back where it has the choice; frames at one place in the order in which they came. */
  frames: T[];
  /** mm from one place to the next, the median; null where there is one place. */
  step: number | null;
  /** Where the next frame is farther than one and a half steps away: after which frame, and mm to the next. */
  gaps: { after: T; millimetres: number }[];
  /** Frames at one place, where there are several: time points, echoes, b-values, or the same picture twice. */
  shared: T[][];
}

/** Greatest angle between frames of one stack, degrees. */
const parallelWithin = 0.5;
/** Greatest distance of frames that are at one place, mm. */
const samePlaceWithin = 0.05;
/** From as many steps on it is a gap. */
const gapFrom = 1.5;

/**
 * The stacks of a series: frames of one orientation, matrix and spacing, in their order along the normal. A localizer of three planes has three. Frames without
 * a plane are in none.
 */
export function stacksOf<T extends { plane: Plane | undefined }>(frames: readonly T[]): Stack<T>[] {
  const groups: { plane: Plane; frames: { frame: T; at: number }[] }[] = [];
  for (const frame of frames) {
    const { plane } = frame;
    if (!plane) continue;
    const group = groups.find((each) => isBeside(each.plane, plane));
    const inGroup = group ?? { plane, frames: [] };
    if (!group) groups.push(inGroup);
    inGroup.frames.push({ frame, at: dot(plane.position, upward(inGroup.plane)) });
  }
  return groups.map(({ plane, frames: unsorted }) => {
    const sorted = unsorted.sort((a, b) => a.at - b.at);
    const places: (typeof sorted)[] = [];
    for (const each of sorted) {
      const last = places.at(-1);
      if (last?.[0] && each.at - last[0].at <= samePlaceWithin) last.push(each);
      else places.push([each]);
    }
    const steps = places.slice(1).map(([here], before) => (here?.at ?? 0) - (places[before]?.[0]?.at ?? 0));
    const step = median(steps);
    return {
      orientation: orientationOf(plane),
      frames: sorted.map(({ frame }) => frame),
      step,
      gaps: steps.flatMap((millimetres, before) => {
        const after = places[before]?.at(-1)?.frame;
        return step !== null && after && millimetres > gapFrom * step ? [{ after, millimetres }] : [];
      }),
      shared: places.filter(({ length }) => length > 1).map((place) => place.map(({ frame }) => frame)),
    };
  });
}

/** The normal, turned so that its largest part is positive. */
function upward({ normal }: Plane): Plane["normal"] {
  const [x, y, z] = normal;
  const main = [x, y, z].reduce((best, part) => (Math.abs(part) > Math.abs(best) ? part : best));
  return main < 0 ? [-x, -y, -z] : normal;
}

const isBeside = (a: Plane, b: Plane) =>
  a.width === b.width &&
  a.height === b.height &&
  Math.abs(a.spacing.rows / b.spacing.rows - 1) < 1e-3 &&
  Math.abs(a.spacing.columns / b.spacing.columns - 1) < 1e-3 &&
  angle(a.row, b.row) <= parallelWithin &&
  angle(a.column, b.column) <= parallelWithin;

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const next = sorted[Math.ceil((sorted.length - 1) / 2)];
  return middle === undefined || next === undefined ? null : (middle + next) / 2;
}
