import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { AnalysisQuestion } from "@/server/services/computation/analysis-question";
import { currentMethods } from "@/server/services/computation/current-methods";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { networkRun } from "./network-run";

/**
 * What a comparison is asked for, and what the conditions are called in the language of whoever asks.
 * @param options.runId another run than the newest that speaks for the network
 * @throws AppError "not_found" when `runId` names no finished run, "conflict" when it names a control on exchanged labels
 */
export async function comparisonQuestion(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined },
): Promise<{ question: AnalysisQuestion & { protocolVersionId: string }; labels: Map<string, string> }> {
  const { id: protocolVersionId, document } = await studyProtocol(tx, actor);
  const run = await networkRun(tx, actor, options);
  return {
    question: {
      studyId: actor.studyId,
      runId: run?.id ?? null,
      protocolVersionId,
      runIds: [],
      methods: await currentMethods(tx, actor),
    },
    labels: new Map(document.conditions.map(({ key, label }) => [key, label])),
  };
}
