import fc from "fast-check";

/** Both classes present, small whole scores so that ties are frequent, two scores a unit, units in a few clusters. */
export const scored = fc
  .array(
    fc.record({
      truth: fc.constantFrom(0, 1),
      score: fc.integer({ min: -6, max: 6 }),
      other: fc.integer({ min: -6, max: 6 }),
      cluster: fc.integer({ min: 0, max: 8 }),
    }),
    { maxLength: 40 },
  )
  .map((units) => [
    { truth: 0, score: 0, other: 1, cluster: 0 },
    { truth: 1, score: 1, other: 1, cluster: 1 },
    ...units,
  ])
  .map((units) => ({
    truth: units.map(({ truth }) => truth),
    score: units.map(({ score }) => score),
    other: units.map(({ other }) => other),
    cluster: units.map(({ cluster }) => cluster),
    direction: "higher" as const,
  }));
