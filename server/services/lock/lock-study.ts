import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { studyLock } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyCounts } from "@/server/services/study/study-counts";

/**
 * Locks the database of a study for good: after it nothing above the model changes, and the analysis opens.
 * What the study still lacks is counted in the lock's own transaction and kept with it.
 * @param options.reason why it is locked as it is; needed when something is missing
 * @throws AppError "locked" when it was locked before, "conflict" listing what is missing when no reason is given
 */
export async function lockStudy(tx: Tx, actor: StudyActor, options: { reason?: string }) {
  // The row lock comes before the count: a write under way ends first and is counted, a later one is refused.
  const [locking] = await tx.execute<{ locked: boolean }>(sql`select nw.lock_study() as locked`);
  if (!locking?.locked) throw new AppError("locked", { key: "errors.study_locked_already" });
  const { counts, missing } = await studyCounts(tx, actor);
  const reason = options.reason?.trim() || null;
  if (missing.length > 0 && !reason) {
    throw new AppError(
      "conflict",
      { key: "errors.study_incomplete" },
      missing.map(({ key, count }) => ({ key: `errors.missing.${key}`, values: { count } })),
    );
  }
  const [row] = await tx
    .insert(studyLock)
    .values({ studyId: actor.studyId, reason, counts: { ...counts, missing } })
    .returning({ lockedAt: studyLock.lockedAt });
  await record(tx, "study.locked", {
    entity: "study",
    entityId: actor.studyId,
    ...(reason ? { reason } : {}),
    detail: counts,
  });
  return { lockedAt: row?.lockedAt ?? new Date(), counts, missing };
}
