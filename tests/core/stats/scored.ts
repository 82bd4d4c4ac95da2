import fc from "fast-check";

/** Both classes present, small whole scores so that ties are frequent. */
export const scored = fc
  .array(fc.record({ truth: fc.constantFrom(0, 1), score: fc.integer({ min: -6, max: 6 }) }), { maxLength: 40 })
  .map((images) => [{ truth: 0, score: 0 }, { truth: 1, score: 1 }, ...images])
  .map((images) => ({ truth: images.map(({ truth }) => truth), score: images.map(({ score }) => score) }));
