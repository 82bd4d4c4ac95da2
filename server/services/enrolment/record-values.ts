import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import type { GivenValues } from "@/server/schemas/enrolment";
import { checkDates } from "./check-dates";
import { findSubject } from "./find-subject";
import { writeValues } from "./write-values";

/**
 * Records values of a subject, all or none. What is recorded already and the same is passed over.
 * @param options.reason for corrections, which replace or withdraw a value, and for numbers outside the protocol's range. Kept with the value alone: it may say what was recorded, and
 * the trail is seen by those who may not see that
 * @throws AppError "invalid" naming every value that the protocol refuses, or a correction without a reason
 */
export async function recordValues(
  tx: Tx,
  actor: StudyActor,
  options: { number: string; values: GivenValues; reason: string | null },
): Promise<void> {
  await hold(tx, "records of a study", actor.studyId);
  const { id: subjectId, number, status } = await findSubject(tx, actor, options);
  const changed = await writeValues(tx, actor, { ...options, subjectId, enrolled: status === "enrolled" });
  if (changed.length === 0) return;
  await checkDates(tx, actor, { subjectId, items: changed, days: {}, reason: options.reason });
  await record(tx, "baseline.recorded", {
    entity: "subject",
    entityId: number,
    detail: { items: changed },
  });
}
