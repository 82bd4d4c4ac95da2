import type { Protocol } from "@/core/protocol/protocol";
import { callOfRating, isOnScale } from "@/core/reading/rating";
import type { Call } from "@/core/reading/rule-set";
import { isNumber } from "@/core/text/number";
import type { Said } from "@/core/words";
import type { ReadsRow } from "@/server/schemas/import";

/** What a reader answered of a case: a call, or why there is none. */
export interface Answer {
  call: Call | null;
  confidence: number | null;
  rating: number | null;
  notEvaluable: string | null;
}

/**
 * What a row of reads answers, held against the form of the protocol: the call follows from the rating where the protocol says so.
 * @returns `answer` counts only without `problems`
 */
export function answerOfRow(row: ReadsRow, { form }: Protocol): { answer: Answer; problems: Said[] } {
  const { call = null, confidence = null, reason } = row;
  if (row.evaluable === false) return notEvaluable(row, form);
  const problems: Said[] = [];
  if (reason !== undefined) problems.push({ key: "errors.reason_of_evaluable", values: { reason } });
  const rating = row.rating === undefined ? null : Number(row.rating);
  const ratingProblem = row.rating === undefined ? null : problemOfRating(row.rating, form);
  if (ratingProblem) return { answer: { ...none, call }, problems: [...problems, ratingProblem] };
  const follows = form.rating && rating !== null ? callOfRating(form.rating, rating) : null;
  if (follows !== null && call !== null && call !== follows)
    problems.push({
      key: "errors.call_against_rating_row",
      values: { call, rating: row.rating ?? "", from: form.rating?.positiveFrom ?? "" },
    });
  if (follows === null && call === null)
    problems.push({ key: form.rating?.positiveFrom === undefined ? "errors.call_empty" : "errors.rating_empty" });
  return { answer: { call: call ?? follows, confidence, rating, notEvaluable: null }, problems };
}

const none: Answer = { call: null, confidence: null, rating: null, notEvaluable: null };

function problemOfRating(cell: string, { rating: scale }: Protocol["form"]): Said | null {
  if (!scale) return { key: "errors.rating_unplanned", values: { rating: cell } };
  if (isNumber(cell) && isOnScale(scale, Number(cell))) return null;
  const values = { rating: cell, min: scale.min, max: scale.max, step: scale.step ?? "none" };
  return { key: "errors.rating_off_scale_row", values };
}

function notEvaluable(
  row: ReadsRow,
  { notEvaluable: allowed }: Protocol["form"],
): { answer: Answer; problems: Said[] } {
  if (!allowed) return { answer: none, problems: [{ key: "errors.not_evaluable_unplanned_row" }] };
  const { reasons } = allowed;
  const problems = (["call", "confidence", "rating"] as const).flatMap((column): Said[] =>
    row[column] === undefined ? [] : [{ key: "errors.answered_not_evaluable", values: { column } }],
  );
  const given = row.reason;
  if (given === undefined) problems.push({ key: "errors.reason_empty" });
  const known = reasons.find(({ key, label }) => key === given || label.toLowerCase() === given?.toLowerCase());
  if (given !== undefined && reasons.length > 0 && !known)
    problems.push({
      key: "errors.unknown_in_protocol",
      values: { column: "reason", cell: given, known: reasons.map(({ key }) => key).join(", ") },
    });
  return { answer: { ...none, notEvaluable: known?.key ?? given ?? null }, problems };
}
