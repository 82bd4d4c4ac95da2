import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { baseline, consent, exam, subject } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { EnrolInput } from "@/server/schemas/enrolment";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { tStagesOf } from "./baseline-columns";
import { findSubject } from "./find-subject";

/** Enrols an eligible subject with consent, sex, age, T stage and MRI exam, all at once. */
export async function enrolSubject(tx: Tx, actor: StudyActor, options: EnrolInput): Promise<void> {
  const found = await findSubject(tx, actor, options);
  if (found.status !== "eligible")
    throw new AppError("conflict", {
      key: "errors.not_eligible",
      values: { subject: found.number, status: found.status },
    });
  const { document } = await studyProtocol(tx, actor);
  const tStages = tStagesOf(document);
  if (tStages.length > 0 && !tStages.includes(options.tStage)) {
    throw new AppError("invalid", {
      key: "errors.t_stage_unknown",
      values: { stage: options.tStage, known: tStages.join(", ") },
    });
  }
  const of = { studyId: actor.studyId, subjectId: found.id };
  await tx.insert(consent).values({ ...of, signedOn: options.consentSignedOn, formVersion: options.consentVersion });
  await tx.insert(baseline).values({ ...of, sex: options.sex, ageYears: options.ageYears, tStage: options.tStage });
  await tx.insert(exam).values({ ...of, performedOn: options.examOn, scanner: options.scanner });
  await tx.update(subject).set({ status: "enrolled", enrolledAt: new Date() }).where(eq(subject.id, found.id));
  await record(tx, "subject.enrolled", { entity: "subject", entityId: found.number });
}
