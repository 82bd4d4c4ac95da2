import { and, eq, inArray } from "drizzle-orm";
import { regimen } from "@/core/protocol/regimen";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { datasetItem, datasetSnapshot, modelRun } from "@/db/schema";
import { AppError } from "@/server/errors";
import { leakage } from "@/server/schemas/leakage";
import { cautionsOf } from "./cautions-of";
import { findChosenDepths } from "./find-chosen-depths";
import { type JudgedImage, scoredImages } from "./scored-images";

/**
 * Everything by which runs are judged, as plain values: the scores of each with truth and threshold, and what its figures must not be read without; of
 * a whole sweep also the scores of the depths chosen in each fold. Nothing of it changes once a run is done.
 * @throws AppError "not_found" when a run is not of this study
 */
export async function loadRuns(tx: Tx, { studyId }: { studyId: string }, { runIds }: { runIds: readonly string[] }) {
  const rows = await tx
    .select({
      id: modelRun.id,
      sweepId: modelRun.sweepId,
      config: modelRun.config,
      leakage: datasetSnapshot.leakage,
      lookAlikes: datasetSnapshot.lookAlikes,
      images: tx.$count(datasetItem, eq(datasetItem.snapshotId, modelRun.snapshotId)),
    })
    .from(modelRun)
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, modelRun.snapshotId))
    .where(and(eq(modelRun.studyId, studyId), inArray(modelRun.id, [...runIds])));
  const scores = await scoredImages(tx, { studyId }, runIds);
  const runs = runIds.map((id) => {
    const row = rows.find((each) => each.id === id);
    if (!row) throw new AppError("not_found", { key: "errors.run_unknown", values: { run: id } });
    const config = regimen.parse(row.config);
    const images = scores.get(id) ?? [];
    return {
      id,
      isControl: config.shuffledLabels,
      cautions: cautionsOf({
        config,
        leakage: leakage.nullable().parse(row.leakage),
        lookAlikes: row.lookAlikes,
      }),
      /** Images of its snapshot, scored or not. */
      of: row.images,
      images,
    };
  });
  return { runs, nested: await nestedOf(tx, { studyId }, { sweepIds: rows.map(({ sweepId }) => sweepId), runs }) };
}

export type RunsInput = Awaited<ReturnType<typeof loadRuns>>;

/** Null unless the runs are all depths of one sweep and each fold has its choice. */
async function nestedOf(
  tx: Tx,
  actor: { studyId: string },
  { sweepIds, runs }: { sweepIds: (string | null)[]; runs: { id: string; cautions: Said[]; images: JudgedImage[] }[] },
) {
  const [sweepId, ...others] = new Set(sweepIds);
  if (!sweepId || others.length > 0) return null;
  const { depths, choice } = await findChosenDepths(tx, actor, { sweepId });
  const byId = new Map(runs.map((run) => [run.id, run]));
  const first = byId.get(depths[0]?.runId ?? "");
  if (!first || "reason" in choice || !depths.every(({ runId }) => byId.has(runId))) return null;
  return {
    cautions: first.cautions,
    isMixed: new Set(choice.map(({ runId }) => runId)).size > 1,
    images: choice.flatMap(({ runId, fold }) => byId.get(runId)?.images.filter((image) => image.fold === fold) ?? []),
  };
}
