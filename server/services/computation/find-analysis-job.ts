import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { analysis, job } from "@/db/schema";
import type { AnalysisJob } from "@/server/schemas/analysis";
import { analysisJobOf } from "./analysis-job-of";
import type { AnalysisQuestion } from "./analysis-question";

/** The job that computes it, or did; null when nobody has asked yet. */
export async function findAnalysisJob(tx: Tx, question: AnalysisQuestion): Promise<AnalysisJob | null> {
  const [row] = await tx
    .select({ job })
    .from(analysis)
    .innerJoin(job, eq(job.id, analysis.id))
    .where(
      and(
        eq(analysis.studyId, question.studyId),
        sql`${analysis.runId} is not distinct from ${question.runId}`,
        sql`${analysis.protocolVersionId} is not distinct from ${question.protocolVersionId}`,
        eq(analysis.runIds, question.runIds),
        eq(analysis.methods, question.methods),
      ),
    );
  return row ? analysisJobOf(row.job) : null;
}
