import { and, asc, desc, eq } from "drizzle-orm";
import { changedSince } from "@/core/eligibility/changes";
import type { Tx } from "@/db/actor";
import {
  baselineValue,
  consent,
  consentWithdrawal,
  criterionEvaluation,
  eligibilityAssessment,
  person,
  protocolVersion,
} from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { type SubjectDetail, storedAnswers, subjectDetail } from "@/server/schemas/enrolment";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { currentExam } from "./current-exam";
import { findSubject } from "./find-subject";
import { listSubjects } from "./list-subjects";
import { valuesForCriteria } from "./values-for-criteria";

/** One subject with its record, its screenings, consent and exam; never who it is. */
export async function subjectByNumber(tx: Tx, actor: StudyActor, options: { number: string }): Promise<SubjectDetail> {
  const found = await findSubject(tx, actor, options);
  const of = { studyId: actor.studyId, subjectId: found.id };
  const { document } = await studyProtocol(tx, actor);
  const { criteria, baseline } = document;
  const [summary] = await listSubjects(tx, actor, found);
  const assessments = await assessmentsOf(tx, of);
  const [latest] = assessments;
  const criteriaValues = await valuesForCriteria(tx, of, baseline);
  const recorded = await tx
    .select({
      key: baselineValue.itemKey,
      value: baselineValue.value,
      reason: baselineValue.reason,
      by: person.name,
      at: baselineValue.recordedAt,
    })
    .from(baselineValue)
    .leftJoin(person, eq(person.id, baselineValue.recordedBy))
    .where(and(eq(baselineValue.studyId, of.studyId), eq(baselineValue.subjectId, of.subjectId)))
    .orderBy(desc(baselineValue.recordedAt), asc(baselineValue.id));
  const [signed] = await tx
    .select()
    .from(consent)
    .where(eq(consent.subjectId, found.id))
    .orderBy(desc(consent.recordedAt))
    .limit(1);
  const withdrawals = await tx
    .select({
      withdrawnOn: consentWithdrawal.withdrawnOn,
      scope: consentWithdrawal.scope,
      by: person.name,
      at: consentWithdrawal.recordedAt,
    })
    .from(consentWithdrawal)
    .leftJoin(person, eq(person.id, consentWithdrawal.recordedBy))
    .where(and(eq(consentWithdrawal.studyId, of.studyId), eq(consentWithdrawal.subjectId, of.subjectId)))
    .orderBy(desc(consentWithdrawal.recordedAt));
  return subjectDetail.parse({
    ...summary,
    criteria,
    baseline,
    criteriaValues,
    changed: latest ? changedSince({ ...latest, criteria, values: criteriaValues }) : [],
    recorded,
    assessments,
    consent: signed ?? null,
    withdrawals: withdrawals.map((each) => ({ ...each, by: each.by ?? "unknown" })),
    // The PI sees the exam only after the lock; then there is simply none here.
    exam: await currentExam(tx, of),
  });
}

/** Every assessment, newest first, with what the record answered then as far as this role may see it. */
async function assessmentsOf(tx: Tx, { subjectId, studyId }: { subjectId: string; studyId: string }) {
  const assessments = await tx
    .select({
      id: eligibilityAssessment.id,
      verdict: eligibilityAssessment.verdict,
      answers: eligibilityAssessment.answers,
      reasons: eligibilityAssessment.reasons,
      protocolVersion: protocolVersion.version,
      by: person.name,
      at: eligibilityAssessment.assessedAt,
    })
    .from(eligibilityAssessment)
    .innerJoin(protocolVersion, eq(protocolVersion.id, eligibilityAssessment.protocolVersionId))
    .leftJoin(person, eq(person.id, eligibilityAssessment.assessedBy))
    .where(eq(eligibilityAssessment.subjectId, subjectId))
    .orderBy(desc(eligibilityAssessment.assessedAt));
  const evaluations = await tx
    .select({
      assessmentId: criterionEvaluation.assessmentId,
      key: criterionEvaluation.criterionKey,
      answer: criterionEvaluation.answer,
      used: criterionEvaluation.used,
      overrideReason: criterionEvaluation.overrideReason,
    })
    .from(criterionEvaluation)
    .innerJoin(
      eligibilityAssessment,
      and(
        eq(eligibilityAssessment.id, criterionEvaluation.assessmentId),
        eq(eligibilityAssessment.studyId, criterionEvaluation.studyId),
      ),
    )
    .where(and(eq(criterionEvaluation.studyId, studyId), eq(eligibilityAssessment.subjectId, subjectId)));
  return assessments.map(({ id, answers, by, ...each }) => ({
    ...each,
    answers: storedAnswers.parse(answers),
    by,
    evaluations: evaluations.filter(({ assessmentId }) => assessmentId === id),
  }));
}
