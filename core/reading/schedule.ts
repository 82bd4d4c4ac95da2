/** Which time a reader sees the cases in this condition: 1, and one more than in the condition that it repeats. */
export function occasionOf(condition: Condition, conditions: readonly Condition[]): number {
  const repeats = conditions.flatMap(({ key, repeats }) => (repeats === undefined ? [] : [[key, repeats] as const]));
  return timeIn(condition.key, new Map(repeats));
}

/**
 * Whether a read is of a case that its list had before, which its reader was not told (`core/reading/designs/repeats.ts`). It counts for the agreement of a reader
 * with herself and for nothing else.
 * @param repeats conditions that repeat another, each with that one
 */
export const isHiddenRepeat = (
  { condition, occasion }: { condition: string; occasion: number },
  repeats: ReadonlyMap<string, string>,
): boolean => occasion > timeIn(condition, repeats);

function timeIn(condition: string, repeats: ReadonlyMap<string, string>): number {
  const first = repeats.get(condition);
  return first === undefined ? 1 : timeIn(first, repeats) + 1;
}

interface Condition {
  key: string;
  /** An earlier condition. */
  repeats?: string | undefined;
}
