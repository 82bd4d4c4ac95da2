import { randomUUID } from "node:crypto";
import { assessEligibility } from "@/core/eligibility/assess";
import type { PhantomNode } from "@/core/phantom/study";
import type { Protocol } from "@/core/protocol/protocol";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import {
  baselineValue,
  consent,
  criterionEvaluation,
  crop,
  cropCanvas,
  eligibilityAssessment,
  exam,
  node,
  nodeMatch,
  nodeSize,
  pathologyReport,
  specimen,
  subject,
} from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { evaluationsOf } from "@/server/services/enrolment/evaluations-of";
import { statusOf } from "@/server/services/enrolment/status-of";
import { canvasOf } from "@/server/services/imaging/canvas-of";
import { noteStored } from "@/server/services/imaging/note-stored";
import type { StoredObject } from "@/server/store";
import type { DrawnNode } from "./draw-crops";
import type { Demonstration } from "./populations";
import { type ReadableCrop, simulateReading } from "./simulate-reading";

/** Who a record names, by role. */
export interface DemonstrationPeople {
  coordinator: string;
  radiologist: string;
  pathologist: string;
  readers: { membershipId: string; readerCode: string }[];
}

/** A date `days` ago, as Postgres writes dates. */
const daysAgo = (days: number) => momentAgo(days).toISOString().slice(0, 10);
const momentAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

/** Rows of one table, gathered before they are inserted together. */
type Rows<T extends { $inferInsert: object }> = T["$inferInsert"][];

/**
 * Writes the records of a demonstration study, all or none: patients, nodes, crops, pathology, schedules and simulated reads.
 * Runs as the importer, so every read is marked as simulated; the persons of the demonstration stand on the records.
 */
