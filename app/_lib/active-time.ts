/** What somebody does who works. */
export const signsOfWork = ["keydown", "pointerdown", "pointermove", "wheel"] as const;

/** Milliseconds without a key, a click or a move after which nobody works. */
export const idleAfter = 60_000;

/** How long somebody worked, in milliseconds, counted from one look to the next. */
export interface ActiveTime {
  worked: number;
  /** By a clock that never goes back. */
  countedAt: number;
  movedAt: number;
  isVisible: boolean;
}

/** @param worked what was counted before, as before a reload */
export const beginTime = (now: number, isVisible: boolean, worked = 0): ActiveTime => ({
  ...{ worked, countedAt: now, movedAt: now, isVisible },
});

/** Counts up to now: what passed in sight, as far as it lies within a minute of the last key, click or move. */
export function counted(time: ActiveTime, now: number): ActiveTime {
  const until = Math.min(now, time.movedAt + idleAfter);
  const passed = time.isVisible ? Math.max(0, until - time.countedAt) : 0;
  return { ...time, worked: time.worked + passed, countedAt: now };
}

/** A key, a click or a move. */
export const moved = (time: ActiveTime, now: number): ActiveTime => ({ ...counted(time, now), movedAt: now });

/** The tab comes into sight or goes out of it. */
export const turned = (time: ActiveTime, now: number, isVisible: boolean): ActiveTime => ({
  ...counted(time, now),
  isVisible,
});

/** So many seconds were told. */
export const told = (time: ActiveTime, seconds: number): ActiveTime => ({
  ...time,
  worked: Math.max(0, time.worked - 1000 * seconds),
});

/** So many seconds did not arrive. */
export const untold = (time: ActiveTime, seconds: number): ActiveTime => ({
  ...time,
  worked: time.worked + 1000 * seconds,
});

/** Seconds that stay untold: the way to the server takes now longer and now shorter, and its clock takes no more than passed there. */
const margin = 2;

/** Whole seconds that can be told now. */
export const tellable = ({ worked }: ActiveTime): number => Math.max(0, Math.floor(worked / 1000) - margin);
