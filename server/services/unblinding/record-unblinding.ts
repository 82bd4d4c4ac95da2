import { and, desc, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership, unblinding } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { RecordUnblinding } from "@/server/schemas/unblinding";
import { findSubject } from "@/server/services/enrolment/find-subject";

/**
 * Records that somebody was told before the lock what is hidden. A reader who was told goes on, and is told nothing by this; the reads made after it are flagged.
 * @throws AppError "not_found" for a patient or a reader whom the study has not, "invalid" for a time that is not past
 */
export async function recordUnblinding(
  tx: Tx,
  actor: StudyActor,
  { kind, subject, to, told, reason, at }: RecordUnblinding,
): Promise<void> {
  if (at > new Date()) throw new AppError("invalid", { key: "errors.unblinding_to_come" });
  const of = subject === null ? null : await findSubject(tx, actor, { number: subject });
  const reader = "reader" in to ? await readerOf(tx, actor, to.reader) : null;
  await tx.insert(unblinding).values({
    ...{ studyId: actor.studyId, kind, reason, toldAt: at, told: [...new Set(told)] },
    ...{ subjectId: of?.id ?? null, membershipId: reader, toldName: "name" in to ? to.name : null },
  });
  await record(tx, "unblinding.recorded", {
    ...(of ? { entity: "subject", entityId: of.number } : { entity: "study", entityId: actor.studyId }),
    reason,
    detail: { kind, told, at: at.toISOString(), to: "reader" in to ? to.reader : to.name },
  });
}

/** Who reads under a code: of one who left and came back the membership of now. */
async function readerOf(tx: Tx, actor: StudyActor, code: string): Promise<string> {
  const [found] = await tx
    .select({ id: membership.id })
    .from(membership)
    .where(and(eq(membership.studyId, actor.studyId), eq(membership.role, "reader"), eq(membership.readerCode, code)))
    .orderBy(desc(isNull(membership.endedAt)))
    .limit(1);
  if (!found) throw new AppError("not_found", { key: "errors.reader_unknown", values: { reader: code } });
  return found.id;
}
