import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { exam, subject, subjectIdentity } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import type { CriteriaAnswers, GivenValues } from "@/server/schemas/enrolment";
import { assessSubject } from "./assess-subject";
import { checkDates } from "./check-dates";
import { statusOf } from "./status-of";
import { writeValues } from "./write-values";

/** The next free number of a study, "001", "002", ...; numbers that were imported are passed over. */
async function nextNumber(tx: Tx, actor: StudyActor): Promise<string> {
  // One at a time for each study, so that two coordinators never draw the same number.
  await hold(tx, "records of a study", actor.studyId);
  const taken = new Set(
    (await tx.execute<{ number: string }>(sql`select number from nw.subject_numbers()`)).map((row) => row.number),
  );
  for (let n = taken.size + 1; ; n++) {
    const number = String(n).padStart(3, "0");
    if (!taken.has(number)) return number;
  }
}

/**
 * Screens a patient: the next number, every answer, what is known already of items and exam, the verdict with its reasons. A failed screening is kept
 * and counted.
 * @returns the number, e.g. "014"
 * @throws DatabaseError NW004 when the hospital number is a subject's of this site already and no reason is given
 */
export async function screenSubject(
  tx: Tx,
  actor: StudyActor,
  options: CriteriaAnswers & {
    identity: { name: string; hospitalNumber: string; knownReason?: string | null | undefined } | null;
    values?: GivenValues;
    /** For numbers outside the protocol's range. */
    reason?: string | null;
    exam?: { performedOn: string; scanner: string } | null;
  },
) {
  const number = await nextNumber(tx, actor);
  const id = randomUUID();
  const of = { studyId: actor.studyId, subjectId: id };
  await tx.insert(subject).values({ id, studyId: actor.studyId, siteId: actor.siteId, number });
  await writeValues(tx, actor, {
    subjectId: id,
    values: options.values ?? {},
    reason: options.reason ?? null,
    enrolled: false,
  });
  if (options.exam) await tx.insert(exam).values({ ...of, ...options.exam });
  await checkDates(tx, actor, {
    subjectId: id,
    items: Object.keys(options.values ?? {}),
    days: options.exam ? { mri_date: options.exam.performedOn } : {},
    reason: null,
  });
  const { verdict } = await assessSubject(tx, actor, { ...options, subjectId: id });
  await tx
    .update(subject)
    .set({ status: statusOf(verdict) })
    .where(eq(subject.id, id));
  if (options.identity) {
    const { name, hospitalNumber, knownReason } = options.identity;
    await tx.insert(subjectIdentity).values({ ...of, name, hospitalNumber, knownReason: knownReason || null });
  }
  await record(tx, "subject.screened", { entity: "subject", entityId: number, detail: { verdict } });
  return { number, verdict };
}
