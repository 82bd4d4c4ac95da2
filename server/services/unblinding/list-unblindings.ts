import { and, asc, desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership, person, study, subject, unblinding } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { Unblindings } from "@/server/schemas/unblinding";

/** Who was told what of whom before the lock, newest first, and the readers of the study. */
export async function listUnblindings(tx: Tx, actor: StudyActor): Promise<Unblindings> {
  const acts = await tx
    .select({
      id: unblinding.id,
      kind: unblinding.kind,
      subject: subject.number,
      reader: membership.readerCode,
      name: unblinding.toldName,
      told: unblinding.told,
      reason: unblinding.reason,
      at: unblinding.toldAt,
      by: person.name,
      recordedAt: unblinding.recordedAt,
    })
    .from(unblinding)
    .innerJoin(person, eq(person.id, unblinding.recordedBy))
    .leftJoin(subject, eq(subject.id, unblinding.subjectId))
    .leftJoin(membership, eq(membership.id, unblinding.membershipId))
    .where(eq(unblinding.studyId, actor.studyId))
    .orderBy(desc(unblinding.toldAt), desc(unblinding.recordedAt));
  const readers = await tx
    .selectDistinct({ code: membership.readerCode })
    .from(membership)
    .where(and(eq(membership.studyId, actor.studyId), eq(membership.role, "reader")))
    .orderBy(asc(membership.readerCode));
  const [state] = await tx.select({ state: study.state }).from(study).where(eq(study.id, actor.studyId));
  return {
    acts: acts.map(({ reader, name, ...act }) => ({ ...act, to: reader ?? name ?? "" })),
    readers: readers.flatMap(({ code }) => code ?? []),
    locked: state?.state === "locked",
  };
}
