import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { Run, RunResult } from "@/server/schemas/model";
import { cautionsOf } from "./cautions";
import { doneRun } from "./done-run";
import { resultOf } from "./judge-run";
import { type JudgedImage, scoredImages } from "./scored-images";

/**
 * The figures of a run that is done: its out-of-fold scores against the reference standard, clustered by patient as on the comparison page.
 * Each crop is called by the threshold of the fold that scored it, or by the regimen's where the folds have none.
 * @throws AppError "not_found" without such a run, "conflict" while it is not done
 */
export async function runResult(tx: Tx, actor: StudyActor, { runId }: { runId: string }): Promise<RunResult> {
  const run = await doneRun(tx, actor, runId);
  return resultOfRun(run, (await scoredImages(tx, actor, [run.id])).get(run.id) ?? []);
}

/** The same from scores that are there already. A run that lacks scores of its snapshot says so. */
export function resultOfRun(run: Run, images: readonly JudgedImage[]): RunResult {
  const missing = run.images - images.length;
  const lacking =
    missing > 0 ? [{ key: "model.caution.unscored", values: { missing, images: run.images } } satisfies Said] : [];
  return resultOf(images, [...cautionsOf(run), ...lacking]);
}
