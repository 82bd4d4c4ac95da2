import { and, asc, eq, sql } from "drizzle-orm";
import { readProtocol } from "@/core/protocol/read-protocol";
import { SaidError } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import {
  analysis,
  analysisResult,
  bundle,
  caseCrop,
  currentBaseline,
  currentRead,
  node,
  protocolVersion,
  study,
} from "@/db/schema";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { scoredCrops } from "@/server/services/analysis/scored-crops";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";

/**
 * Everything that goes into a bundle, as plain values: the comparison as it was computed, what went into it, and what the records say beside it.
 * @param bundleId whose analysis it is about
 * @throws SaidError when there is no such bundle, AppError as `loadComparison`
 */
export async function loadBundle(tx: Tx, { studyId, bundleId }: { studyId: string; bundleId: string }) {
  const [about] = await tx
    .select({
      runId: analysis.runId,
      methods: analysis.methods,
      protocolVersionId: analysis.protocolVersionId,
      result: analysisResult.result,
      inputSha256: analysisResult.inputSha256,
      study: { name: study.name, slug: study.slug, synthetic: study.synthetic },
      document: protocolVersion.document,
      protocolSha256: protocolVersion.sha256,
    })
    .from(bundle)
    .innerJoin(analysis, eq(analysis.id, bundle.analysisId))
    .innerJoin(analysisResult, eq(analysisResult.analysisId, analysis.id))
    .innerJoin(protocolVersion, eq(protocolVersion.id, analysis.protocolVersionId))
    .innerJoin(study, eq(study.id, bundle.studyId))
    .where(and(eq(bundle.id, bundleId), eq(bundle.studyId, studyId)));
  if (!about?.protocolVersionId) throw new SaidError({ key: "worker.job_without_bundle" });
  const { runId, protocolVersionId, document, ...stored } = about;
  const input = await loadComparison(tx, { studyId }, { runId, protocolVersionId });
  const crops = await findLabelledCrops(tx, { studyId });
  const nodes = await tx
    .select({ id: node.id, ordinal: node.ordinal, region: node.region })
    .from(node)
    .where(eq(node.studyId, studyId));
  const reads = await tx
    .select({
      id: currentRead.id,
      submittedAt: currentRead.submittedAt,
      reader: currentRead.readerCode,
      condition: currentRead.conditionKey,
      occasion: currentRead.occasion,
      cropId: caseCrop.cropId,
      call: currentRead.call,
      confidence: currentRead.confidence,
      rating: currentRead.rating,
      activeMs: currentRead.activeMs,
      source: currentRead.source,
      criteria: currentRead.criteria,
    })
    .from(currentRead)
    .innerJoin(caseCrop, and(eq(caseCrop.caseId, currentRead.caseId), eq(caseCrop.studyId, currentRead.studyId)))
    .where(eq(currentRead.studyId, studyId))
    .orderBy(asc(currentRead.id), asc(caseCrop.ordinal));
  const submitted = new Map(reads.filter(({ source }) => source !== "imported").map((read) => [read.id, read]));
  const inOrder = [...submitted.values()].sort((a, b) => a.submittedAt.getTime() - b.submittedAt.getTime());
  const sequence = new Map(inOrder.map(({ id }, place) => [id, place + 1]));
  const scores = runId === null ? [] : (await scoredCrops(tx, { studyId }, { runId })).scores;
  const baseline = await tx
    .select({ subjectId: currentBaseline.subjectId, key: currentBaseline.itemKey, value: currentBaseline.value })
    .from(currentBaseline)
    .where(eq(currentBaseline.studyId, studyId))
    .orderBy(asc(currentBaseline.itemKey));
  const [trail] = await tx.execute<{ event_id: string; at: Date | string }>(
    sql`select event_id, at from nw.trail_head()`,
  );
  return {
    ...stored,
    document: readProtocol(document),
    /** As it is hashed. */
    protocol: document,
    input,
    crops: crops.map(({ cropId, nodeId, subjectId, subject, plane, truth, shortAxisMm }) => ({
      cropId,
      nodeId,
      subjectId,
      subject,
      plane,
      truth,
      shortAxisMm,
    })),
    nodes,
    reads: reads.map(({ id, submittedAt: _, ...read }) => ({ ...read, sequence: sequence.get(id) ?? null })),
    folds: scores.map(({ id, fold }) => ({ cropId: id, fold })),
    baseline,
    trail: trail ? { lastEvent: Number(trail.event_id), at: new Date(trail.at).toISOString() } : null,
  };
}

export type LoadedBundle = Awaited<ReturnType<typeof loadBundle>>;
