import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";

/**
 * Notes that somebody looks at figures of runs, or at truths of a study. A page that stays open asks for them every few seconds, one of cases at each
 * turn of a page: to the same person the same figures are one look within a quarter of an hour.
 * @param seen ids of the runs, or the study
 * @param input SHA-256 of what went into the figures, or which cases they are; left out: what the run itself has said so far, or the study holds
 */
export async function noteLook(tx: Tx, seen: readonly string[] | { studyId: string }, input?: string): Promise<void> {
  const [entity, entityId] =
    "studyId" in seen ? (["study", seen.studyId] as const) : (["model_run", seen.join(" ")] as const);
  const [answer] = await tx.execute<{ looks: boolean }>(
    sql`select nw.looks_still(${entityId}, ${input ?? null}) as looks`,
  );
  if (answer?.looks) return;
  await record(tx, "figures.viewed", { entity, entityId, ...(input && { detail: { input } }) });
}
