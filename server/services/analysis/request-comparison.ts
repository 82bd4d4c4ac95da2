import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { requestAnalysis } from "@/server/services/computation/request-analysis";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { comparisonQuestion } from "./comparison-question";
import { nothingToCompare } from "./nothing-to-compare";

/**
 * Has a comparison computed by the worker, once (`requestAnalysis`).
 * @returns the analysis, whose id is its job's
 * @throws AppError "conflict" before the lock, when there is nothing to compare, or when `runId` names a control on exchanged labels,
 * "not_found" when it names no finished run
 */
export async function requestComparison(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<{ analysisId: string }> {
  const { question } = await comparisonQuestion(tx, actor, options);
  return requestAnalysis(tx, actor, question, async () => {
    if ((await findLabelledCrops(tx, actor)).length === 0) throw nothingToCompare();
  });
}
