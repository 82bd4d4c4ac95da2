import { setImmediate as othersTurn } from "node:timers/promises";

/** Long enough that the turns of others cost little, short enough that nobody notices a few of them. */
const sliceMilliseconds = 5;

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
