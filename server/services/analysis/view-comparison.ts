import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { findComparison } from "./find-comparison";

/** As `findComparison`, for the eyes of a person: each look at numbers that are there is written down. */
export async function viewComparison(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined },
): ReturnType<typeof findComparison> {
  const found = await findComparison(tx, actor, options);
  if (found.stored)
    await record(tx, "analysis.viewed", { entity: "comparison", detail: { input: found.stored.inputSha256 } });
  return found;
}
