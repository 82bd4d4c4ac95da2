import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import {
  foundCases,
  heededQuestion,
  type ReadingParty,
  restsOnCalls,
  type SoughtImage,
} from "@/core/reading/found-cases";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { caseCrop, currentCrop, currentRead, currentReport, currentSize, studiedNode, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { CasesInput, CasesOutput, ExploredImage, ExploredNode } from "@/server/schemas/cases";
import { explainMethod } from "@/server/schemas/model";
import { findTasks } from "@/server/services/model/find-tasks";
import { noteLook } from "@/server/services/model/note-look";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { analysedCrops } from "./analysed-crops";
import { type JudgedReads, judgedReads } from "./judged-reads";
import { networkRun } from "./network-run";
import { scoredCrops } from "./scored-crops";

/** Nodes of a page. */
const pageSize = 50;

type Said = Pick<ExploredImage, "calls" | "confidences">;

/**
 * A page of the nodes that somebody looks for among those that the plan does not leave out, with their images, their truth, and what each reader and
 * the network said, as the plan judges it: the analysis case by case. A person who goes through the cases of one network has one look at them in the trail within a quarter of an hour (`noteLook`).
 * @throws AppError "not_found" when `runId` names no finished run, "conflict" when it names a control on exchanged labels, and as `judgedReads`
 */
export async function viewCases(
  tx: Tx,
  actor: StudyActor,
  { runId, page, nodeId, ...question }: CasesInput,
): Promise<CasesOutput> {
  const { document } = await studyProtocol(tx, actor);
  const run = await networkRun(tx, actor, { runId });
  const { scores } = run ? await scoredCrops(tx, actor, { runId: run.id }) : { scores: [] };
  const scoreOf = new Map(scores.map(({ id, score, threshold }) => [id, { score, isPositive: score >= threshold }]));
  const { excluded } = await analysedCrops(tx, actor, document);
  const isExcluded = new Set(excluded.map(({ cropId }) => cropId));
  const images = (await findImages(tx, actor)).filter(({ cropId }) => !isExcluded.has(cropId));
  const parties = await findParties(
    tx,
    actor,
    document.conditions.map(({ key }) => key),
  );
  const asked = heededQuestion(question, { parties, isScored: run !== null });
  // Calls come by the hundred thousand: all of them are looked at only where they decide what is found.
  const { ruleSets, asPlanned } = judgedReads(document);
  const sought = restsOnCalls(asked)
    ? await findSaid(tx, actor, { parties, images, asPlanned })
    : new Map<string, Said>();

  const nodes = new Map<string, { id: string; result: ExploredNode["result"]; images: SoughtCrop[] }>();
  for (const image of images) {
    const node = nodes.get(image.nodeId) ?? { id: image.nodeId, result: image.result, images: [] };
    nodes.set(image.nodeId, node);
    const { cropId } = image;
    node.images.push({ ...image, network: scoreOf.get(cropId) ?? null, calls: sought.get(cropId)?.calls ?? [] });
  }
  const found = foundCases([...nodes.values()], asked, parties);
  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  const named = nodeId === undefined ? -1 : found.findIndex(({ node }) => node.id === nodeId);
  const shown = Math.min(pages, page ?? (named < 0 ? 1 : Math.floor(named / pageSize) + 1));
  const before = (shown - 1) * pageSize;
  const onPage = found.slice(before, before + pageSize);

  const seen = onPage.flatMap(({ node }) => node.images);
  const said = await findSaid(tx, actor, { parties, images: seen, of: seen.map(({ cropId }) => cropId), asPlanned });
  const overlays = run ? await findOverlays(tx, actor, run.id) : new Map<string, ExploredImage["overlays"]>();
  const labelsOf = (options: readonly { key: string; label: string }[]) =>
    new Map<string | null, string>(options.map(({ key, label }) => [key, label]));
  const [regions, planes] = [labelsOf(document.regions), labelsOf(document.planes)];
  await noteLook(tx, { studyId: actor.studyId }, run ? `cases ${run.id}` : "cases");
  return {
    run: run && { id: run.id, trainable: run.config.trainable, splitUnit: run.config.splitUnit, leakage: run.leakage },
    conditions: document.conditions.map(({ key, label }) => ({ key, label })),
    rules: ruleSets.find(({ key }) => key === document.analysis.ruleSet)?.title ?? null,
    parties,
    of: { nodes: nodes.size, images: images.length },
    asked,
    found: found.length,
    page: shown,
    pages,
    nodes: onPage.flatMap(({ node: { id, result, images }, images: answering }, at) => {
      const [of] = images;
      if (!of) return [];
      const { subject, label, region, shortAxisMm } = of;
      return [
        {
          id,
          place: before + at + 1,
          subject,
          label,
          region: regions.get(region) ?? region,
          shortAxisMm,
          result,
          images: images.map((image) => ({
            cropId: image.cropId,
            plane: planes.get(image.plane) ?? image.plane,
            sha256: image.sha256,
            answers: answering.includes(image),
            network: image.network,
            overlays: overlays.get(image.cropId) ?? [],
            ...(said.get(image.cropId) ?? saidByNobody(parties)),
          })),
        },
      ];
    }),
  };
}

type SoughtCrop = Awaited<ReturnType<typeof findImages>>[number] & SoughtImage;

/** Every image of a studied node, node by node. */
const findImages = (tx: Tx, { studyId }: StudyActor) =>
  tx
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
    .where(eq(currentCrop.studyId, studyId))
    .orderBy(sql`${subject.number} collate "C"`, asc(studiedNode.ordinal), sql`${currentCrop.plane} collate "C"`);

/** @param order of the conditions, as in the protocol */
async function findParties(tx: Tx, { studyId }: StudyActor, order: readonly string[]): Promise<ReadingParty[]> {
  const parties = await tx
    .selectDistinct({ reader: currentRead.readerCode, condition: currentRead.conditionKey })
    .from(currentRead)
    .where(eq(currentRead.studyId, studyId));
  return parties.sort(
    (a, b) => naturalOrder(a.reader, b.reader) || order.indexOf(a.condition) - order.indexOf(b.condition),
  );
}

/**
 * What readers said of images, as the plan judges it.
 * @param about.of the ids of the images where they are few; left out: every read of the study is gone through
 */
async function findSaid(
  tx: Tx,
  { studyId }: StudyActor,
  about: {
    parties: readonly ReadingParty[];
    images: readonly { cropId: string; shortAxisMm: number | null }[];
    of?: string[];
    asPlanned: JudgedReads["asPlanned"];
  },
): Promise<Map<string, Said>> {
  const { parties, images, of, asPlanned } = about;
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
    .where(and(eq(currentRead.studyId, studyId), of && inArray(caseCrop.cropId, of)))
    // Of a case that a list had twice, the first read stands.
    .orderBy(desc(currentRead.occasion));
  const placeOf = new Map(parties.map((party, place) => [keyOf(party), place]));
  const sizeOf = new Map(images.map(({ cropId, shortAxisMm }) => [cropId, shortAxisMm]));
  const saidOf = new Map<string, Said>();
  for (const read of reads) {
    const size = sizeOf.get(read.cropId);
    const place = placeOf.get(keyOf(read));
    if (size === undefined || place === undefined) continue;
    const said = saidOf.get(read.cropId) ?? saidByNobody(parties);
    saidOf.set(read.cropId, said);
    said.calls[place] = asPlanned(read, size);
    said.confidences[place] = read.confidence;
  }
  return saidOf;
}

const keyOf = ({ reader, condition }: ReadingParty) => JSON.stringify([reader, condition]);
const saidByNobody = (parties: readonly ReadingParty[]): Said => ({
  calls: parties.map(() => null),
  confidences: parties.map(() => null),
});

/** The newest overlay of each image of a run by each method, by image. */
async function findOverlays(tx: Tx, actor: StudyActor, runId: string): Promise<Map<string, ExploredImage["overlays"]>> {
  const newest = new Map<string, { cropId: string; taskId: string; variant: string | null }>();
  for (const { id, kind, state, cropId, variant } of await findTasks(tx, actor, { runId })) {
    const what = `${cropId} ${variant}`;
    if (kind === "explain" && state === "done" && cropId !== null && !newest.has(what))
      newest.set(what, { cropId, taskId: id, variant });
  }
  const overlays = new Map<string, ExploredImage["overlays"]>();
  for (const method of explainMethod.options)
    for (const { cropId, taskId, variant } of newest.values())
      if (variant === method) overlays.set(cropId, [...(overlays.get(cropId) ?? []), { taskId, method }]);
  return overlays;
}
