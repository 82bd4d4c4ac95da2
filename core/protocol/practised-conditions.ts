import type { Protocol } from "./protocol";

/** The conditions for which a protocol asks for practice, in their order (as `nw.practice_asked`). */
export function practisedConditions({ reading: { practice }, conditions }: Pick<Protocol, "reading" | "conditions">) {
  if (!practice) return [];
  return conditions.filter(({ key, repeats }) => practice.conditions?.includes(key) ?? repeats === undefined);
}
