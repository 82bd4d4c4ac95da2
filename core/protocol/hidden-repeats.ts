import type { Protocol } from "./protocol";

/** How many cases of a list of a condition are read once more, and how far apart; null: none (as `nw.draw_list`). */
export function hiddenRepeats(
  { reading: { repeats }, conditions }: Pick<Protocol, "reading" | "conditions">,
  condition: string,
) {
  if (!repeats) return null;
  const { cases, apart } = repeats;
  const own = conditions.find(({ key }) => key === condition);
  return (repeats.conditions?.includes(condition) ?? own?.repeats === undefined) ? { cases, apart } : null;
}
