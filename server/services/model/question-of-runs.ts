import type { Tx } from "@/db/actor";
import type { AnalysisQuestion } from "@/server/services/computation/analysis-question";
import { currentMethods } from "@/server/services/computation/current-methods";

/** What runs are asked about, in this order: first less second. */
export async function questionOfRuns(
  tx: Tx,
  { studyId }: { studyId: string },
  runIds: readonly string[],
): Promise<AnalysisQuestion> {
  const methods = await currentMethods(tx, { studyId });
  return { studyId, runId: null, protocolVersionId: null, runIds: [...runIds], methods };
}
