import { setImmediate as othersTurn } from "node:timers/promises";

/** A request takes some tens of turns, each of which may wait for a slice. */
const sliceMilliseconds = 1;

/** Does long work of this process in slices, between which it answers everybody else. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (let end = performance.now() + sliceMilliseconds; ; ) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() < end) continue;
    await othersTurn();
    end = performance.now() + sliceMilliseconds;
  }
}
