/** Least milliseconds that count: what is faster is not told from nothing by the clock. */
const least = 0.1;

/** The shortest of three: other processes have their share of the processor, too. */
const shortest = (work: () => unknown): number =>
  Math.min(
    ...[1, 2, 3].map(() => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  );

/** How many times as long a text of 20,000 parts takes as one of 200: 100 where each part costs the same, 10,000 where each costs as much as all. */
export function costOf<T>(work: (input: T) => unknown, inputOf: (parts: number) => T): number {
  const [small, large] = [inputOf(200), inputOf(20_000)];
  return (
    shortest(() => work(large)) /
    Math.max(
      shortest(() => work(small)),
      least,
    )
  );
}

/** No more than this is asked of `costOf`: far from both. */
export const linear = 1_000;
