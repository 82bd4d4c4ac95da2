import { eq } from "drizzle-orm";
import type { CriterionAnswer } from "@/core/eligibility/assess";
import type { Tx } from "@/db/actor";
import { subject } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findSubject } from "./find-subject";
import { assess, statusOf } from "./screen-subject";

/** A further assessment, e.g. when an unknown answer has come; the earlier ones stay. Not after enrolment. */
export async function reassessSubject(
  tx: Tx,
  actor: StudyActor,
  options: { number: string; answers: Record<string, CriterionAnswer> },
) {
  const found = await findSubject(tx, actor, options);
  if (found.status === "enrolled")
    throw new AppError("conflict", { key: "errors.screening_stands", values: { subject: found.number } });
  const { verdict } = await assess(tx, actor, { subjectId: found.id, answers: options.answers });
  await tx.update(subject).set({ status: statusOf[verdict] }).where(eq(subject.id, found.id));
  await record(tx, "subject.screened", { entity: "subject", entityId: found.number, detail: { verdict } });
  return { verdict };
}
