import { and, asc, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { type Regimen, regimen } from "@/core/protocol/regimen";
import { seededRandom, seedOf } from "@/core/random";
import { type Comparison, type ComparisonRow, compareReaders, network } from "@/core/stats/comparison/compare-readers";
import type { Estimate } from "@/core/stats/types";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { caseCrop, currentRead, datasetSnapshot, job, modelRun } from "@/db/schema";
import { AppError } from "@/server/errors";
import { leakage } from "@/server/schemas/leakage";
import { cautionsOf, type JudgedImage, scoredImages, withCautions } from "@/server/services/model/judge-run";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { labelledCrops } from "./labelled-crops";

type InStudy = { studyId: string };

/**
 * The run that speaks for the network: the newest finished one that is neither a companion of another (control, baseline) nor one depth of a
 * sweep, nor scores of a model trained elsewhere. Those are taken only when `runId` names them: a choice among several runs is the person's.
 * @throws AppError "not_found" when `runId` names no finished run of the study, "conflict" when it names a control on exchanged labels: these
 * are no truth to judge readers by, and the truth is none to judge the control by
 */
export async function networkRun(tx: Tx, actor: InStudy, { runId }: { runId?: string | undefined }) {
  const config = (key: string) => sql`${modelRun.config} ->> ${key}`;
  const [row] = await tx
    .select({
      id: modelRun.id,
      config: modelRun.config,
      endedAt: job.endedAt,
      sweepId: modelRun.sweepId,
      companionOf: modelRun.companionOf,
      folds: datasetSnapshot.folds,
      leakage: datasetSnapshot.leakage,
    })
    .from(modelRun)
    .innerJoin(job, eq(job.id, modelRun.id))
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, modelRun.snapshotId))
    .where(
      and(
        eq(modelRun.studyId, actor.studyId),
        eq(job.state, "done"),
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
    .orderBy(desc(job.endedAt))
    .limit(1);
  if (!row && runId) throw new AppError("not_found", { key: "errors.run_unfinished", values: { run: runId } });
  if (!row) return null;
  const parsed = regimen.parse(row.config);
  if (parsed.shuffledLabels) throw new AppError("conflict", { key: "errors.run_is_control", values: { run: row.id } });
  const run = { ...row, config: parsed, leakage: leakage.nullable().parse(row.leakage) };
  const cautions = cautionsOf(run);
  if (row.sweepId) cautions.push({ key: "model.caution.one_depth" });
  if (row.companionOf) cautions.push({ key: "model.caution.companion" });
  return { ...run, cautions };
}

/** Every crop with its out-of-fold score of the run that speaks for the network (or of `runId`); no scores when there is no such run. */
export async function scoredCrops(tx: Tx, actor: InStudy, options: { runId?: string | undefined } = {}) {
  const run = await networkRun(tx, actor, options);
  const scores = run ? ((await scoredImages(tx, actor, [run.id])).get(run.id) ?? []) : [];
  return { run, scores };
}

/**
 * Everything that goes into a comparison, as plain values: what the numbers are computed from, and what is said about them.
 * @param runId the run that is the network; null: readers alone
 * @throws AppError "conflict" when no image has a reference standard or `runId` names a control on exchanged labels, "not_found" when it names
 * no finished run
 */
export async function loadComparison(
  tx: Tx,
  { studyId }: InStudy,
  { runId, protocolVersionId }: { runId: string | null; protocolVersionId: string },
) {
  const { document, version, sha256 } = await studyProtocol(tx, { studyId, versionId: protocolVersionId });
  const crops = await labelledCrops(tx, { studyId });
  if (crops.length === 0) throw nothingToCompare();
  const known = new Set(crops.map((crop) => crop.cropId));
  const reads = await tx
    .select({
      reader: currentRead.readerCode,
      condition: currentRead.conditionKey,
      occasion: currentRead.occasion,
      image: caseCrop.cropId,
      call: currentRead.call,
      confidence: currentRead.confidence,
      source: currentRead.source,
    })
    .from(currentRead)
    .innerJoin(caseCrop, and(eq(caseCrop.caseId, currentRead.caseId), eq(caseCrop.studyId, currentRead.studyId)))
    .where(eq(currentRead.studyId, studyId))
    .orderBy(asc(currentRead.id), asc(caseCrop.ordinal));
  const { run, scores } = runId === null ? { run: null, scores: [] } : await scoredCrops(tx, { studyId }, { runId });
  const sources = new Map<string, Set<(typeof reads)[number]["source"]>>();
  for (const { reader, source } of reads) sources.set(reader, (sources.get(reader) ?? new Set()).add(source));
  return {
    images: crops.map((crop) => ({
      id: crop.cropId,
      node: crop.nodeId,
      subject: crop.subjectId,
      plane: crop.plane,
      truth: crop.truth,
    })),
    reads: reads.flatMap(({ source: _, call, ...each }) =>
      known.has(each.image) ? [{ ...each, call: call === "positive" ? (1 as const) : (0 as const) }] : [],
    ),
    scores: run
      ? scores.filter(({ id }) => known.has(id)).map(({ id, score, threshold }) => ({ image: id, score, threshold }))
      : null,
    threshold: run?.config.threshold ?? document.network.threshold,
    comparisons: document.analysis.comparisons,
    repeats: await repeatsOf(tx, { studyId }),
    seed: seedOf("comparison", studyId),
    about: {
      protocol: { key: document.key, version, sha256 },
      /** A read of a node counts for each of its images. */
      unit: document.reading.case,
      conditions: document.conditions.map(({ key, label, shows }) => ({ key, label, shows })),
      images: crops.length,
      nodes: new Set(crops.map((crop) => crop.nodeId)).size,
      patients: new Set(crops.map((crop) => crop.subjectId)).size,
      positiveImages: crops.filter((crop) => crop.truth === 1).length,
      run: run && {
        id: run.id,
        endedAt: run.endedAt?.toISOString() ?? null,
        trainable: run.config.trainable,
        threshold: run.config.threshold,
        foldThresholds: thresholdsOf(run, scores),
        folds: run.folds,
        seed: run.config.seed,
        splitUnit: run.config.splitUnit,
        leakage: run.leakage,
        cautions: run.cautions,
      },
      readsFrom: Object.fromEntries([...sources].sort().map(([reader, of]) => [reader, [...of].sort()])),
    },
  };
}

export type ComparisonInput = Awaited<ReturnType<typeof loadComparison>>;

export const nothingToCompare = () => new AppError("conflict", { key: "errors.nothing_to_compare" });

/**
 * Readers against network on the same images: every number of the comparison page, computed in `core/stats`. Pure; takes up to half a minute
 * for 20 readers and 5,000 images, so it runs in a process of its own (`worker/jobs/analyse.handler.ts`).
 */
export function compareStudy(
  { about, seed, repeats, ...input }: ComparisonInput,
  { onProgress }: { onProgress?: (done: number, total: number) => void } = {},
) {
  const comparison = compareReaders({
    ...input,
    repeats: new Map(repeats),
    random: seededRandom(seed),
    ...(onProgress && { onProgress }),
  });
  return { ...withNetworkCautions(comparison, about.run?.cautions ?? []), about };
}

/** The conditions that were read as repetitions, each with the one it repeats: as the protocol said when it was read, whatever it says since. */
async function repeatsOf(tx: Tx, { studyId }: InStudy): Promise<[string, string][]> {
  const repeated = await tx
    .selectDistinct({ key: currentRead.conditionKey, versionId: currentRead.protocolVersionId })
    .from(currentRead)
    .where(and(eq(currentRead.studyId, studyId), gt(currentRead.occasion, 1)))
    .orderBy(asc(currentRead.conditionKey), asc(currentRead.protocolVersionId));
  const repeats = new Map<string, string>();
  for (const { key, versionId } of repeated) {
    const { document } = await studyProtocol(tx, { studyId, versionId });
    const first = document.conditions.find((condition) => condition.key === key)?.repeats;
    if (first !== undefined) repeats.set(key, first);
  }
  return [...repeats];
}

/** The thresholds of the folds' models; none where all are the regimen's. */
function thresholdsOf({ config }: { config: Regimen }, scores: readonly JudgedImage[]) {
  const byFold = new Map(scores.map(({ fold, threshold }) => [fold, threshold]));
  if ([...byFold.values()].every((threshold) => threshold === config.threshold)) return [];
  return [...byFold].map(([fold, threshold]) => ({ fold, threshold })).sort((a, b) => a.fold - b.fold);
}

/** The network's figures with what they must not be read without, so that it stands in every table and file. */
function withNetworkCautions(comparison: Comparison, cautions: readonly Said[]): Comparison {
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
