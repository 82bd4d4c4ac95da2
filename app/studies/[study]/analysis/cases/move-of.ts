/** Where a key leads: to a row of the page, onto another page, or out of the opened case. */
export type Move = { row: number } | { page: number; enter: "first" | "last" } | "close";

const letters: Record<string, number> = { j: 1, k: -1 };
const arrows: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/**
 * What a key does in the list of cases, or in the opened case, whose arrow keys scroll; null: it is not ours.
 * @param at `row`: the one that is chosen, -1 for none on this page
 */
export function moveOf(
  key: string,
  at: { row: number; rows: number; page: number; pages: number; isOpen: boolean; isInCase: boolean },
): Move | null {
  if (key === "Escape") return at.isOpen ? "close" : null;
  if (at.rows === 0) return null;
  if (!at.isInCase && (key === "Home" || key === "End")) return { row: key === "Home" ? 0 : at.rows - 1 };
  const step = letters[key] ?? (at.isInCase ? undefined : arrows[key]);
  if (step === undefined) return null;
  if (at.row < 0) return { row: 0 };
  const row = at.row + step;
  if (row < 0 && at.page > 1) return { page: at.page - 1, enter: "last" };
  if (row >= at.rows && at.page < at.pages) return { page: at.page + 1, enter: "first" };
  return { row: Math.min(at.rows - 1, Math.max(0, row)) };
}
