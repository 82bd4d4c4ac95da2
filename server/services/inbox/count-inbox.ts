import { and, count, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { inboxOutcome, inboxStudy } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** How many studies wait for their exam where this actor works; whose they are, nobody is told. */
export async function countInbox(tx: Tx, { studyId }: StudyActor): Promise<number> {
  const [open] = await tx
    .select({ studies: count() })
    .from(inboxStudy)
    .leftJoin(inboxOutcome, eq(inboxOutcome.inboxId, inboxStudy.id))
    .where(and(eq(inboxStudy.studyId, studyId), isNull(inboxOutcome.inboxId)));
  return open?.studies ?? 0;
}
