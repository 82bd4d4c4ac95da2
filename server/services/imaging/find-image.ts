import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { storedObject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** That this role may see a stored image: its row policy decides. @throws AppError "not_found" otherwise */
export async function findImage(tx: Tx, actor: StudyActor, { sha256 }: { sha256: string }): Promise<void> {
  const [found] = await tx
    .select({ sha256: storedObject.sha256 })
    .from(storedObject)
    .where(
      and(
        eq(storedObject.studyId, actor.studyId),
        eq(storedObject.sha256, sha256),
        eq(storedObject.mediaType, "image/png"),
      ),
    );
  if (!found) throw new AppError("not_found", "There is no such image in this study.");
}
