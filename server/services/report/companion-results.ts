import { and, asc, eq } from "drizzle-orm";
import { regimen } from "@/core/protocol/regimen";
import type { ReportRecords } from "@/core/report/records";
import type { Tx } from "@/db/actor";
import { job, modelRun } from "@/db/schema";
import { judgedRuns } from "@/server/schemas/model";
import { findAnalysis } from "@/server/services/computation/find-analysis";
import { questionOfRuns } from "@/server/services/model/question-of-runs";

/**
 * What the companions of the compared run are worth, as far as it was computed: the control that learned exchanged labels, and the baseline that knows the
 * size alone.
 */
export async function companionResults(
  tx: Tx,
  actor: { studyId: string },
  { runId }: { runId: string | null },
): Promise<ReportRecords["companions"]> {
  if (runId === null) return [];
  const companions = await tx
    .select({ id: modelRun.id, config: modelRun.config })
    .from(modelRun)
    .innerJoin(job, eq(job.id, modelRun.id))
    .where(and(eq(modelRun.studyId, actor.studyId), eq(modelRun.companionOf, runId), eq(job.state, "done")))
    .orderBy(asc(job.endedAt), asc(modelRun.id));
  const found: ReportRecords["companions"] = [];
  for (const { id, config } of companions) {
    const { shuffledLabels, trainable } = regimen.parse(config);
    const { stored } = await findAnalysis(tx, await questionOfRuns(tx, actor, [id]));
    const auc = stored && judgedRuns.parse(stored.result).results[0]?.result.auc;
    if (auc?.estimate === null || !auc) continue;
    if (shuffledLabels) found.push({ kind: "control", run: id, auc });
    else if (trainable === "baseline") found.push({ kind: "sizes", run: id, auc });
  }
  return found;
}
