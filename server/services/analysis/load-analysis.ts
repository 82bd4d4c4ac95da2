import type { Tx } from "@/db/actor";
import type { AnalysisQuestion } from "@/server/services/computation/analysis-question";
import { loadRuns } from "@/server/services/model/load-runs";
import { loadComparison } from "./load-comparison";

/** Everything that goes into the answer to a question, as plain values. @throws AppError as `loadComparison`, `loadRuns` */
export async function loadAnalysis(tx: Tx, { studyId, runId, runIds, protocolVersionId }: AnalysisQuestion) {
  return protocolVersionId === null
    ? { of: "runs" as const, input: await loadRuns(tx, { studyId }, { runIds }) }
    : { of: "comparison" as const, input: await loadComparison(tx, { studyId }, { runId, protocolVersionId }) };
}

export type AnalysisInput = Awaited<ReturnType<typeof loadAnalysis>>;
