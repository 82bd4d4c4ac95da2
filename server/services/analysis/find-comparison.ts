import { and, eq, sql } from "drizzle-orm";
import { methodsVersion } from "@/core/stats/methods-version";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { analysis, analysisResult, job } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { type AnalysisJob, analysisJob, type StoredComparison, storedComparison } from "@/server/schemas/analysis";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { networkRun } from "./network-run";

/** What a comparison is asked for: after the lock these four decide every number of it. */
export async function comparisonQuestion(tx: Tx, actor: StudyActor, options: { runId?: string | undefined }) {
  const { id: protocolVersionId, document } = await studyProtocol(tx, actor);
  const run = await networkRun(tx, actor, options);
  const question = { studyId: actor.studyId, runId: run?.id ?? null, protocolVersionId, methods: methodsVersion };
  return { question, labels: new Map(document.conditions.map(({ key, label }) => [key, label])) };
}

type Question = Awaited<ReturnType<typeof comparisonQuestion>>["question"];

const asked = ({ studyId, runId, protocolVersionId, methods }: Question) =>
  and(
    eq(analysis.studyId, studyId),
    sql`${analysis.runId} is not distinct from ${runId}`,
    eq(analysis.protocolVersionId, protocolVersionId),
    eq(analysis.methods, methods),
  );

export const jobOf = (row: typeof job.$inferSelect): AnalysisJob =>
  analysisJob.parse({ ...row, error: row.error && fromStored(row.error) });

/** The job that computes it, or did; null when nobody has asked yet. */
export async function jobOfComparison(tx: Tx, question: Question): Promise<AnalysisJob | null> {
  const [row] = await tx.select({ job }).from(analysis).innerJoin(job, eq(job.id, analysis.id)).where(asked(question));
  return row ? jobOf(row.job) : null;
}

/**
 * The comparison as it was computed, or how far it is. No read is loaded.
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
  const job = await jobOfComparison(tx, question);
  if (job?.state !== "done") return { job, stored: null };
  const [row] = await tx
    .select({
      comparison: analysisResult.result,
      inputSha256: analysisResult.inputSha256,
      computedAt: analysisResult.createdAt,
    })
    .from(analysisResult)
    .where(eq(analysisResult.analysisId, job.id));
  const stored = storedComparison.parse({ ...row, methods: question.methods });
  // The numbers are stored once; the protocol's words come in the language of whoever looks.
  for (const condition of stored.comparison.about.conditions)
    condition.label = labels.get(condition.key) ?? condition.label;
  return { job, stored };
}
