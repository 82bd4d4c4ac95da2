import { eq } from "drizzle-orm";
import { missingItems } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { consent, exam, subject } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { EnrolInput } from "@/server/schemas/enrolment";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { findSubject } from "./find-subject";
import { writeValues } from "./record-values";
import { currentExam, recordedValues } from "./subject-values";

const why = {
  screening: "its screening is not decided",
  screen_failure: "it failed screening",
  enrolled: "it is enrolled already",
} as const;

/** Enrols an eligible subject with consent, MRI exam and every item that the protocol requires, all at once. */
export async function enrolSubject(tx: Tx, actor: StudyActor, options: EnrolInput): Promise<void> {
  await hold(tx, "records of a study", actor.studyId);
  const found = await findSubject(tx, actor, options);
  if (found.status !== "eligible")
    throw new AppError("conflict", `${found.number} cannot be enrolled: ${why[found.status]}. Nothing was saved.`);
  const { document } = await studyProtocol(tx, actor);
  const of = { studyId: actor.studyId, subjectId: found.id };
  await writeValues(tx, actor, { subjectId: found.id, values: options.values, reason: null, enrolled: true });
  const missing = missingItems(document.baseline.items, await recordedValues(tx, of));
  if (missing.length > 0)
    throw new AppError(
      "invalid",
      "The protocol requires more of a subject that is enrolled. Nothing was saved.",
      missing.map(({ label }) => `${label}: is missing; record it`),
    );
  await tx.insert(consent).values({ ...of, signedOn: options.consentSignedOn, formVersion: options.consentVersion });
  const scanned = await currentExam(tx, of);
  if (scanned?.performedOn !== options.examOn || scanned.scanner !== options.scanner)
    await tx.insert(exam).values({ ...of, performedOn: options.examOn, scanner: options.scanner });
  await tx.update(subject).set({ status: "enrolled", enrolledAt: new Date() }).where(eq(subject.id, found.id));
  await record(tx, "subject.enrolled", { entity: "subject", entityId: found.number });
}
