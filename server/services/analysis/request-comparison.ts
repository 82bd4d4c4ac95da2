import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { analysis } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { queueJob, resumeJob } from "@/server/jobs";
import { labelledCrops } from "@/server/services/dataset/labelled-crops";
import { comparisonQuestion, jobOfComparison } from "./find-comparison";
import { nothingToCompare } from "./load-comparison";

/**
 * Has a comparison computed by the worker. One that is there or under way is not computed again; one that failed, was cancelled or
 * stands in no queue is taken up again.
 * @returns the analysis, whose id is its job's
 * @throws AppError "conflict" before the lock, when there is nothing to compare, or when `runId` names a control on exchanged labels,
 * "not_found" when it names no finished run
 */
export async function requestComparison(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<{ analysisId: string }> {
  await hold(tx, "comparisons of a study", actor.studyId);
  const { question } = await comparisonQuestion(tx, actor, options);
  const about = { run: question.runId, protocolVersion: question.protocolVersionId, methods: question.methods };
  const before = await jobOfComparison(tx, question);
  if (before) {
    if (await resumeJob(tx, actor, { kind: "analyse", jobId: before.id }))
      await record(tx, "analysis.queued", { entity: "analysis", entityId: before.id, detail: about });
    return { analysisId: before.id };
  }
  if ((await labelledCrops(tx, actor)).length === 0) throw nothingToCompare();
  const id = await queueJob(tx, actor, { kind: "analyse" });
  await tx.insert(analysis).values({ id, ...question });
  await record(tx, "analysis.queued", { entity: "analysis", entityId: id, detail: about });
  return { analysisId: id };
}
