import { and, eq, sql } from "drizzle-orm";
import { methodsVersion } from "@/core/stats/methods-version";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { analysis, analysisResult, job } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type AnalysisJob, analysisJob, type StoredComparison, storedComparison } from "@/server/schemas/analysis";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { networkRun } from "./compare-study";

/** What a comparison is asked for: after the lock these four decide every number of it. */
export async function comparisonQuestion(tx: Tx, actor: StudyActor, options: { runId?: string | undefined }) {
  const { id: protocolVersionId } = await studyProtocol(tx, actor);
  const run = await networkRun(tx, actor, options);
  return { studyId: actor.studyId, runId: run?.id ?? null, protocolVersionId, methods: methodsVersion };
}

/** The conditions as the protocol calls them in the language of whoever reads; what is stored is in English. */
async function inLanguageOf(
  tx: Tx,
  actor: StudyActor,
  { stored, question }: { stored: StoredComparison; question: Question },
) {
  const { document } = await studyProtocol(tx, { ...actor, versionId: question.protocolVersionId });
  const labelOf = (key: string) => document.conditions.find((condition) => condition.key === key)?.label;
  const { comparison } = stored;
  const conditions = comparison.about.conditions.map((condition) => ({
    ...condition,
    label: labelOf(condition.key) ?? condition.label,
  }));
  return { ...stored, comparison: { ...comparison, about: { ...comparison.about, conditions } } };
}

type Question = Awaited<ReturnType<typeof comparisonQuestion>>;

const asked = ({ studyId, runId, protocolVersionId, methods }: Question) =>
  and(
    eq(analysis.studyId, studyId),
    sql`${analysis.runId} is not distinct from ${runId}`,
    eq(analysis.protocolVersionId, protocolVersionId),
    eq(analysis.methods, methods),
  );

const jobOf = (row: typeof job.$inferSelect): AnalysisJob =>
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
  const question = await comparisonQuestion(tx, actor, options);
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
  return { job, stored: await inLanguageOf(tx, actor, { stored, question }) };
}

/**
 * The comparison as it was computed.
 * @throws AppError "unavailable" while it is not there, and as `findComparison`
 */
export async function storedComparisonOf(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined } = {},
): Promise<StoredComparison> {
  const { stored } = await findComparison(tx, actor, options);
  if (stored) return stored;
  throw new AppError("unavailable", { key: "errors.comparison_pending" });
}

/**
 * How far the computation is.
 * @throws AppError "not_found" without such an analysis in the study
 */
export async function analysisProgress(
  tx: Tx,
  actor: StudyActor,
  { analysisId }: { analysisId: string },
): Promise<AnalysisJob> {
  const [row] = await tx
    .select()
    .from(job)
    .where(and(eq(job.id, analysisId), eq(job.studyId, actor.studyId), eq(job.kind, "analyse")));
  if (!row) throw new AppError("not_found", { key: "errors.analysis_unknown", values: { analysis: analysisId } });
  return jobOf(row);
}