export async function fillStudy(
  tx: Tx,
  actor: StudyActor,
  options: {
    demonstration: Demonstration;
    document: Protocol;
    protocolVersionId: string;
    siteId: string;
    drawn: ReadonlyMap<PhantomNode, DrawnNode>;
    people: DemonstrationPeople;
  },
): Promise<void> {
  const { demonstration, document, protocolVersionId, siteId, drawn, people } = options;
  const { studyId } = actor;
  const subjects: Rows<typeof subject> = [];
  const assessments: Rows<typeof eligibilityAssessment> = [];
  const consents: Rows<typeof consent> = [];
  const evaluations: Rows<typeof criterionEvaluation> = [];
  const values: Rows<typeof baselineValue> = [];
  const exams: Rows<typeof exam> = [];
  const nodes: Rows<typeof node> = [];
  const sizes: Rows<typeof nodeSize> = [];
  const objects = new Map<string, StoredObject & { mediaType: string }>();
  const crops: Rows<typeof crop> = [];
  const canvases: Rows<typeof cropCanvas> = [];
  const specimens: Rows<typeof specimen> = [];
  const matches: Rows<typeof nodeMatch> = [];
  const reports: Rows<typeof pathologyReport> = [];
  const readable: ReadableCrop[] = [];

  for (const [index, patient] of demonstration.subjects.entries()) {
    const subjectId = randomUUID();
    const examined = 3 * (demonstration.subjects.length - index) + 10;
    const planned = patient.surgeryAfterDays;
    // At the screening exam and surgery are planned or done, and no node is measured yet.
    const known = planned === null ? {} : { mri_date: daysAgo(examined), surgery_date: daysAgo(examined - planned) };
    const { verdict, reasons, answered } = assessEligibility({
      criteria: document.criteria,
      answers: patient.answers,
      values: known,
    });
    const byCoordinator = { createdBy: people.coordinator };
    const recorded = { studyId, subjectId, recordedBy: people.coordinator };
    subjects.push({
      id: subjectId,
      studyId,
      siteId,
      number: patient.number,
      status: patient.enrolled ? "enrolled" : statusOf(verdict),
      enrolledAt: patient.enrolled ? momentAgo(examined) : null,
      ...byCoordinator,
    });
    const assessmentId = randomUUID();
    assessments.push({
      id: assessmentId,
      studyId,
      subjectId,
      protocolVersionId,
      answers: patient.answers,
      verdict,
      reasons,
      assessedBy: people.coordinator,
    });
    evaluations.push(...evaluationsOf(answered, { studyId, assessmentId }));
    const ofPatient = { ...(patient.enrolled ? patient.phantom.values : {}), ...known };
    for (const { key } of document.baseline.items) {
      const value = Object.entries(ofPatient).find(([name]) => name === key)?.[1];
      if (value !== undefined) values.push({ ...recorded, protocolVersionId, itemKey: key, value });
    }
    if (patient.enrolled || planned !== null)
      exams.push({ ...recorded, performedOn: daysAgo(examined), scanner: "3 T phantom (synthetic)" });
    if (!patient.enrolled) continue;
    const { nodes: phantomNodes } = patient.phantom;
    consents.push({ ...recorded, signedOn: daysAgo(examined + 2), formVersion: "1.0" });
    if (patient.imaging === "none") continue;

    for (const [place, phantom] of phantomNodes.entries()) {
      const nodeId = randomUUID();
      const ordinal = place + 1;
      nodes.push({
        id: nodeId,
        studyId,
        subjectId,
        ordinal,
        label: `N${ordinal}`,
        region: phantom.region,
        createdBy: people.radiologist,
      });
      sizes.push({ studyId, nodeId, shortAxisMm: phantom.shortAxisMm, measuredBy: people.radiologist });
      if (patient.reported) {
        const specimenId = randomUUID();
        specimens.push({ id: specimenId, studyId, subjectId, label: `S${ordinal}`, createdBy: people.pathologist });
        const matchId = randomUUID();
        matches.push({
          id: matchId,
          studyId,
          nodeId,
          specimenId,
          confidence: "certain",
          matchedBy: people.pathologist,
        });
        reports.push({
          studyId,
          nodeId,
          matchId,
          result: phantom.positive ? "positive" : "negative",
          reportedBy: people.pathologist,
        });
      }
      const images = patient.imaging === "crops" ? drawn.get(phantom) : undefined;
      for (const { plane, image, files } of images?.crops ?? []) {
        const cropId = randomUUID();
        for (const file of files) objects.set(file.sha256, { mediaType: "image/png", ...file });
        const { canvasSha256: _, ...ofCrop } = image;
        crops.push({ id: cropId, studyId, nodeId, plane, ...ofCrop, createdBy: people.radiologist });
        canvases.push(canvasOf({ id: cropId, studyId }, image));
        if (images) readable.push({ cropId, nodeId, features: images.features, shortAxisMm: phantom.shortAxisMm });
      }
    }
  }

  await insertInChunks(tx, subject, subjects);
  await insertInChunks(tx, eligibilityAssessment, assessments);
  await insertInChunks(tx, criterionEvaluation, evaluations);
  await insertInChunks(tx, consent, consents);
  await insertInChunks(tx, baselineValue, values);
  await insertInChunks(tx, exam, exams);
  await insertInChunks(tx, node, nodes);
  await insertInChunks(tx, nodeSize, sizes);
  await noteStored(tx, actor, [...objects.values()]);
  await insertInChunks(tx, crop, crops);
  await insertInChunks(tx, cropCanvas, canvases);
  await insertInChunks(tx, specimen, specimens);
  await insertInChunks(tx, nodeMatch, matches);
  await insertInChunks(tx, pathologyReport, reports);
  const reads = await simulateReading(tx, actor, {
    demonstration,
    document,
    protocolVersionId,
    crops: readable,
    readers: people.readers,
  });
  await record(tx, "records.imported", {
    entity: "demonstration",
    entityId: demonstration.name,
    detail: { subjects: subjects.length, nodes: nodes.length, crops: crops.length, reads },
  });
}
