import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { type JudgedRuns, judgedRuns, type PendingJudgement } from "@/server/schemas/model";
import { findAnalysis } from "@/server/services/computation/find-analysis";
import { noteLook } from "./note-look";
import { questionOfRuns } from "./question-of-runs";

/**
 * What runs that are done are worth (`judgeRuns`), as it was computed; or, with no figure, what is to be computed first and how far it is. No score is
 * loaded. Figures come out here alone, so each look at them is written down here, whoever asks.
 */
export async function findJudgedRuns(
  tx: Tx,
  actor: StudyActor,
  runIds: readonly string[],
): Promise<JudgedRuns & { pending: PendingJudgement | null }> {
  const none = { results: [], differences: [], nested: null };
  if (runIds.length === 0) return { ...none, pending: null };
  const { job, stored } = await findAnalysis(tx, await questionOfRuns(tx, actor, runIds));
  if (!stored) return { ...none, pending: { runIds: [...runIds], job } };
  await noteLook(tx, runIds, stored.inputSha256);
  return { ...judgedRuns.parse(stored.result), pending: null };
}
