import { type DesignInput, type DrawnList, dealtOut, rotated } from "./design";
import { sequential } from "./sequential";

/** As many readers begin with each condition as with any other, and go on from there in the order of the protocol; all cases in each, with the wash-out between. */
export function crossover(input: DesignInput): DrawnList[] {
  const { readers, conditions, seed, drawn = [] } = input;
  const begun = new Map<string, number>();
  for (const { reader, condition } of drawn) if (!begun.has(reader)) begun.set(reader, conditions.indexOf(condition));
  const sizes = conditions.map((_, at) => [...begun.values()].filter((start) => start === at).length);
  const dealt = dealtOut(
    readers.filter((reader) => !begun.has(reader)),
    sizes,
    seed,
  );
  return readers.flatMap((reader) =>
    sequential({
      ...input,
      readers: [reader],
      conditions: rotated(conditions, begun.get(reader) ?? dealt.get(reader) ?? 0),
    }),
  );
}
