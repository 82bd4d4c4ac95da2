import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { site } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * Says in which time zone a site is, so that its "today" is its own day. What was recorded before stays as it is.
 * @throws AppError "not_found" without such a site in the study
 */
export async function setTimeZone(
  tx: Tx,
  actor: StudyActor,
  { siteId, timeZone }: { siteId: string; timeZone: string },
): Promise<void> {
  const one = and(eq(site.id, siteId), eq(site.studyId, actor.studyId));
  const [before] = await tx.select({ name: site.name, timeZone: site.timeZone }).from(site).where(one).for("update");
  if (!before) throw new AppError("not_found", { key: "errors.site_unknown" });
  if (before.timeZone === timeZone) return;
  await tx.update(site).set({ timeZone }).where(one);
  await record(tx, "site.time_zone_set", {
    entity: "site",
    entityId: before.name,
    detail: { from: before.timeZone, to: timeZone },
  });
}
