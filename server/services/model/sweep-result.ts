import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { datasetSnapshot, freezeSweep, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { Run, SweepResult } from "@/server/schemas/model";
import type { TunedFold } from "./choose-depths";
import { findChosenDepths } from "./find-chosen-depths";
import { findJudgedRuns } from "./find-judged-runs";
import { findRuns } from "./find-runs";
import { noteLook } from "./note-look";

/**
 * The runs of a sweep by depth with their figures, and the nested choice: in each fold the depth with the best AUC on the tuning part, whose
 * patients belong to the training side. Ties go to the depth that trains fewer layers. The scores of each fold then come from the run chosen
 * for it, with that fold's threshold, so that no image was used to choose the model that judged it. The best of the depths' own figures is
 * flattered by the choice; the nested one is not. Its AUC ranks scores of models of different depths against each other, which can only
 * make sense as far as their scores lie at like heights: a caution says so. Figures are null while they are to be computed; the AUCs on the tuning parts are
 * there before, so a look at them is noted for itself.
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
  const runs = new Map((await findRuns(tx, actor, { sweepId })).map((run) => [run.id, run]));
  const { depths, tuned, choice } = await findChosenDepths(tx, actor, { sweepId });
  const done = depths.flatMap(({ runId, state }) => (state === "done" ? [runId] : []));
  const { results, nested, pending } = await findJudgedRuns(tx, actor, done);
  const resultOf = new Map(results.map(({ runId, result }) => [runId, result]));
  const rows = depths.flatMap(({ runId }) => {
    const run = runs.get(runId);
    return run ? [{ run, result: resultOf.get(runId) ?? null, tuningAuc: meanTuningAuc(run, tuned) }] : [];
  });
  const tunedRuns = rows.flatMap(({ run, tuningAuc }) => (tuningAuc === null ? [] : [run.id]));
  if (tunedRuns.length > 0) await noteLook(tx, tunedRuns);
  return {
    ...sweep,
    createdBy: sweep.createdBy,
    depths: rows,
    nested:
      "reason" in choice || !nested
        ? null
        : { chosen: choice.map(({ fold, frozen, tuningAuc }) => ({ fold, frozen, tuningAuc })), result: nested },
    nestedReason: "reason" in choice ? choice.reason : null,
    pending,
  };
}

/** Null while a fold has none: a mean over other folds would not compare. */
function meanTuningAuc(run: Run, tuned: readonly TunedFold[]): number | null {
  const own = tuned.flatMap(({ runId, tuningAuc }) => (runId === run.id && tuningAuc !== null ? [tuningAuc] : []));
  return own.length === run.folds ? own.reduce((sum, auc) => sum + auc, 0) / own.length : null;
}
