import { and, asc, eq, gte, inArray, isNull } from "drizzle-orm";
import { regimen } from "@/core/protocol/regimen";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { datasetSnapshot, job, modelRun, runFold } from "@/db/schema";
import { type Choice, chooseDepths, type TunedFold } from "./choose-depths";

/**
 * The depths of a sweep, from the fewest frozen layers to the most, what each fold's tuning part said of them, and the depth of each fold that follows
 * from it, or why there is none yet.
 */
export async function findChosenDepths(tx: Tx, { studyId }: { studyId: string }, { sweepId }: { sweepId: string }) {
  const runs = await tx
    .select({ runId: modelRun.id, config: modelRun.config, state: job.state, folds: datasetSnapshot.folds })
    .from(modelRun)
    .innerJoin(job, eq(job.id, modelRun.id))
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, modelRun.snapshotId))
    .where(and(eq(modelRun.studyId, studyId), eq(modelRun.sweepId, sweepId), isNull(modelRun.companionOf)));
  const depths = runs
    .flatMap(({ config, ...run }) => {
      const parsed = regimen.parse(config);
      return parsed.trainable === "network" ? [{ ...run, frozen: parsed.frozen }] : [];
    })
    .sort((a, b) => a.frozen - b.frozen);
  const ids = depths.map(({ runId }) => runId);
  const tuned: TunedFold[] = await tx
    .select({ runId: runFold.runId, fold: runFold.fold, tuningAuc: runFold.tuningAuc })
    .from(runFold)
    .where(and(inArray(runFold.runId, ids), gte(runFold.fold, 0)))
    .orderBy(asc(runFold.fold));
  return { depths, tuned, choice: choiceAmong(depths, tuned) };
}

function choiceAmong(
  depths: readonly { runId: string; state: string; folds: number; frozen: number }[],
  tuned: readonly TunedFold[],
): Choice[] | { reason: Said } {
  const [first] = depths;
  if (!first) return { reason: { key: "model.reason.no_runs" } };
  const waiting = depths.filter(({ state }) => state !== "done");
  if (waiting.length === 0) return chooseDepths(depths, tuned, first.folds);
  const listed = waiting
    .map(({ state, frozen }): Said => ({ key: "model.depth_state", values: { frozen, state } }))
    .reduceRight((rest, first) => ({ key: "model.listed", values: { first, rest } }));
  return { reason: { key: "model.reason.depths_waiting", values: { depths: listed } } };
}
