import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { type Regimen, regimen } from "@/core/protocol/regimen";
import { seededRandom, seedOf } from "@/core/random";
import { type Comparison, type ComparisonRow, compareReaders, network } from "@/core/stats/comparison/compare-readers";
import type { Estimate } from "@/core/stats/types";
import type { Tx } from "@/db/actor";
import { currentRead, datasetSnapshot, modelRun } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { leakage } from "@/server/schemas/leakage";
import { cautionsOf, type JudgedImage, scoredImages, withCautions } from "@/server/services/model/judge-run";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { labelledCrops } from "./labelled-crops";

/**
 * The run that speaks for the network: the newest finished one that is neither a companion of another (control, baseline) nor one depth of a
 * sweep, nor scores of a model trained elsewhere. Those are taken only when `runId` names them: a choice among several runs is the person's.
 * @throws AppError "not_found" when `runId` names no finished run of the study, "conflict" when it names a control on exchanged labels: these
 * are no truth to judge readers by, and the truth is none to judge the control by
 */
async function networkRun(tx: Tx, actor: StudyActor, { runId }: { runId?: string | undefined }) {
  const config = (key: string) => sql`${modelRun.config} ->> ${key}`;
  const [row] = await tx
    .select({
      id: modelRun.id,
      config: modelRun.config,
      endedAt: modelRun.endedAt,
      sweepId: modelRun.sweepId,
      companionOf: modelRun.companionOf,
      folds: datasetSnapshot.folds,
      leakage: datasetSnapshot.leakage,
    })
    .from(modelRun)
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, modelRun.snapshotId))
    .where(
      and(
        eq(modelRun.studyId, actor.studyId),
        eq(modelRun.state, "done"),
        ...(runId
          ? [eq(modelRun.id, runId)]
          : [
              isNull(modelRun.companionOf),
              isNull(modelRun.sweepId),
              sql`${config("trainable")} in ('head', 'network')`,
              sql`coalesce(${config("shuffledLabels")}, 'false') <> 'true'`,
              eq(datasetSnapshot.splitUnit, "patient"),
            ]),
      ),
    )
    .orderBy(desc(modelRun.endedAt))
    .limit(1);
  if (!row && runId)
    throw new AppError(
      "not_found",
      `There is no finished run ${runId} in this study. Choose one that is done, or leave the choice out.`,
    );
  if (!row) return null;
  const parsed = regimen.parse(row.config);
  if (parsed.shuffledLabels)
    throw new AppError(
      "conflict",
      `Run ${row.id} is a control: it learned exchanged labels and is judged by them, so it cannot speak for the network. Its figures stand on its own page and card. Choose the run that it belongs to, or leave the choice out.`,
    );
  const run = { ...row, config: parsed, leakage: leakage.nullable().parse(row.leakage) };
  const cautions = cautionsOf(run);
  if (row.sweepId) cautions.push("one depth of a freeze sweep: flattered if it was chosen by its figures");
  if (row.companionOf) cautions.push("a companion of another run, made to be compared with that");
  return { ...run, cautions };
}

/** Every crop with its out-of-fold score of the run that speaks for the network (or of `runId`); no scores when there is no such run. */
export async function scoredCrops(tx: Tx, actor: StudyActor, options: { runId?: string | undefined } = {}) {
  const run = await networkRun(tx, actor, options);
  const scores = run ? ((await scoredImages(tx, actor, [run.id])).get(run.id) ?? []) : [];
  return { run, scores };
}

/**
 * Readers against network on the same images: every number of the comparison page, computed in `core/stats` from the stored records.
 * @throws AppError "conflict" before the lock or when `runId` names a control on exchanged labels, "not_found" when it names no finished run
 */
