import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { study } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** Says so before a long import begins; the database refuses the rows in any case. */
export async function refuseWhenLocked(tx: Tx, actor: StudyActor): Promise<void> {
  const [found] = await tx
    .select({ name: study.name, state: study.state })
    .from(study)
    .where(eq(study.id, actor.studyId));
  if (!found) throw new AppError("not_found", { key: "errors.study_unknown", values: { study: actor.studyId } });
  if (found.state === "locked")
    throw new AppError("locked", { key: "errors.study_locked_import", values: { study: found.name } });
}
