import type { AnsweredCriterion } from "@/core/eligibility/assess";
import type { criterionEvaluation } from "@/db/schema";

/** What the record answered at an assessment, one row for each computed criterion. */
export const evaluationsOf = (
  answered: readonly AnsweredCriterion[],
  of: { studyId: string; assessmentId: string },
): (typeof criterionEvaluation.$inferInsert)[] =>
  answered.flatMap(({ key, computed, overrideReason }) =>
    computed ? [{ ...of, criterionKey: key, answer: computed.answer, used: computed.used, overrideReason }] : [],
  );
