import { isDeepStrictEqual } from "node:util";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { Run, RunComparison } from "@/server/schemas/model";
import { cautionsOf, withCautions } from "./cautions";
import { differenceOfRuns } from "./difference-of-runs";
import { findRuns } from "./find-runs";
import { resultOfRun } from "./run-result";
import { scoredImages } from "./scored-images";

/**
 * Runs of one study beside each other, and every difference of AUC between two that are done: first less second, on the crops that both scored
 * out-of-fold, clustered by patient; where the two are judged by different truths, the reason why there is none. P values are not adjusted; a
 * caution counts them. A run that is not done has no result and no difference.
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
  const done = runs.filter(({ state }) => state === "done");
  const scores = await scoredImages(
    tx,
    actor,
    done.map(({ id }) => id),
  );
  const pairs = done.flatMap((first, i) => done.slice(i + 1).map((second): [Run, Run] => [first, second]));
  const judged = (run: Run) => ({ run, images: scores.get(run.id) ?? [] });
  const compared = pairs.map(([first, second]) => ({
    first,
    second,
    ...differenceOfRuns(judged(first), judged(second)),
  }));
  const tested = compared.filter(({ p }) => p !== null).length;
  const several: Said[] = tested > 1 ? [{ key: "model.caution.one_of_several", values: { tested } }] : [];
  return {
    rows: runs.map((run) => {
      const images = scores.get(run.id);
      return { run, result: images ? resultOfRun(run, images) : null };
    }),
    differences: compared.map(({ first, second, n, difference, p }) => {
      const own = cautionsOf(first);
      const others = cautionsOf(second).filter((caution) => !own.some((each) => isDeepStrictEqual(each, caution)));
      const cautions = [...own, ...others, ...several];
      return { first: first.id, second: second.id, n, difference: withCautions(difference, cautions), p };
    }),
  };
}
