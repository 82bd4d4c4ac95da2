import type { Design } from "./design";

export type WhyNotDrawn =
  /** Some cases would be read in the later condition first, which shows something else. */
  | { kind: "shows"; earlier: string; later: string }
  /** The database has no drawing of it (`nw.draw_list`). */
  | { kind: "undrawn" };

/** Why a design cannot be in force; null: it is drawn. */
export function whyNotDrawn(
  design: Design,
  conditions: readonly { key: string; shows: readonly string[] }[],
): WhyNotDrawn | null {
  if (design === "sequential") return null;
  const [first, ...others] = conditions.map(({ key, shows }) => ({ key, shows: [...shows].sort().join() }));
  const other = others.find(({ shows }) => shows !== first?.shows);
  if (first && other && design !== "split-plot") return { kind: "shows", earlier: first.key, later: other.key };
  return { kind: "undrawn" };
}
