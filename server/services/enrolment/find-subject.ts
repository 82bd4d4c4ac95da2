import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** A subject by number. @throws AppError "not_found" when there is none that this role can see */
export async function findSubject(tx: Tx, actor: StudyActor, { number }: { number: string }) {
  const [found] = await tx
    .select()
    .from(subject)
    .where(and(eq(subject.studyId, actor.studyId), eq(subject.number, number)));
  if (!found) throw new AppError("not_found", { key: "errors.subject_unknown", values: { subject: number } });
  return found;
}
