import type { Said } from "@/core/words";
import type { Answer } from "./answer-of-row";

/** Fewest calls of each kind that say something. */
const fewest = 3;

/**
 * The warning that a column of confidences holds ratings of suspicion: every negative call has a lower one than every positive call. Of confidences, which say
 * how sure either call is, that is unlikely.
 */
export function seemsRating(answers: readonly Pick<Answer, "call" | "confidence">[]): Said[] {
  const given = (wanted: "positive" | "negative") =>
    answers.flatMap(({ call, confidence }) => (call === wanted && confidence !== null ? [confidence] : []));
  const [negative, positive] = [given("negative"), given("positive")];
  if (Math.min(negative.length, positive.length) < fewest) return [];
  const most = negative.reduce((a, b) => Math.max(a, b));
  const least = positive.reduce((a, b) => Math.min(a, b));
  return most < least ? [{ key: "errors.confidence_seems_rating", values: { most, least } }] : [];
}
