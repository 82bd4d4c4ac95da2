import { shuffled } from "../random";

/** The reading order of one reader in one condition. The same items (in any order) and seed give the same schedule. */
export function drawSchedule({ items, seed }: { items: readonly string[]; seed: number }): string[] {
  return shuffled([...items].sort(), seed);
}

/** Which time a reader sees the cases in this condition: 1, and one more than in the condition that it repeats. */
export function occasionOf(condition: Condition, conditions: readonly Condition[]): number {
  const first = conditions.find(({ key }) => key === condition.repeats);
  return first ? occasionOf(first, conditions) + 1 : 1;
}

interface Condition {
  key: string;
  /** An earlier condition. */
  repeats?: string | undefined;
}
