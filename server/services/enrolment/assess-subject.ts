import { randomUUID } from "node:crypto";
import { assessEligibility, type Criterion, UnexplainedOverride } from "@/core/eligibility/assess";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { criterionEvaluation, eligibilityAssessment } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { CriteriaAnswers } from "@/server/schemas/enrolment";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { evaluationsOf } from "./evaluations-of";
import { valuesForCriteria } from "./values-for-criteria";

/**
 * The verdict on a subject under the study's protocol, from the answers and what the record holds at this moment; kept with the criteria that
 * decided and, for computed ones, the values that they were computed from.
 */
export async function assessSubject(tx: Tx, actor: StudyActor, options: CriteriaAnswers & { subjectId: string }) {
  const protocol = await studyProtocol(tx, actor);
  const { criteria, baseline } = protocol.document;
  const { subjectId, answers, overrides = {} } = options;
  const unknown = [...Object.keys(answers), ...Object.keys(overrides)].filter(
    (key) => !criteria.some((criterion) => criterion.key === key),
  );
  if (unknown.length > 0)
    throw new AppError("invalid", {
      key: "errors.protocol_criterion_unknown",
      values: { criterion: unknown[0] ?? "" },
    });
  const values = await valuesForCriteria(tx, { studyId: actor.studyId, subjectId }, baseline);
  const { verdict, reasons, answered } = explained(criteria, () =>
    assessEligibility({ criteria, answers, values, overrides }),
  );
  const id = randomUUID();
  await tx.insert(eligibilityAssessment).values({
    id,
    studyId: actor.studyId,
    subjectId,
    protocolVersionId: protocol.id,
    answers,
    verdict,
    reasons,
  });
  await insertInChunks(tx, criterionEvaluation, evaluationsOf(answered, { studyId: actor.studyId, assessmentId: id }));
  return { verdict, reasons };
}

function explained<T>(criteria: readonly Criterion[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnexplainedOverride)) throw error;
    const text = criteria.find(({ key }) => key === error.criterion)?.text ?? error.criterion;
    throw new AppError("invalid", {
      key: "errors.answer_against_the_record",
      values: { criterion: text, computed: error.computed, answer: error.answer },
    });
  }
}
