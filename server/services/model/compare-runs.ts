import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { RunComparison } from "@/server/schemas/model";
import { findJudgedRuns } from "./find-judged-runs";
import { findRuns } from "./find-runs";

/**
 * Runs of one study beside each other, and every difference of AUC between two that are done: first less second, on the crops that both scored
 * out-of-fold, clustered by patient; where the two are judged by different truths, the reason why there is none. P values are not adjusted; a
 * caution counts them. A run that is not done has no result and no difference, and none has while they are to be computed.
 * @throws AppError "not_found" that names the runs that are not of this study
 */
export async function compareRuns(
  tx: Tx,
  actor: StudyActor,
  { runIds }: { runIds: readonly string[] },
): Promise<RunComparison> {
  const ids = [...new Set(runIds)];
  const known = new Map((await findRuns(tx, actor)).map((run) => [run.id, run]));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new AppError("not_found", { key: "errors.runs_unknown", values: { runs: unknown.join(", ") } });
  const runs = ids.flatMap((id) => known.get(id) ?? []);
  const done = runs.filter(({ state }) => state === "done").map(({ id }) => id);
  const { results, differences, pending } = await findJudgedRuns(tx, actor, done);
  const resultOf = new Map(results.map(({ runId, result }) => [runId, result]));
  return { rows: runs.map((run) => ({ run, result: resultOf.get(run.id) ?? null })), differences, pending };
}
