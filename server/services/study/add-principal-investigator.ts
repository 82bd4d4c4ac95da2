import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** Makes somebody with an account the study's principal investigator, so that a study of the command line shows in the browser. */
export async function addPrincipalInvestigator(tx: Tx, actor: StudyActor, options: { email: string }): Promise<void> {
  const [found] = await tx.execute<{ id: string }>(sql`select id from nw.person_by_email(${options.email})`);
  if (!found) throw new AppError("not_found", { key: "errors.account_unknown", values: { email: options.email } });
  await tx.insert(membership).values({ studyId: actor.studyId, personId: found.id, role: "principal_investigator" });
}
