import type { NetworkRegimen } from "@/core/protocol/regimen";
import { blockNames, convolutions, convolutionsThrough } from "./network";

/**
 * How many convolutions are frozen. Blocks count the mixed ones, the stem in front of them: 0 freezes nothing, 3 the stem and mixed0..mixed2,
 * 26 convolutions. What "the first n layers" of the founding study counts is not said there, so both are possible.
 */
export function frozenConvolutions({ frozen, frozenUnit }: Pick<NetworkRegimen, "frozen" | "frozenUnit">): number {
  if (frozenUnit === "convolutions") return Math.min(frozen, convolutions);
  const block = blockNames[frozen];
  if (!block) throw new RangeError(`${frozen} blocks cannot be frozen: Inception-v3 has 11.`);
  return frozen === 0 ? 0 : convolutionsThrough(block);
}
