import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { subject } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { CriteriaAnswers } from "@/server/schemas/enrolment";
import { assessSubject } from "./assess-subject";
import { findSubject } from "./find-subject";
import { statusOf } from "./status-of";

/** A further assessment, e.g. when an unknown answer has come or the record has changed; the earlier ones stay. Not after enrolment. */
export async function reassessSubject(tx: Tx, actor: StudyActor, options: CriteriaAnswers & { number: string }) {
  await hold(tx, "records of a study", actor.studyId);
  const found = await findSubject(tx, actor, options);
  if (found.status === "enrolled")
    throw new AppError("conflict", { key: "errors.screening_stands", values: { subject: found.number } });
  const { verdict } = await assessSubject(tx, actor, { ...options, subjectId: found.id });
  await tx
    .update(subject)
    .set({ status: statusOf(verdict) })
    .where(eq(subject.id, found.id));
  await record(tx, "subject.screened", { entity: "subject", entityId: found.number, detail: { verdict } });
  return { verdict };
}
