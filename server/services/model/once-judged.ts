import type { Tx } from "@/db/actor";
import { type StudyActor, withActor } from "@/server/door";
import type { PendingJudgement } from "@/server/schemas/model";
import { awaitAnalysis } from "@/server/services/computation/await-analysis";
import { requestJudgedRuns } from "./request-judged-runs";

/**
 * What `find` finds once every figure that it lacks is computed: for whoever cannot look at the progress. Waits between transactions.
 * @param wait until the analysis is done
 * @throws AppError as `find`, and as `awaitAnalysis` where nothing else waits
 */
export async function onceJudged<T extends { pending: PendingJudgement | null }>(
  actor: StudyActor,
  find: (tx: Tx) => Promise<T>,
  wait: (analysisId: string) => Promise<unknown> = (analysisId) => awaitAnalysis(actor, analysisId),
): Promise<T & { pending: null }> {
  for (;;) {
    const found = await withActor(actor, find);
    const { pending } = found;
    if (!pending) return { ...found, pending };
    const { analysisId } = await withActor(actor, (tx) => requestJudgedRuns(tx, actor, pending));
    await wait(analysisId);
  }
}
