import { quantileOf } from "@/core/stats/quantile";

/** How somebody reads, since the room was opened; all in milliseconds. */
export interface Pace {
  /** When the reading without a break began. */
  since: number;
  /** When the last read was submitted, or the room opened. */
  last: number;
  /** Active time of the last cases. */
  times: readonly number[];
}

const minute = 60_000;
/** So long without reading is a break. */
const breakLength = 5 * minute;
/** After so long without a break one is advised. */
const restAfter = 45 * minute;
/** Fewest and most cases from which the time that is left is told. */
const [fewest, most] = [5, 20];

export const beginPace = (now: number): Pace => ({ since: now, last: now, times: [] });

/**
 * The pace after a read was submitted that took so much active time.
 * @param read.isNew false: a correction, or the same case again, which tells nothing of how long cases take
 */
export function submitted(
  { since, last, times }: Pace,
  { now, activeMs, isNew }: { now: number; activeMs: number; isNew: boolean },
): Pace {
  const idle = now - activeMs - last;
  return {
    since: idle > breakLength ? now - activeMs : since,
    last: now,
    times: isNew ? [...times, activeMs].slice(-most) : times,
  };
}

/** Minutes that so many cases take, by the median of the last ones; null where these are too few to tell. */
export const minutesFor = ({ times }: Pace, cases: number): number | null =>
  times.length < fewest
    ? null
    : (quantileOf(
        times.toSorted((a, b) => a - b),
        0.5,
      ) *
        cases) /
      minute;

/** Whole minutes without a break until the last read, where a break is advised; null otherwise, and where there was one since. */
export function minutesWithoutBreak({ since, last }: Pace, { now }: { now: number }): number | null {
  return last - since < restAfter || now - last > breakLength ? null : Math.floor((last - since) / minute);
}
