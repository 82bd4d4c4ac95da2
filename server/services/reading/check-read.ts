import type { Protocol } from "@/core/protocol/protocol";
import { callOfRating, isOnScale } from "@/core/reading/rating";
import { proposeCall } from "@/core/reading/rule-set";
import { AppError } from "@/server/errors";
import type { SubmitRead } from "@/server/schemas/reading";
import type { caseInHand } from "./case-in-hand";

/**
 * What is stored of a read: every criterion of the form, the call, which follows from the rating where the protocol says so, and the call that the rule set of
 * the protocol proposes from the criteria and from the size only where it was shown. Of a case that was not evaluable, the reason and nothing else.
 * (`nw.check_answer` refuses the same, of whoever comes past this.)
 * @throws AppError "invalid" when a criterion is unknown, call, confidence or rating is missing or not asked for, the rating is not on the protocol's scale, a call against the
 * rule has no reason, or the protocol does not know the reason why the case is not evaluable
 */
export function checkRead(read: SubmitRead, shown: NonNullable<Awaited<ReturnType<typeof caseInHand>>>) {
  const { form, ruleSets } = shown.protocol;
  const unknown = Object.keys(read.criteria).find((key) => !form.criteria.some((criterion) => criterion.key === key));
  if (unknown !== undefined)
    throw new AppError("invalid", { key: "errors.form_criterion_unknown", values: { criterion: unknown } });
  if (read.notEvaluable !== null) return notEvaluable(read.notEvaluable, form);
  if (form.confidence && read.confidence === null) throw new AppError("invalid", { key: "errors.confidence_missing" });
  if (!form.confidence && read.confidence !== null)
    throw new AppError("invalid", { key: "errors.confidence_not_asked" });
  const { rating, confidence } = read;
  const call = callOf(read, form);
  const criteria = Object.fromEntries(form.criteria.map(({ key }) => [key, read.criteria[key] ?? false]));
  const judged = { criteria, call, confidence, rating, notEvaluable: null };
  const ruleSet = ruleSets.find((set) => set.key === form.ruleSet);
  if (!ruleSet) return { ...judged, ruleSet: null, proposed: null, overrideReason: null };
  const present = Object.values(criteria).filter(Boolean).length;
  const proposed = proposeCall({ ruleSet, present, shortAxisMm: shown.short_axis_mm }).call;
  const overrideReason = read.overrideReason ?? null;
  if (proposed !== call && !overrideReason)
    throw new AppError("invalid", { key: "errors.override_without_reason", values: { proposed, call } });
  return { ...judged, ruleSet: ruleSet.key, proposed, overrideReason };
}

function callOf({ call, rating }: SubmitRead, { rating: scale }: Protocol["form"]) {
  if (!scale && rating !== null) throw new AppError("invalid", { key: "errors.rating_not_asked" });
  if (scale && rating === null)
    throw new AppError("invalid", { key: "errors.rating_missing", values: { min: scale.min, max: scale.max } });
  if (scale && rating !== null && !isOnScale(scale, rating))
    throw new AppError("invalid", {
      key: "errors.rating_off_scale",
      values: { rating, min: scale.min, max: scale.max, step: scale.step ?? "none" },
    });
  const follows = scale && rating !== null ? callOfRating(scale, rating) : null;
  const made = follows ?? call;
  if (made === null) throw new AppError("invalid", { key: "errors.call_missing" });
  if (call !== null && call !== made)
    throw new AppError("invalid", { key: "errors.call_against_rating", values: { call, rating: rating ?? "none" } });
  return made;
}

function notEvaluable(reason: string, { notEvaluable: allowed }: Protocol["form"]) {
  if (!allowed) throw new AppError("invalid", { key: "errors.not_evaluable_unplanned" });
  const { reasons } = allowed;
  if (reasons.length > 0 && !reasons.some(({ key }) => key === reason))
    throw new AppError("invalid", {
      key: "errors.not_evaluable_reason",
      values: { reason, known: reasons.map(({ key }) => key).join(", ") },
    });
  const nothing = { criteria: {}, ruleSet: null, proposed: null, call: null, overrideReason: null };
  return { ...nothing, confidence: null, rating: null, notEvaluable: reason };
}
