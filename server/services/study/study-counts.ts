import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "./study-protocol";

const counts = z.object({
  screened: z.int(),
  screening: z.int(),
  screenFailures: z.int(),
  eligible: z.int(),
  enrolled: z.int(),
  enrolledWithoutNode: z.int(),
  nodes: z.int(),
  nodesExcluded: z.int(),
  nodesWithoutSize: z.int(),
  nodesLackingCrops: z.int(),
  crops: z.int(),
  cropsUnscheduled: z.int(),
  nodesWithoutPathology: z.int(),
  readsScheduled: z.int(),
  readsSubmitted: z.int(),
});

/** What keeps a study from being complete, in the order of the study. */
export const missingKeys = [
  "nodesLackingCrops",
  "nodesWithoutPathology",
  "cropsUnscheduled",
  "readsOutstanding",
] as const;
export type MissingKey = (typeof missingKeys)[number];

/**
 * Where a study stands before its lock.
 * @returns the counts of the study, and what is missing with how many (only what is above zero)
 * @throws AppError "forbidden" for a role that may not know the counts (a reader)
 */
export async function studyCounts(tx: Tx, actor: StudyActor) {
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
    missing: missingKeys.filter((key) => missing[key] > 0).map((key) => ({ key, count: missing[key] })),
  };
}
