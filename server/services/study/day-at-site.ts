import { and, eq } from "drizzle-orm";
import { today } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { site } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** The day it is at the actor's site, or at the only one of the study, yyyy-mm-dd; at a site without a time zone, and between several: the server's. */
export async function dayAtSite(tx: Tx, actor: StudyActor): Promise<string> {
  const zones = await tx
    .select({ timeZone: site.timeZone })
    .from(site)
    .where(and(eq(site.studyId, actor.studyId), actor.siteId === null ? undefined : eq(site.id, actor.siteId)));
  const [only] = zones;
  return today((zones.length === 1 && only?.timeZone) || undefined);
}
