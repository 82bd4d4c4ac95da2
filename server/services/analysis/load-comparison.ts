import { and, asc, eq, gt } from "drizzle-orm";
import { plannedContrast } from "@/core/protocol/analysis";
import { seedOf } from "@/core/random";
import { isHiddenRepeat } from "@/core/reading/schedule";
import type { Tx } from "@/db/actor";
import { caseCrop, currentCrop, currentRead, studiedNode } from "@/db/schema";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { analysedCrops, type RegionedCrop } from "./analysed-crops";
import { type CalledRead, judgedReads } from "./judged-reads";
import { loadFactors } from "./load-factors";
import type { InStudy } from "./network-run";
import { nothingToCompare } from "./nothing-to-compare";
import { scoredCrops } from "./scored-crops";
import { thresholdsOf } from "./thresholds-of";

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
  const { analysis } = document;
  const { crops, excluded } = await analysedCrops(tx, { studyId }, document);
  if (crops.length === 0) throw nothingToCompare();
  const cropOf = new Map(crops.map((crop) => [crop.cropId, crop]));
  const { factors, groupsOf } = await loadFactors(tx, { document, crops });
  const judged = judgedReads(document);
  const callsOf = (read: CalledRead, { shortAxisMm }: RegionedCrop) => ({
    call: judged.asGiven(read),
    underRules: judged.underRules(read, shortAxisMm),
  });
  const reads = await tx
    .select({
      reader: currentRead.readerCode,
      condition: currentRead.conditionKey,
      occasion: currentRead.occasion,
      image: caseCrop.cropId,
      call: currentRead.call,
      confidence: currentRead.confidence,
      rating: currentRead.rating,
      criteria: currentRead.criteria,
      source: currentRead.source,
      id: currentRead.id,
      activeMs: currentRead.activeMs,
      submittedAt: currentRead.submittedAt,
    })
    .from(currentRead)
    .innerJoin(caseCrop, and(eq(caseCrop.caseId, currentRead.caseId), eq(caseCrop.studyId, currentRead.studyId)))
    .where(eq(currentRead.studyId, studyId))
    .orderBy(asc(currentRead.id), asc(caseCrop.ordinal));
  const { run, scores } = runId === null ? { run: null, scores: [] } : await scoredCrops(tx, { studyId }, { runId });
  const sources = new Map<string, Set<(typeof reads)[number]["source"]>>();
  const repeats = await repeatsOf(tx, { studyId });
  const repeated = new Map(repeats);
  const once = reads.filter((read) => !isHiddenRepeat(read, repeated));
  for (const { reader, source } of reads) sources.set(reader, (sources.get(reader) ?? new Set()).add(source));
  return {
    images: crops.map((crop) => ({
      id: crop.cropId,
      node: crop.nodeId,
      subject: crop.subjectId,
      plane: crop.plane,
      truth: crop.truth,
      groups: groupsOf(crop),
    })),
    reads: reads.flatMap((read) => {
      const { reader, condition, occasion, image, confidence, rating } = read;
      const crop = cropOf.get(image);
      return crop ? [{ reader, condition, occasion, image, ...callsOf(read, crop), confidence, rating }] : [];
    }),
    timed: onceInOrder(once.filter(({ image }) => cropOf.has(image))).flatMap((read) => {
      const { reader, condition, image, activeMs } = read;
      const crop = cropOf.get(image);
      const seconds = activeMs === null ? null : activeMs / 1000;
      return crop ? [{ reader, condition, truth: crop.truth, ...callsOf(read, crop), seconds }] : [];
    }),
    ruleSets: judged.ruleSets.map(({ key }) => key),
    plan: {
      unit: analysis.unit ?? { level: "image" as const, rule: "any" as const },
      ruleSet: analysis.ruleSet ?? null,
      families: analysis.families ?? [analysis.comparisons],
    },
    factors: factors.map(({ key, levels }) => ({ key, levels: levels.map((level) => level.key) })),
    scores: run
      ? scores.filter(({ id }) => cropOf.has(id)).map(({ id, score, threshold }) => ({ image: id, score, threshold }))
      : null,
    threshold: run?.config.threshold ?? document.network.threshold,
    comparisons: document.analysis.comparisons,
    primary: plannedContrast(document.analysis.primary),
    repeats,
    notEvaluable: document.analysis.notEvaluable ?? ("exclude" as const),
    seed: seedOf("comparison", studyId),
    about: {
      protocol: { key: document.key, version, sha256 },
      plan: {
        unit: analysis.unit ?? null,
        families: analysis.families ?? null,
        ruleSet: analysis.ruleSet ?? null,
        exclusions: analysis.exclusions ?? null,
      },
      /** Images that the plan leaves out. */
      excluded: excluded.length,
      ruleSets: judged.ruleSets.map(({ key, title }) => ({ key, title })),
      factors,
      /** A read of a node counts for each of its images. */
      unit: document.reading.case,
      conditions: document.conditions.map(({ key, label, shows }) => ({ key, label, shows })),
      images: crops.length,
      nodes: new Set(crops.map((crop) => crop.nodeId)).size,
      patients: new Set(crops.map((crop) => crop.subjectId)).size,
      positiveImages: crops.filter((crop) => crop.truth === 1).length,
      withoutTruth: await withoutTruth(
        tx,
        { studyId },
        new Set([...crops, ...excluded].map(({ cropId }) => cropId)),
        once,
      ),
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

/** Each read once, in the order in which it was submitted. Imported ones are left out: they came in the order of their file. */
function onceInOrder<Read extends { id: string; source: string; submittedAt: Date }>(reads: readonly Read[]): Read[] {
  const made = reads.filter(({ source }) => source !== "imported");
  const once = new Map(made.map((read) => [read.id, read]));
  return [...once.values()].sort((a, b) => a.submittedAt.getTime() - b.submittedAt.getTime());
}

/** Images of studied nodes that have no reference standard, so that nothing is judged on them, and the reads that were made of them. */
async function withoutTruth(
  tx: Tx,
  { studyId }: InStudy,
  known: ReadonlySet<string>,
  reads: readonly { image: string }[],
) {
  const crops = await tx
    .select({ id: currentCrop.id })
    .from(currentCrop)
    .innerJoin(studiedNode, and(eq(studiedNode.id, currentCrop.nodeId), eq(studiedNode.studyId, currentCrop.studyId)))
    .where(eq(currentCrop.studyId, studyId));
  const lacking = new Set(crops.map(({ id }) => id).filter((id) => !known.has(id)));
  return { images: lacking.size, reads: reads.filter(({ image }) => lacking.has(image)).length };
}

export type ComparisonInput = Awaited<ReturnType<typeof loadComparison>>;

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
    const repeatedBy = (of: string) => document.conditions.find((condition) => condition.key === of)?.repeats;
    // Also where what it repeats was itself a repetition, and never read.
    for (let again = key, first = repeatedBy(again); first !== undefined; again = first, first = repeatedBy(again))
      repeats.set(again, first);
  }
  return [...repeats];
}
