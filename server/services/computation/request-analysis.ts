import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { analysis } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { queueJob, resumeJob } from "@/server/jobs";
import type { AnalysisQuestion } from "./analysis-question";
import { findAnalysisJob } from "./find-analysis-job";

/**
 * Has numbers computed by the worker. What is there or under way is not computed again; what failed, was cancelled or stands in no queue is taken up
 * again.
 * @param refuse throws when the question has no answer; called before a new one is queued
 * @returns the analysis, whose id is its job's
 */
export async function requestAnalysis(
  tx: Tx,
  actor: StudyActor,
  question: AnalysisQuestion,
  refuse: () => Promise<void>,
): Promise<{ analysisId: string }> {
  await hold(tx, "analyses of a study", actor.studyId);
  const { runId, protocolVersionId, runIds, methods } = question;
  const about = protocolVersionId === null ? { runs: runIds } : { run: runId, protocolVersion: protocolVersionId };
  const queued = (id: string) =>
    record(tx, "analysis.queued", { entity: "analysis", entityId: id, detail: { ...about, methods } });
  const before = await findAnalysisJob(tx, question);
  if (before) {
    if (await resumeJob(tx, actor, { kind: "analyse", jobId: before.id })) await queued(before.id);
    return { analysisId: before.id };
  }
  await refuse();
  const id = await queueJob(tx, actor, { kind: "analyse" });
  await tx.insert(analysis).values({ id, ...question });
  await queued(id);
  return { analysisId: id };
}
