import { eq } from "drizzle-orm";
import { missingItems, problemOfConsent } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { consent, exam, subject } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { EnrolInput } from "@/server/schemas/enrolment";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { checkDates } from "./check-dates";
import { currentExam } from "./current-exam";
import { findSubject } from "./find-subject";
import { ofItem } from "./of-item";
import { recordedValues } from "./recorded-values";
import { writeValues } from "./write-values";

/**
 * Enrols an eligible subject with consent, MRI exam and every item that the protocol requires, all at once.
 * @param options.reason for an MRI before the consent and numbers outside the protocol's range; kept with those
 */
export async function enrolSubject(
  tx: Tx,
  actor: StudyActor,
  options: Omit<EnrolInput, "reason"> & Partial<EnrolInput>,
): Promise<void> {
  const { reason = null } = options;
  await hold(tx, "records of a study", actor.studyId);
  const found = await findSubject(tx, actor, options);
  if (found.status !== "eligible")
    throw new AppError("conflict", {
      key: "errors.not_eligible",
      values: { subject: found.number, status: found.status },
    });
  const { document } = await studyProtocol(tx, actor);
  const of = { studyId: actor.studyId, subjectId: found.id };
  await writeValues(tx, actor, { subjectId: found.id, values: options.values, reason, enrolled: true });
  const missing = missingItems(document.baseline.items, await recordedValues(tx, of));
  if (missing.length > 0)
    throw new AppError(
      "invalid",
      { key: "errors.items_missing" },
      missing.map(({ label }) => ofItem(label, { key: "fields.item_missing" })),
    );
  await tx.insert(consent).values({
    ...of,
    signedOn: options.consentSignedOn,
    formVersion: options.consentVersion,
    reason: problemOfConsent(options) && reason,
  });
  const scanned = await currentExam(tx, of);
  if (scanned?.performedOn !== options.examOn || scanned.scanner !== options.scanner)
    await tx.insert(exam).values({ ...of, performedOn: options.examOn, scanner: options.scanner });
  await checkDates(tx, actor, {
    subjectId: found.id,
    items: Object.keys(options.values),
    days: { consent_date: options.consentSignedOn, mri_date: options.examOn },
    reason,
  });
  await tx.update(subject).set({ status: "enrolled", enrolledAt: new Date() }).where(eq(subject.id, found.id));
  await record(tx, "subject.enrolled", { entity: "subject", entityId: found.number });
}
