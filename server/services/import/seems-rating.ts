import type { Said } from "@/core/words";
import type { ReadsRow } from "@/server/schemas/import";

/** Fewest calls of each kind that say something. */
const fewest = 3;

/**
 * The warning that a column of confidences holds ratings of suspicion: every negative call has a lower one than every positive call. Of confidences, which say
 * how sure either call is, that is unlikely.
 */
export function seemsRating(rows: readonly ReadsRow[]): Said[] {
  const given = (wanted: "positive" | "negative") =>
    rows.flatMap(({ call, confidence }) => (call === wanted && confidence !== undefined ? [confidence] : []));
  const [negative, positive] = [given("negative"), given("positive")];
  if (Math.min(negative.length, positive.length) < fewest) return [];
  const most = negative.reduce((a, b) => Math.max(a, b));
  const least = positive.reduce((a, b) => Math.min(a, b));
  return most < least ? [{ key: "errors.confidence_seems_rating", values: { most, least } }] : [];
}
