import { asc, eq } from "drizzle-orm";
import { lookAlikes } from "@/core/ids";
import type { Tx } from "@/db/actor";
import { subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** Pairs of subjects whose numbers look alike: after the lock nobody can set right what is one patient. */
export async function subjectsAlike(tx: Tx, actor: StudyActor): Promise<[string, string][]> {
  const subjects = await tx
    .select({ number: subject.number })
    .from(subject)
    .where(eq(subject.studyId, actor.studyId))
    .orderBy(asc(subject.createdAt), asc(subject.number));
  return lookAlikes(subjects.map(({ number }) => number));
}
