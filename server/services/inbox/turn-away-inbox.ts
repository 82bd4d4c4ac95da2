import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { inboxImage, inboxOutcome, inboxStudy, site } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * Turns away what waits, for a reason: whom it was of is forgotten, and its files are deleted.
 * @throws AppError "not_found" for what this role does not see, "conflict" where it was decided before
 */
export async function turnAwayInbox(
  tx: Tx,
  { studyId }: StudyActor,
  { inboxId, reason }: { inboxId: string; reason: string },
): Promise<void> {
  await hold(tx, "what waits", inboxId);
  const [found] = await tx
    .select({ site: site.name, decided: inboxOutcome.outcome })
    .from(inboxStudy)
    .innerJoin(site, eq(site.id, inboxStudy.siteId))
    .leftJoin(inboxOutcome, eq(inboxOutcome.inboxId, inboxStudy.id))
    .where(and(eq(inboxStudy.studyId, studyId), eq(inboxStudy.id, inboxId)));
  if (!found) throw new AppError("not_found", { key: "errors.inbox_unknown" });
  if (found.decided) throw new AppError("conflict", { key: "errors.inbox_decided" });
  const images = await tx.$count(inboxImage, and(eq(inboxImage.studyId, studyId), eq(inboxImage.inboxId, inboxId)));
  await tx.insert(inboxOutcome).values({ inboxId, studyId, outcome: "turned_away", reason });
  await record(tx, "inbox.turned_away", { entity: "site", entityId: found.site, reason, detail: { images } });
}
