import { asc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { site } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** The sites of a study, by name. */
export async function listSites(tx: Tx, actor: StudyActor) {
  return tx
    .select({ id: site.id, name: site.name, timeZone: site.timeZone })
    .from(site)
    .where(eq(site.studyId, actor.studyId))
    .orderBy(asc(site.name));
}
