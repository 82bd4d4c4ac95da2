import { type DesignInput, type DrawnList, drawList, lacking, nextBlock, seedOfPart } from "./design";
import { fewestForRepeats, withRepeats } from "./repeats";

/**
 * Fully crossed, one condition after the other: every reader reads every case in the first condition, and after the wash-out every case in the next. With hidden
 * repeats in the list with which a reader begins a condition, where it is long enough.
 */
export function sequential(input: DesignInput): DrawnList[] {
  const block = nextBlock(input);
  return input.readers.flatMap((reader) =>
    input.conditions.flatMap((condition) => {
      const cases = lacking(input, reader, condition);
      if (cases.length === 0) return [];
      const list = drawList(input, { reader, condition, block, cases });
      const repeats = input.drawn?.some((had) => had.reader === reader && had.condition === condition)
        ? undefined
        : input.repeats?.get(condition);
      return repeats === undefined || cases.length < fewestForRepeats(repeats)
        ? [list]
        : [{ ...list, cases: withRepeats(list.cases, seedOfPart(input.seed, reader, condition), repeats) }];
    }),
  );
}
