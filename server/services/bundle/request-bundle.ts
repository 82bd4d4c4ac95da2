import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { bundle, job } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { queueJob, resumeJob } from "@/server/jobs";
import { comparisonQuestion } from "@/server/services/analysis/comparison-question";
import { findAnalysisJob } from "@/server/services/computation/find-analysis-job";
import { store } from "@/server/store";

/**
 * Has the data of the stored comparison made into one file by the worker, once. What is there or under way is not made again; what failed, was cancelled or
 * stands in no queue is taken up again, and so is one whose file is lost.
 * @param options.runId another run than the newest that speaks for the network
 * @returns the bundle, whose id is its job's
 * @throws AppError "unavailable" while the comparison is not there, and as `comparisonQuestion`
 */
export async function requestBundle(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<{ bundleId: string }> {
  await hold(tx, "analyses of a study", actor.studyId);
  const { question } = await comparisonQuestion(tx, actor, options);
  const analysed = await findAnalysisJob(tx, question);
  if (analysed?.state !== "done") throw new AppError("unavailable", { key: "errors.comparison_pending" });
  const queued = (id: string) =>
    record(tx, "bundle.queued", { entity: "bundle", entityId: id, detail: { analysis: analysed.id } });
  const [before] = await tx
    .select({ id: bundle.id, state: job.state, sha256: bundle.sha256 })
    .from(bundle)
    .innerJoin(job, eq(job.id, bundle.id))
    .where(eq(bundle.analysisId, analysed.id));
  if (before) {
    const isThere = before.state === "done" && before.sha256 !== null && (await store.has(before.sha256));
    if (!isThere && (await resumeJob(tx, actor, { kind: "bundle", jobId: before.id }))) await queued(before.id);
    return { bundleId: before.id };
  }
  const id = await queueJob(tx, actor, { kind: "bundle" });
  await tx.insert(bundle).values({ id, studyId: actor.studyId, analysisId: analysed.id });
  await queued(id);
  return { bundleId: id };
}
