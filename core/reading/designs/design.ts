import { keptApart, seededOrder } from "./order";
import type { Repeats } from "./repeats";

/** Who reads what, in which order (Obuchowski, Gallas, Hillis, Acad Radiol 2012;19:1508-17): each has a file of its own, with what it means for blinding in the README. */
export const designs = ["sequential", "crossover", "random-blocks", "split-plot"] as const;
export type Design = (typeof designs)[number];

/** What is read at once: an image, or a node with its planes. */
export interface DesignCase {
  id: string;
  node: string;
  patient: string;
}

/** Cases that one reader reads in one condition, in this order. */
export interface DrawnList {
  reader: string;
  condition: string;
  /** Cases that are read together have one number, from 1; what comes late has a further one. */
  block: number;
  cases: readonly DesignCase[];
}

/** What a design is drawn from. The same input gives the same lists, whatever the order of readers and cases in it. */
export interface DesignInput {
  readers: readonly string[];
  cases: readonly DesignCase[];
  /** In the order of the protocol. */
  conditions: readonly string[];
  seed: string;
  /** By condition, what its lists have of hidden repeats. */
  repeats?: ReadonlyMap<string, Repeats> | undefined;
  /** What was drawn before: it stays, and only what is lacking is drawn. */
  drawn?: readonly DrawnList[] | undefined;
}

/** The seed of a part of a drawing: parts tell nothing of each other. */
export const seedOfPart = (...parts: readonly (string | number)[]): string => parts.join("|");

/** The cases that a reader has in no list of a condition yet. */
export function lacking({ cases, drawn = [] }: DesignInput, reader: string, condition: string): DesignCase[] {
  const had = new Set(
    drawn
      .filter((list) => list.reader === reader && list.condition === condition)
      .flatMap((list) => list.cases.map(({ id }) => id)),
  );
  return cases.filter(({ id }) => !had.has(id));
}

/** The number of a block that is drawn now. */
export const nextBlock = ({ drawn = [] }: DesignInput): number => 1 + Math.max(0, ...drawn.map(({ block }) => block));

/** A list in an order of its own, in which images of one node never follow each other (`keptApart`). */
export function drawList({ seed }: DesignInput, list: DrawnList): DrawnList {
  const byId = new Map(list.cases.map((each) => [each.id, each]));
  const own = seedOfPart(seed, list.reader, list.condition, list.block);
  return { ...list, cases: keptApart(seededOrder([...byId.keys()], own).flatMap((id) => byId.get(id) ?? [])) };
}

/** Deals items out, by the seed, each to the group that has fewest: sizes differ by one at most, where they did before. */
export function dealtOut(items: readonly string[], before: readonly number[], seed: string): Map<string, number> {
  const sizes = [...before];
  const first = seededOrder(
    sizes.map((_, group) => String(group)),
    seedOfPart(seed, "groups"),
  ).map(Number);
  return new Map(
    seededOrder(items, seed).map((item) => {
      const group = first.reduce((best, each) => ((sizes[each] ?? 0) < (sizes[best] ?? 0) ? each : best));
      sizes[group] = (sizes[group] ?? 0) + 1;
      return [item, group];
    }),
  );
}

/** The conditions from one on, and round to those before it. */
export const rotated = <T>(items: readonly T[], start: number): T[] => [
  ...items.slice(start % items.length),
  ...items.slice(0, start % items.length),
];
