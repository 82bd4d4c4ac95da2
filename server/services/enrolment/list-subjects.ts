import { and, asc, count, desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import {
  consent,
  currentBaseline,
  eligibilityAssessment,
  exam,
  node,
  person,
  protocolVersion,
  subject,
  subjectIdentity,
} from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type SubjectDetail, type SubjectSummary, subjectDetail } from "@/server/schemas/enrolment";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { tStagesOf } from "./baseline-columns";
import { findSubject } from "./find-subject";

/** The subjects of this role's site, by number; with `number`, that one only. */
export async function listSubjects(
  tx: Tx,
  actor: StudyActor,
  options: { number?: string } = {},
): Promise<SubjectSummary[]> {
  const nodes = tx
    .select({ subjectId: node.subjectId, nodes: count().as("nodes") })
    .from(node)
    .groupBy(node.subjectId)
    .as("nodes");
  const rows = await tx
    .select({
      number: subject.number,
      status: subject.status,
      screenedAt: subject.createdAt,
      sex: currentBaseline.sex,
      ageYears: currentBaseline.ageYears,
      tStage: currentBaseline.tStage,
      nodes: nodes.nodes,
    })
    .from(subject)
    .leftJoin(
      currentBaseline,
      and(eq(currentBaseline.subjectId, subject.id), eq(currentBaseline.studyId, subject.studyId)),
    )
    .leftJoin(nodes, eq(nodes.subjectId, subject.id))
    .where(and(eq(subject.studyId, actor.studyId), options.number ? eq(subject.number, options.number) : undefined))
    .orderBy(asc(subject.number));
  return rows.map((row) => ({ ...row, nodes: row.nodes ?? 0 }));
}

/** One subject with its screenings, consent and exam; never who it is. */
export async function subjectByNumber(tx: Tx, actor: StudyActor, options: { number: string }): Promise<SubjectDetail> {
  const found = await findSubject(tx, actor, options);
  const { document } = await studyProtocol(tx, actor);
  const [summary] = await listSubjects(tx, actor, options);
  const assessments = await tx
    .select({
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
    .where(eq(eligibilityAssessment.subjectId, found.id))
    .orderBy(desc(eligibilityAssessment.assessedAt));
  const [signed] = await tx
    .select()
    .from(consent)
    .where(eq(consent.subjectId, found.id))
    .orderBy(desc(consent.recordedAt))
    .limit(1);
  // The PI sees the exam only after the lock; then there is simply none here.
  const [scanned] = await tx
    .select()
    .from(exam)
    .where(eq(exam.subjectId, found.id))
    .orderBy(desc(exam.recordedAt))
    .limit(1);
  return subjectDetail.parse({
    ...summary,
    criteria: document.criteria,
    tStages: tStagesOf(document),
    assessments: assessments.map((each) => ({ ...each, by: each.by ?? "unknown" })),
    consent: signed ?? null,
    exam: scanned ?? null,
  });
}

/** Who a subject is; that somebody looked is written down. */
export async function viewIdentity(tx: Tx, actor: StudyActor, options: { number: string }) {
  const found = await findSubject(tx, actor, options);
  const [identity] = await tx
    .select({ name: subjectIdentity.name, hospitalNumber: subjectIdentity.hospitalNumber })
    .from(subjectIdentity)
    .where(eq(subjectIdentity.subjectId, found.id));
  if (!identity) throw new AppError("not_found", { key: "errors.identity_unknown", values: { subject: found.number } });
  await record(tx, "identity.viewed", { entity: "subject", entityId: found.number });
  return identity;
}
