import { parseExpression } from "../protocol/expression";
import type { Criterion } from "./assess";
import { evaluate } from "./evaluate";

/** What the computed criteria ask of the record: items and values of other records, by name. */
export const namesIn = (criteria: readonly Criterion[]): ReadonlySet<string> =>
  new Set(
    criteria.flatMap(({ computed }) =>
      computed === undefined ? [] : evaluate(parseExpression(computed), {}).used.map(({ what }) => what),
    ),
  );
