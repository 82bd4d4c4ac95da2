import { eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { studyLock } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyCounts } from "@/server/services/study/study-counts";
import { studyProtocol } from "@/server/services/study/study-protocol";

/**
 * Locks the database of a study for good: after it nothing above the model changes, and the analysis opens.
 * What the study still lacks is counted in the lock's own transaction; the database keeps the counts with it, and notes
 * it with the hash of the protocol, whose plan of the analysis is signed by whoever locks.
 * @param options.reason why it is locked as it is; needed when something is missing
 * @param options.protocolSha256 of the protocol that whoever locks has seen
 * @throws AppError "locked" when it was locked before, "conflict" when another version of the protocol counts by now, or listing what is missing when no
 * reason is given
 */
export async function lockStudy(
  tx: Tx,
  actor: StudyActor,
  options: { reason?: string | undefined; protocolSha256?: string | undefined },
) {
  const reason = options.reason?.trim() || null;
  const [locking] = await tx.execute<{ locked: boolean }>(sql`select nw.lock_study(${reason}) as locked`);
  if (!locking?.locked) throw new AppError("locked", { key: "errors.study_locked_already" });
  const { version, sha256 } = await studyProtocol(tx, actor);
  if (options.protocolSha256 !== undefined && options.protocolSha256 !== sha256)
    throw new AppError("conflict", { key: "errors.plan_changed", values: { version } });
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
