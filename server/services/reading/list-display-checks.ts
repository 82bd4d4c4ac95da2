import { desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { displayCheck, membership } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { mostDisplayChecks } from "@/server/schemas/reading";

/** What came of looking at the readers' screens, the newest first: of more than `mostDisplayChecks` the newest of these. */
export async function listDisplayChecks(tx: Tx, actor: StudyActor) {
  const rows = await tx
    .select({
      id: displayCheck.id,
      readerCode: membership.readerCode,
      checkedAt: displayCheck.checkedAt,
      passed: displayCheck.passed,
      dark: displayCheck.dark,
      bright: displayCheck.bright,
      width: displayCheck.width,
      height: displayCheck.height,
      pixelRatio: displayCheck.pixelRatio,
    })
    .from(displayCheck)
    .innerJoin(membership, eq(membership.id, displayCheck.membershipId))
    .where(eq(displayCheck.studyId, actor.studyId))
    .orderBy(desc(displayCheck.checkedAt), desc(displayCheck.id))
    .limit(mostDisplayChecks);
  return rows.map((row) => ({ ...row, readerCode: row.readerCode ?? "" }));
}
