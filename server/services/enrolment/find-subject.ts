import { and, desc, eq, inArray } from "drizzle-orm";
import { tidyId } from "@/core/ids";
import type { Tx } from "@/db/actor";
import { subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** A subject by number, however it is typed, also one that was kept before ids were tidied. @throws AppError "not_found" when there is none that this role can see */
export async function findSubject(tx: Tx, actor: StudyActor, { number }: { number: string }) {
  const [found] = await tx
    .select()
    .from(subject)
    .where(and(eq(subject.studyId, actor.studyId), inArray(subject.number, [number, tidyId(number)])))
    .orderBy(desc(eq(subject.number, number)))
    .limit(1);
  if (!found) throw new AppError("not_found", { key: "errors.subject_unknown", values: { subject: number } });
  return found;
}
