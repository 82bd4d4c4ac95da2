import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { analysisResult } from "@/db/schema";
import type { AnalysisJob } from "@/server/schemas/analysis";
import type { AnalysisQuestion } from "./analysis-question";
import { findAnalysisJob } from "./find-analysis-job";

export type StoredAnalysis = Pick<typeof analysisResult.$inferSelect, "result" | "inputSha256"> & { computedAt: Date };

/**
 * The numbers as they were computed, or how far they are. Nothing that goes into them is loaded.
 * @returns `job` null: nobody has asked for them yet; `stored` null: they are not there yet
 */
export async function findAnalysis(
  tx: Tx,
  question: AnalysisQuestion,
): Promise<{ job: AnalysisJob | null; stored: StoredAnalysis | null }> {
  const job = await findAnalysisJob(tx, question);
  if (job?.state !== "done") return { job, stored: null };
  const [stored] = await tx
    .select({
      result: analysisResult.result,
      inputSha256: analysisResult.inputSha256,
      computedAt: analysisResult.createdAt,
    })
    .from(analysisResult)
    .where(eq(analysisResult.analysisId, job.id));
  return { job, stored: stored ?? null };
}
