import { markBeyondPlan } from "@/core/stats/comparison/beyond-plan";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { type AnalysisJob, type StoredComparison, storedComparison } from "@/server/schemas/analysis";
import { findAnalysis } from "@/server/services/computation/find-analysis";
import { comparisonQuestion } from "./comparison-question";

/**
 * The comparison as it was computed, with the marks of what is beyond the plan, or how far it is. No read is loaded.
 * @param options.runId another run than the newest that speaks for the network
 * @returns `job` null: nobody has asked for it yet; `stored` null: it is not there yet
 * @throws AppError "not_found" when `runId` names no finished run, "conflict" when it names a control on exchanged labels
 */
export async function findComparison(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<{ job: AnalysisJob | null; stored: StoredComparison | null }> {
  const { question, labels } = await comparisonQuestion(tx, actor, options);
  const { job, stored: row } = await findAnalysis(tx, question);
  if (!row) return { job, stored: null };
  const { result: comparison, ...about } = row;
  const stored = storedComparison.parse({ comparison, ...about, methods: question.methods });
  // The numbers are stored once; the protocol's words come in the language of whoever looks.
  const { conditions, ruleSets, factors } = stored.comparison.about;
  for (const condition of conditions) condition.label = labels.conditions.get(condition.key) ?? condition.label;
  for (const ruleSet of ruleSets) ruleSet.title = labels.ruleSets.get(ruleSet.key) ?? ruleSet.title;
  for (const factor of factors) {
    factor.label = labels.factors.get(factor.key) ?? factor.label;
    for (const level of factor.levels) level.label = labels.levels.get(factor.key)?.get(level.key) ?? level.label;
  }
  return { job, stored: { ...stored, comparison: markBeyondPlan(stored.comparison) } };
}
