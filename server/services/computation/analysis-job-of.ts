import { fromStored } from "@/core/words/said";
import type { job } from "@/db/schema";
import { type AnalysisJob, analysisJob } from "@/server/schemas/analysis";

/** How far an analysis is, as its job's row says. */
export const analysisJobOf = (row: typeof job.$inferSelect): AnalysisJob =>
  analysisJob.parse({ ...row, error: row.error && fromStored(row.error) });
