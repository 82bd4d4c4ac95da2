import { compareNetworks } from "@/core/stats/comparison/networks";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { Run, RunComparison } from "@/server/schemas/model";
import { findRuns } from "./find-runs";
import { cautionsOf, scoredImages, withCautions } from "./judge-run";
import { resultOfRun } from "./run-result";

/**
 * Runs of one study beside each other, and every difference of AUC between two that are done: first less second, on the crops that both scored
 * out-of-fold, clustered by patient. P values are not adjusted; a caution counts them. A run that is not done has no result and no
 * difference.
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
    throw new AppError(
      "not_found",
      `There is no run ${unknown.join(", ")} in this study, or the database is not locked yet. Compare runs of one study.`,
    );
  const runs = ids.flatMap((id) => known.get(id) ?? []);
  const done = runs.filter(({ state }) => state === "done");
  const scores = await scoredImages(
    tx,
    actor,
    done.map(({ id }) => id),
  );
  const pairs = done.flatMap((first, i) => done.slice(i + 1).map((second): [Run, Run] => [first, second]));
  const several = pairs.length > 1 ? [`one of ${pairs.length} comparisons, P not adjusted`] : [];
  return {
    rows: runs.map((run) => {
      const images = scores.get(run.id);
      return { run, result: images ? resultOfRun(run, images) : null };
    }),
    differences: pairs.map(([first, second]) => {
      const compared = compareNetworks(scores.get(first.id) ?? [], scores.get(second.id) ?? []);
      const cautions = [...new Set([...cautionsOf(first), ...cautionsOf(second), ...several])];
      const difference = withCautions(compared.difference, cautions);
      return { first: first.id, second: second.id, n: compared.n, difference, p: compared.p };
    }),
  };
}
