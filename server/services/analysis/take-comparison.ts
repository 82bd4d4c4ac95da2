import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { StoredComparison } from "@/server/schemas/analysis";
import { findComparison } from "./find-comparison";

/**
 * The comparison as it was computed, for files, noted as taken: with the protocol's words in English, whoever fetches them.
 * @throws AppError "unavailable" while it is not there, and as `findComparison`
 */
export async function takeComparison(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<StoredComparison> {
  const { stored } = await findComparison(tx, { ...actor, locale: "en" }, options);
  if (!stored) throw new AppError("unavailable", { key: "errors.comparison_pending" });
  await record(tx, "analysis.exported", { entity: "comparison", detail: { input: stored.inputSha256 } });
  return stored;
}
