import { eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { studyLock } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyCounts } from "@/server/services/study/study-counts";

/**
 * Locks the database of a study for good: after it nothing above the model changes, and the analysis opens.
 * What the study still lacks is counted in the lock's own transaction; the database keeps the counts with it, and notes it.
 * @param options.reason why it is locked as it is; needed when something is missing
 * @throws AppError "locked" when it was locked before, "conflict" listing what is missing when no reason is given
 */
export async function lockStudy(tx: Tx, actor: StudyActor, options: { reason?: string | undefined }) {
  const reason = options.reason?.trim() || null;
  const [locking] = await tx.execute<{ locked: boolean }>(sql`select nw.lock_study(${reason}) as locked`);
  if (!locking?.locked) throw new AppError("locked", { key: "errors.study_locked_already" });
  const { counts, missing } = await studyCounts(tx, actor);
  if (missing.length > 0 && !reason) {
    throw new AppError(
      "conflict",
      { key: "errors.study_incomplete" },
      missing.map(({ key, count }) => ({ key: `errors.missing.${key}`, values: { count } })),
    );
  }
  const [row] = await tx
    .select({ lockedAt: studyLock.lockedAt })
    .from(studyLock)
    .where(eq(studyLock.studyId, actor.studyId));
  return { lockedAt: row?.lockedAt ?? new Date(), counts, missing };
}
