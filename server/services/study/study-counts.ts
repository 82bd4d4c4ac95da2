import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyCounts as counts, type MissingKey, missingKey } from "@/server/schemas/study";
import { studyProtocol } from "./study-protocol";

/**
 * Where a study stands before its lock.
 * @returns the counts of the study, and what is missing with how many (only what is above zero)
 * @throws AppError "forbidden" for a role that may not know the counts (a reader)
 */
export async function studyCounts(tx: Tx, actor: Pick<StudyActor, "studyId" | "locale">) {
  const { document } = await studyProtocol(tx, actor);
  const [row] = await tx.execute<{ counts: unknown }>(sql`select nw.study_counts(${document.planes.length}) as counts`);
  if (!row?.counts) throw new AppError("forbidden", { key: "errors.counts_hidden" });
  const found = counts.parse(row.counts);
  const missing: Record<MissingKey, number> = {
    nodesLackingCrops: found.nodesLackingCrops,
    nodesWithoutPathology: found.nodesWithoutPathology,
    // Without any schedule the reads come from outside, or there are none: then no crop waits to be scheduled.
    cropsUnscheduled: found.readsScheduled > 0 ? found.cropsUnscheduled : 0,
    readsOutstanding: found.readsScheduled - found.readsSubmitted,
  };
  return {
    counts: found,
    missing: missingKey.options.filter((key) => missing[key] > 0).map((key) => ({ key, count: missing[key] })),
  };
}
