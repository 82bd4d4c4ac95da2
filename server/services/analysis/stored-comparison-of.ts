import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { StoredComparison } from "@/server/schemas/analysis";
import { findComparison } from "./find-comparison";

/**
 * The comparison as it was computed, for files: with the protocol's words in English, whoever fetches them.
 * @throws AppError "unavailable" while it is not there, and as `findComparison`
 */
export async function storedComparisonOf(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<StoredComparison> {
  const { stored } = await findComparison(tx, { ...actor, locale: "en" }, options);
  if (stored) return stored;
  throw new AppError("unavailable", { key: "errors.comparison_pending" });
}
