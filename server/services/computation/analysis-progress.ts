import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { job } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { AnalysisJob } from "@/server/schemas/analysis";
import { analysisJobOf } from "./analysis-job-of";

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
  return analysisJobOf(row);
}
