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
