import { and, asc, count, desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { consentWithdrawal, currentBaseline, node, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { SubjectSummary } from "@/server/schemas/enrolment";

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
  const withdrawal = tx
    .selectDistinctOn([consentWithdrawal.subjectId], {
      subjectId: consentWithdrawal.subjectId,
      scope: consentWithdrawal.scope,
    })
    .from(consentWithdrawal)
    .orderBy(consentWithdrawal.subjectId, desc(consentWithdrawal.recordedAt))
    .as("withdrawal");
  const rows = await tx
    .select({
      id: subject.id,
      number: subject.number,
      status: subject.status,
      screenedAt: subject.createdAt,
      nodes: nodes.nodes,
      withdrawn: withdrawal.scope,
    })
    .from(subject)
    .leftJoin(nodes, eq(nodes.subjectId, subject.id))
    .leftJoin(withdrawal, eq(withdrawal.subjectId, subject.id))
    .where(and(eq(subject.studyId, actor.studyId), options.number ? eq(subject.number, options.number) : undefined))
    .orderBy(asc(subject.number));
  const recorded = await tx
    .select({ subjectId: currentBaseline.subjectId, key: currentBaseline.itemKey, value: currentBaseline.value })
    .from(currentBaseline)
    .innerJoin(subject, and(eq(subject.id, currentBaseline.subjectId), eq(subject.studyId, currentBaseline.studyId)))
    .where(and(eq(subject.studyId, actor.studyId), options.number ? eq(subject.number, options.number) : undefined));
  const values = new Map(rows.map(({ id }): [string, SubjectSummary["values"]] => [id, {}]));
  for (const { subjectId, key, value } of recorded) {
    const ofSubject = values.get(subjectId);
    if (ofSubject) ofSubject[key] = value;
  }
  return rows.map(({ id, ...row }) => ({ ...row, nodes: row.nodes ?? 0, values: values.get(id) ?? {} }));
}
