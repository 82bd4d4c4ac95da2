import { and, asc, eq, sql } from "drizzle-orm";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { caseCrop, currentCrop, currentRead, currentReport, currentSize, studiedNode, subject } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import type { CasesOutput, ExploredImage, ExploredNode } from "@/server/schemas/cases";
import { explainMethod } from "@/server/schemas/model";
import { findTasks } from "@/server/services/model/find-tasks";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { analysedCrops } from "./analysed-crops";
import { judgedReads } from "./judged-reads";
import { networkRun } from "./network-run";
import { scoredCrops } from "./scored-crops";

/**
 * Every node of the study that the plan does not leave out, with its images, its truth, and what each reader and the network said, as the plan judges it:
 * the analysis case by case. Each look is written down, as one at the comparison is.
 * @param options.runId another run than the newest that speaks for the network
 * @throws AppError "not_found" when `runId` names no finished run, "conflict" when it names a control on exchanged labels, and as `judgedReads`
 */
export async function viewCases(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined },
): Promise<CasesOutput> {
  const { document } = await studyProtocol(tx, actor);
  const run = await networkRun(tx, actor, options);
  const { scores } = run ? await scoredCrops(tx, actor, { runId: run.id }) : { scores: [] };
  const scoreOf = new Map(scores.map(({ id, score, threshold }) => [id, { score, isPositive: score >= threshold }]));
  /** The newest picture of each crop by each method. */
  const overlays = new Map<string, string>();
  for (const { id, kind, state, cropId, variant } of run ? await findTasks(tx, actor, { runId: run.id }) : []) {
    const what = `${cropId} ${variant}`;
    if (kind === "explain" && state === "done" && !overlays.has(what)) overlays.set(what, id);
  }
  const overlaysOf = (cropId: string): ExploredImage["overlays"] =>
    explainMethod.options.flatMap((method) => {
      const taskId = overlays.get(`${cropId} ${method}`);
      return taskId ? [{ taskId, method }] : [];
    });

  const { excluded } = await analysedCrops(tx, actor, document);
  const isExcluded = new Set(excluded.map(({ cropId }) => cropId));
  const images = await tx
    .select({
      nodeId: studiedNode.id,
      subject: subject.number,
      label: studiedNode.label,
      region: studiedNode.region,
      shortAxisMm: currentSize.shortAxisMm,
      result: currentReport.result,
      cropId: currentCrop.id,
      plane: currentCrop.plane,
      sha256: currentCrop.sha256,
    })
    .from(currentCrop)
    .innerJoin(studiedNode, and(eq(studiedNode.id, currentCrop.nodeId), eq(studiedNode.studyId, currentCrop.studyId)))
    .innerJoin(subject, and(eq(subject.id, studiedNode.subjectId), eq(subject.studyId, studiedNode.studyId)))
    .leftJoin(
      currentReport,
      and(eq(currentReport.nodeId, studiedNode.id), eq(currentReport.studyId, studiedNode.studyId)),
    )
    .leftJoin(currentSize, and(eq(currentSize.nodeId, studiedNode.id), eq(currentSize.studyId, studiedNode.studyId)))
    .where(eq(currentCrop.studyId, actor.studyId))
    .orderBy(sql`${subject.number} collate "C"`, asc(studiedNode.ordinal), sql`${currentCrop.plane} collate "C"`);
  const reads = await tx
    .select({
      reader: currentRead.readerCode,
      condition: currentRead.conditionKey,
      cropId: caseCrop.cropId,
      call: currentRead.call,
      criteria: currentRead.criteria,
      confidence: currentRead.confidence,
    })
    .from(currentRead)
    .innerJoin(caseCrop, and(eq(caseCrop.caseId, currentRead.caseId), eq(caseCrop.studyId, currentRead.studyId)))
    .where(eq(currentRead.studyId, actor.studyId));

  const order = document.conditions.map(({ key }) => key);
  const keyOf = (party: { reader: string; condition: string }) => JSON.stringify([party.reader, party.condition]);
  const parties = [
    ...new Map(reads.map(({ reader, condition }) => [keyOf({ reader, condition }), { reader, condition }])).values(),
  ].sort((a, b) => naturalOrder(a.reader, b.reader) || order.indexOf(a.condition) - order.indexOf(b.condition));
  const placeOf = new Map(parties.map((party, place) => [keyOf(party), place]));
  const nobody = () => parties.map((): null => null);
  const saidOf = new Map<string, Pick<ExploredImage, "calls" | "confidences">>();
  const { ruleSets, asPlanned } = judgedReads(document);
  const sizeOf = new Map(images.map(({ cropId, shortAxisMm }) => [cropId, shortAxisMm]));
  for (const read of reads) {
    if (isExcluded.has(read.cropId)) continue;
    const said = saidOf.get(read.cropId) ?? { calls: nobody(), confidences: nobody() };
    saidOf.set(read.cropId, said);
    const place = placeOf.get(keyOf(read)) ?? -1;
    said.calls[place] = asPlanned(read, sizeOf.get(read.cropId) ?? null);
    said.confidences[place] = read.confidence;
  }

  const labelsOf = (options: readonly { key: string; label: string }[]) =>
    new Map<string | null, string>(options.map(({ key, label }) => [key, label]));
  const [regions, planes] = [labelsOf(document.regions), labelsOf(document.planes)];
  const nodes = new Map<string, ExploredNode>();
  for (const { nodeId: id, subject, label, region, shortAxisMm, result, cropId, plane, sha256 } of images) {
    if (isExcluded.has(cropId)) continue;
    const node = nodes.get(id) ?? {
      id,
      subject,
      label,
      region: regions.get(region) ?? region,
      shortAxisMm,
      result,
      images: [],
    };
    nodes.set(id, node);
    node.images.push({
      cropId,
      plane: planes.get(plane) ?? plane,
      sha256,
      network: scoreOf.get(cropId) ?? null,
      overlays: overlaysOf(cropId),
      ...(saidOf.get(cropId) ?? { calls: nobody(), confidences: nobody() }),
    });
  }
  await record(tx, "analysis.viewed", {
    entity: "comparison",
    detail: { cases: nodes.size, ...(run && { run: run.id }) },
  });
  return {
    run: run && { id: run.id, trainable: run.config.trainable, splitUnit: run.config.splitUnit, leakage: run.leakage },
    conditions: document.conditions.map(({ key, label }) => ({ key, label })),
    rules: ruleSets.find(({ key }) => key === document.analysis.ruleSet)?.title ?? null,
    parties,
    nodes: [...nodes.values()],
  };
}
