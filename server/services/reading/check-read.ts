import { proposeCall } from "@/core/reading/rule-set";
import { AppError } from "@/server/errors";
import type { SubmitRead } from "@/server/schemas/reading";
import type { caseInHand } from "./case-in-hand";

/**
 * What is stored of a read beside what the reader sent: every criterion of the form, and the call that the rule set of the protocol proposes from them and
 * from the size only where it was shown.
 * @throws AppError "invalid" when a criterion is unknown, the confidence is missing, or a call against the rule has no reason
 */
export function checkRead(read: SubmitRead, shown: NonNullable<Awaited<ReturnType<typeof caseInHand>>>) {
  const { form, ruleSets } = shown.protocol;
  const unknown = Object.keys(read.criteria).find((key) => !form.criteria.some((criterion) => criterion.key === key));
  if (unknown !== undefined)
    throw new AppError("invalid", { key: "errors.form_criterion_unknown", values: { criterion: unknown } });
  if (form.confidence && read.confidence === null) throw new AppError("invalid", { key: "errors.confidence_missing" });
  const criteria = Object.fromEntries(form.criteria.map(({ key }) => [key, read.criteria[key] ?? false]));
  const ruleSet = ruleSets.find((set) => set.key === form.ruleSet);
  if (!ruleSet) return { criteria, ruleSet: null, proposed: null };
  const present = Object.values(criteria).filter(Boolean).length;
  const proposed = proposeCall({ ruleSet, present, shortAxisMm: shown.short_axis_mm }).call;
  if (proposed !== read.call && !read.overrideReason)
    throw new AppError("invalid", { key: "errors.override_without_reason", values: { proposed, call: read.call } });
  return { criteria, ruleSet: ruleSet.key, proposed };
}