export async function compareStudy(tx: Tx, actor: StudyActor, options: { runId?: string | undefined } = {}) {
  const { document, version, sha256 } = await studyProtocol(tx, actor);
  const crops = await labelledCrops(tx, actor);
  if (crops.length === 0) {
    throw new AppError(
      "conflict",
      "There is nothing to compare yet: the analysis opens when the database is locked and pathology has reported.",
    );
  }
  const known = new Set(crops.map((crop) => crop.cropId));
  const reads = await tx
    .select({
      reader: currentRead.readerCode,
      condition: currentRead.conditionKey,
      image: currentRead.cropId,
      call: currentRead.call,
      confidence: currentRead.confidence,
      source: currentRead.source,
    })
    .from(currentRead)
    .where(eq(currentRead.studyId, actor.studyId));
  const { run, scores } = await scoredCrops(tx, actor, options);
  const comparison = compareReaders({
    images: crops.map((crop) => ({
      id: crop.cropId,
      node: crop.nodeId,
      subject: crop.subjectId,
      plane: crop.plane,
      truth: crop.truth,
    })),
    reads: reads
      .filter((each) => known.has(each.image))
      .map((each) => ({ ...each, call: each.call === "positive" ? 1 : 0 })),
    scores: run
      ? scores.filter(({ id }) => known.has(id)).map(({ id, score, threshold }) => ({ image: id, score, threshold }))
      : null,
    threshold: run?.config.threshold ?? document.network.threshold,
    comparisons: document.analysis.comparisons,
    random: seededRandom(seedOf("comparison", actor.studyId)),
  });
  const readsFrom = Object.fromEntries(
    [...new Set(reads.map((each) => each.reader))].map((reader) => [
      reader,
      [...new Set(reads.filter((each) => each.reader === reader).map((each) => each.source))],
    ]),
  );
  return {
    ...withNetworkCautions(comparison, run?.cautions ?? []),
    about: {
      protocol: { key: document.key, version, sha256 },
      conditions: document.conditions.map(({ key, label, shows }) => ({ key, label, shows })),
      images: crops.length,
      nodes: new Set(crops.map((crop) => crop.nodeId)).size,
      patients: new Set(crops.map((crop) => crop.subjectId)).size,
      positiveImages: crops.filter((crop) => crop.truth === 1).length,
      run: run && {
        id: run.id,
        endedAt: run.endedAt,
        trainable: run.config.trainable,
        threshold: run.config.threshold,
        foldThresholds: thresholdsOf(run, scores),
        folds: run.folds,
        seed: run.config.seed,
        splitUnit: run.config.splitUnit,
        leakage: run.leakage,
        cautions: run.cautions,
      },
      readsFrom,
    },
  };
}

/** The thresholds of the folds' models; none where all are the regimen's. */
function thresholdsOf({ config }: { config: Regimen }, scores: readonly JudgedImage[]) {
  const byFold = new Map(scores.map(({ fold, threshold }) => [fold, threshold]));
  if ([...byFold.values()].every((threshold) => threshold === config.threshold)) return [];
  return [...byFold].map(([fold, threshold]) => ({ fold, threshold })).sort((a, b) => a.fold - b.fold);
}

/** The network's figures with what they must not be read without, so that it stands in every table and file. */
function withNetworkCautions(comparison: Comparison, cautions: readonly string[]): Comparison {
  if (cautions.length === 0) return comparison;
  const careful = (estimate: Estimate) => withCautions(estimate, cautions);
  const rows = (all: readonly ComparisonRow[]) =>
    all.map((row) =>
      row.reader !== network || row.condition !== null
        ? row
        : {
            ...row,
            sensitivity: careful(row.sensitivity),
            specificity: careful(row.specificity),
            ppv: careful(row.ppv),
            npv: careful(row.npv),
            accuracy: careful(row.accuracy),
            auc: careful(row.auc),
            singlePointAuc: careful(row.singlePointAuc),
          },
    );
  const differences = <T extends { kind: string; difference: Estimate }>(all: readonly T[]): T[] =>
    all.map((each) => (each.kind === "network" ? { ...each, difference: careful(each.difference) } : each));
  return {
    ...comparison,
    rows: rows(comparison.rows),
    otherClusterings: comparison.otherClusterings.map((each) => ({ ...each, rows: rows(each.rows) })),
    comparisons: differences(comparison.comparisons),
    averages: comparison.averages.map((each) =>
      each.kind === "network"
        ? { ...each, fixed: { ...each.fixed, difference: careful(each.fixed.difference) } }
        : each,
    ),
  };
}
