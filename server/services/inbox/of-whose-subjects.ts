import { eq } from "drizzle-orm";
import { site } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";

/** For whose subjects images of a site are: the site's; in a study of one site, where whoever screens may be of every site and subjects are of none, the study's. Manages its own transaction. */
export async function ofWhoseSubjects(actor: StudyActor & { siteId: string }): Promise<StudyActor> {
  const sites = await withActor(actor, (tx) =>
    tx.select({ id: site.id }).from(site).where(eq(site.studyId, actor.studyId)).limit(2),
  );
  return sites.length === 1 ? { ...actor, siteId: null } : actor;
}
