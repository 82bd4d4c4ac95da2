import { shuffled } from "../random";

/** The reading order of one reader in one condition. The same items (in any order) and seed give the same schedule. */
export function drawSchedule({ items, seed }: { items: readonly string[]; seed: number }): string[] {
  return shuffled([...items].sort(), seed);
}

/** The moment from which the next condition may be read, `days` after the last read of this one. */
export function washOutEnds({ completedAt, days }: { completedAt: Date; days: number }): Date {
  return new Date(completedAt.getTime() + days * 86_400_000);
}
