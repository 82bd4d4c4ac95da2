import { type DesignInput, type DrawnList, drawList, lacking, nextBlock } from "./design";

/** Fully crossed, one condition after the other: every reader reads every case in the first condition, and after the wash-out every case in the next. */
export function sequential(input: DesignInput): DrawnList[] {
  const block = nextBlock(input);
  return input.readers.flatMap((reader) =>
    input.conditions.flatMap((condition) => {
      const cases = lacking(input, reader, condition);
      return cases.length > 0 ? [drawList(input, { reader, condition, block, cases })] : [];
    }),
  );
}
