import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";

/**
 * Notes that somebody looks at figures of runs. A page that stays open asks for them every few seconds: to the same person the same figures are one look
 * within a quarter of an hour.
 * @param input SHA-256 of what went into the figures; left out: what the run itself has said so far
 */
export async function noteLook(tx: Tx, runIds: readonly string[], input?: string): Promise<void> {
  const entityId = runIds.join(" ");
  const [answer] = await tx.execute<{ looks: boolean }>(
    sql`select nw.looks_still(${entityId}, ${input ?? null}) as looks`,
  );
  if (answer?.looks) return;
  await record(tx, "figures.viewed", { entity: "model_run", entityId, ...(input && { detail: { input } }) });
}
