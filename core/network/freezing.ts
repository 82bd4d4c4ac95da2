import { blockNames, convolutions, convolutionsThrough } from "./inception";

/** The mixed blocks behind the stem. */
export const mixedBlocks = blockNames.length - 1;

/** What the paper's "first n layers" counts: convolutions 1..n, or mixed blocks with the stem in front (3: stem, mixed0, mixed1, mixed2). */
export const frozenUnits = ["blocks", "convolutions"] as const;
export type FrozenUnit = (typeof frozenUnits)[number];

/** How much of the network does not learn. */
export interface Freezing {
  frozen: number;
  frozenUnit: FrozenUnit;
}

/** Depths of the founding study: none, 1, 2, 3, 5, 7, 9. */
export const paperDepths = [0, 1, 2, 3, 5, 7, 9] as const;

/** The most that can be frozen. */
export const deepest: Readonly<Record<FrozenUnit, number>> = { blocks: mixedBlocks, convolutions };

/** Whether the network has this depth: a whole number up to the deepest. */
export const isDepth = ({ frozen, frozenUnit }: Freezing): boolean =>
  Number.isInteger(frozen) && frozen >= 0 && frozen <= deepest[frozenUnit];

/**
 * How many convolutions are frozen. Blocks count the mixed ones, the stem in front of them: 0 freezes nothing, 3 the stem and mixed0..mixed2,
 * 26 convolutions. What "the first n layers" of the founding study counts is not said there, so both are possible.
 * @throws RangeError where the network has no such depth
 */
export function frozenConvolutions({ frozen, frozenUnit }: Freezing): number {
  if (!isDepth({ frozen, frozenUnit }))
    throw new RangeError(`${frozen} ${frozenUnit} cannot be frozen: Inception-v3 has ${deepest[frozenUnit]}.`);
  const last = blockNames[frozen];
  return frozenUnit === "blocks" && frozen > 0 && last ? convolutionsThrough(last) : frozen;
}
