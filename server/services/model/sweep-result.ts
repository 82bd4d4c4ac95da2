import { and, asc, eq, gte, inArray } from "drizzle-orm";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { datasetSnapshot, freezeSweep, person, runFold } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { Run, SweepResult } from "@/server/schemas/model";
import { cautionsOf, withCautions } from "./cautions";
import { chooseDepths, type TunedFold } from "./choose-depths";
import { findRuns } from "./find-runs";
import { resultOf } from "./judge-run";
import { resultOfRun } from "./run-result";
import { type JudgedImage, scoredImages } from "./scored-images";

interface Depth {
  run: Run;
  frozen: number;
}

const pooled: Said = { key: "model.caution.pooled" };

/**
 * The runs of a sweep by depth with their figures, and the nested choice: in each fold the depth with the best AUC on the tuning part, whose
 * patients belong to the training side. Ties go to the depth that trains fewer layers. The scores of each fold then come from the run chosen
 * for it, with that fold's threshold, so that no image was used to choose the model that judged it. The best of the depths' own figures is
 * flattered by the choice; the nested one is not. Its AUC ranks scores of models of different depths against each other, which can only
 * make sense as far as their scores lie at like heights: a caution says so.
 * @throws AppError "not_found" without such a sweep in the study
 */
export async function sweepResult(tx: Tx, actor: StudyActor, { sweepId }: { sweepId: string }): Promise<SweepResult> {
  const [sweep] = await tx
    .select({
      id: freezeSweep.id,
      createdAt: freezeSweep.createdAt,
      createdBy: person.name,
      snapshotSha256: datasetSnapshot.sha256,
    })
    .from(freezeSweep)
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, freezeSweep.snapshotId))
    .leftJoin(person, eq(person.id, freezeSweep.createdBy))
    .where(and(eq(freezeSweep.id, sweepId), eq(freezeSweep.studyId, actor.studyId)));
  if (!sweep) throw new AppError("not_found", { key: "errors.sweep_unknown", values: { sweep: sweepId } });
  const depths = (await findRuns(tx, actor, { sweepId }))
    .flatMap((run): Depth[] =>
      run.config.trainable === "network" && run.companionOf === null ? [{ run, frozen: run.config.frozen }] : [],
    )
    .sort((a, b) => a.frozen - b.frozen);
  const ids = depths.map(({ run }) => run.id);
  const scores = await scoredImages(
    tx,
    actor,
    depths.filter(({ run }) => run.state === "done").map(({ run }) => run.id),
  );
  const tuned: TunedFold[] =
    ids.length === 0
      ? []
      : await tx
          .select({ runId: runFold.runId, fold: runFold.fold, tuningAuc: runFold.tuningAuc })
          .from(runFold)
          .where(and(inArray(runFold.runId, ids), gte(runFold.fold, 0)))
          .orderBy(asc(runFold.fold));
  const nested = nestedOf(depths, tuned, scores);
  return {
    ...sweep,
    createdBy: sweep.createdBy ?? "unknown",
    depths: depths.map(({ run }) => ({
      run,
      result: run.state === "done" ? resultOfRun(run, scores.get(run.id) ?? []) : null,
      tuningAuc: meanTuningAuc(run, tuned),
    })),
    nested: "reason" in nested ? null : nested,
    nestedReason: "reason" in nested ? nested.reason : null,
  };
}

/** Null while a fold has none: a mean over other folds would not compare. */
function meanTuningAuc(run: Run, tuned: readonly TunedFold[]): number | null {
  const own = tuned.flatMap(({ runId, tuningAuc }) => (runId === run.id && tuningAuc !== null ? [tuningAuc] : []));
  return own.length === run.folds ? own.reduce((sum, auc) => sum + auc, 0) / own.length : null;
}

function nestedOf(
  depths: readonly Depth[],
  tuned: readonly TunedFold[],
  scores: ReadonlyMap<string, readonly JudgedImage[]>,
): NonNullable<SweepResult["nested"]> | { reason: Said } {
  const waiting = depths.filter(({ run }) => run.state !== "done");
  const [first] = depths;
  if (!first) return { reason: { key: "model.reason.no_runs" } };
  if (waiting.length > 0) {
    const depths = waiting
      .map(({ run, frozen }): Said => ({ key: "model.depth_state", values: { frozen, state: run.state } }))
      .reduceRight((rest, first) => ({ key: "model.listed", values: { first, rest } }));
    return { reason: { key: "model.reason.depths_waiting", values: { depths } } };
  }
  const choices = chooseDepths(
    depths.map(({ run, frozen }) => ({ runId: run.id, frozen })),
    tuned,
    first.run.folds,
  );
  if ("reason" in choices) return choices;
  const images = choices.flatMap(({ runId, fold }) => (scores.get(runId) ?? []).filter((image) => image.fold === fold));
  const result = resultOf(images, cautionsOf(first.run));
  const mixed = new Set(choices.map(({ runId }) => runId)).size > 1;
  return {
    chosen: choices.map(({ fold, frozen, tuningAuc }) => ({ fold, frozen, tuningAuc })),
    result: mixed ? { ...result, auc: withCautions(result.auc, [pooled]) } : result,
  };
}
