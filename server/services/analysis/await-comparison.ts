import { type StudyActor, withActor } from "@/server/door";
import type { StoredComparison } from "@/server/schemas/analysis";
import { awaitAnalysis } from "@/server/services/computation/await-analysis";
import { requestComparison } from "./request-comparison";
import { storedComparisonOf } from "./stored-comparison-of";

/**
 * The stored comparison, for whoever cannot look at its progress: has it computed where it is not there, and waits for it.
 * @throws AppError "unavailable" when it failed or takes longer than a minute, and as `requestComparison`
 */
export async function awaitComparison(
  actor: StudyActor,
  options: { runId?: string | undefined },
): Promise<StoredComparison> {
  const { analysisId } = await withActor(actor, (tx) => requestComparison(tx, actor, options));
  await awaitAnalysis(actor, analysisId);
  return withActor(actor, (tx) => storedComparisonOf(tx, actor, options));
}
