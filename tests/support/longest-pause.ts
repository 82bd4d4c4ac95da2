/** What takes a processor that nothing else wants some 90 milliseconds. */
function yardstick(): number {
  const began = performance.now();
  let x = 2_463_534_242;
  for (let i = 0; i < 40_000_000; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x === 0 ? Number.POSITIVE_INFINITY : performance.now() - began;
}

/**
 * The longest for which this process did nothing else while it worked, as a multiple of a fixed computation timed before and after it: other processes take their share of
 * the processor from both. Of so many tries, the shortest.
 */
export async function longestPause(work: () => Promise<unknown>, { tries = 3 } = {}): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries; i++) {
    const before = yardstick();
    let [longest, last] = [0, performance.now()];
    const look = () => {
      const now = performance.now();
      [longest, last] = [Math.max(longest, now - last), now];
    };
    const watch = setInterval(look, 1);
    await work();
    clearInterval(watch);
    look();
    shortest = Math.min(shortest, (2 * longest) / (before + yardstick()));
  }
  return shortest;
}
