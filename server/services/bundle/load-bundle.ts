import { and, eq, sql } from "drizzle-orm";
import { readProtocol } from "@/core/protocol/read-protocol";
import { SaidError } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { analysis, analysisResult, bundle, caseCrop, currentRead, node, protocolVersion, study } from "@/db/schema";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { scoredCrops } from "@/server/services/analysis/scored-crops";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { listSignatures } from "@/server/services/reading/list-signatures";
import { readsInWashOut } from "@/server/services/reading/reads-in-wash-out";
import { findReadsAfterUnblinding } from "@/server/services/unblinding/reads-after-unblinding";
import { recordedBaseline } from "./recorded-baseline";

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
  const { runId, protocolVersionId, document: protocol, ...stored } = about;
  const document = readProtocol(protocol);
  const input = await loadComparison(tx, { studyId }, { runId, protocolVersionId });
  const crops = await findLabelledCrops(tx, { studyId });
  const nodes = await tx
    .select({ id: node.id, ordinal: node.ordinal, region: node.region })
    .from(node)
    .where(eq(node.studyId, studyId));
  const reads = await tx
    .select({
      reader: currentRead.readerCode,
      condition: currentRead.conditionKey,
      occasion: currentRead.occasion,
      cropId: caseCrop.cropId,
      call: currentRead.call,
      confidence: currentRead.confidence,
      rating: currentRead.rating,
      notEvaluable: currentRead.notEvaluable,
      activeMs: currentRead.activeMs,
      display: currentRead.display,
      id: currentRead.id,
      submittedAt: currentRead.submittedAt,
      source: currentRead.source,
      criteria: currentRead.criteria,
    })
    .from(currentRead)
    .innerJoin(caseCrop, and(eq(caseCrop.caseId, currentRead.caseId), eq(caseCrop.studyId, currentRead.studyId)))
    .where(eq(currentRead.studyId, studyId));
  const scores = runId === null ? [] : (await scoredCrops(tx, { studyId }, { runId })).scores;
  const { told } = await findReadsAfterUnblinding(tx);
  const inWashOut = await readsInWashOut(tx);
  const signatures = await listSignatures(tx);
  const [trail] = await tx.execute<{ event_id: string; at: Date | string }>(
    sql`select event_id, at from nw.trail_head()`,
  );
  return {
    ...stored,
    document,
    /** As it is hashed. */
    protocol,
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
    reads: reads.map((read) => ({
      ...read,
      afterUnblinding: told.get(read.id) ?? [],
      inWashOut: read.source === "reader" ? inWashOut.has(read.id) : null,
    })),
    signatures,
    folds: scores.map(({ id, fold }) => ({ cropId: id, fold })),
    baseline: await recordedBaseline(tx, { studyId, document }),
    trail: trail ? { lastEvent: Number(trail.event_id), at: new Date(trail.at).toISOString() } : null,
  };
}

export type LoadedBundle = Awaited<ReturnType<typeof loadBundle>>;
