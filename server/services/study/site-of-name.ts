import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { site } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** The id of a site of the study by its name. @throws AppError "not_found" when the study has no such site */
export async function siteOfName(tx: Tx, { studyId }: StudyActor, { name }: { name: string }): Promise<string> {
  const [found] = await tx
    .select({ id: site.id })
    .from(site)
    .where(and(eq(site.studyId, studyId), eq(site.name, name)));
  if (!found) throw new AppError("not_found", { key: "errors.site_of_name_unknown", values: { site: name } });
  return found.id;
}
