import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { assessEligibility, type CriterionAnswer } from "@/core/eligibility/assess";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { eligibilityAssessment, subject, subjectIdentity } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";

export const statusOf = { eligible: "eligible", ineligible: "screen_failure", undecided: "screening" } as const;

/** The verdict on a subject under the study's protocol, kept with the answers and the criteria that decided. */
export async function assess(
  tx: Tx,
  actor: StudyActor,
  options: { subjectId: string; answers: Record<string, CriterionAnswer> },
) {
  const protocol = await studyProtocol(tx, actor);
  const { criteria } = protocol.document;
  const unknown = Object.keys(options.answers).filter((key) => !criteria.some((criterion) => criterion.key === key));
  if (unknown.length > 0)
    throw new AppError("invalid", {
      key: "errors.protocol_criterion_unknown",
      values: { criterion: unknown[0] ?? "" },
    });
  const { verdict, reasons } = assessEligibility({ criteria, answers: options.answers });
  await tx.insert(eligibilityAssessment).values({
    studyId: actor.studyId,
    subjectId: options.subjectId,
    protocolVersionId: protocol.id,
    answers: options.answers,
    verdict,
    reasons,
  });
  return { verdict, reasons };
}

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
 * Screens a patient: the next number, every answer, the computed verdict with its reasons. A failed screening is kept and counted.
 * @returns the number, e.g. "014"
 */
export async function screenSubject(
  tx: Tx,
  actor: StudyActor,
  options: { identity: { name: string; hospitalNumber: string } | null; answers: Record<string, CriterionAnswer> },
) {
  const number = await nextNumber(tx, actor);
  const id = randomUUID();
  await tx.insert(subject).values({ id, studyId: actor.studyId, siteId: actor.siteId, number });
  const { verdict } = await assess(tx, actor, { subjectId: id, answers: options.answers });
  await tx.update(subject).set({ status: statusOf[verdict] }).where(eq(subject.id, id));
  if (options.identity)
    await tx.insert(subjectIdentity).values({ subjectId: id, studyId: actor.studyId, ...options.identity });
  await record(tx, "subject.screened", { entity: "subject", entityId: number, detail: { verdict } });
  return { number, verdict };
}
