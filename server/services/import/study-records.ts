import { and, asc, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { baseline, crop, node, nodeSize, pathologyReport, specimen, storedObject, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { cropKey, nodeKey } from "./parse-manifest";

/** Later rows win: records are read oldest first, and the newest counts. */
const byKey = <T, K>(rows: readonly T[], key: (row: T) => K) => new Map(rows.map((row) => [key(row), row]));

/** What a study holds, by the names that a manifest uses. */
export async function studyRecords(tx: Tx, actor: StudyActor) {
  const ofStudy = { subject: subject.number, node: node.label };
  const subjects = await tx
    .select({ id: subject.id, number: subject.number, status: subject.status })
    .from(subject)
    .where(eq(subject.studyId, actor.studyId));
  const baselines = await tx
    .select({
      subjectId: baseline.subjectId,
      sex: baseline.sex,
      age: baseline.ageYears,
      t_stage: baseline.tStage,
    })
    .from(baseline)
    .where(eq(baseline.studyId, actor.studyId))
    .orderBy(asc(baseline.recordedAt));
  const nodes = await tx
    .select({ ...ofStudy, id: node.id, subjectId: node.subjectId, ordinal: node.ordinal, region: node.region })
    .from(node)
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .where(eq(node.studyId, actor.studyId));
  const sizes = await tx
    .select({ nodeId: nodeSize.nodeId, shortAxisMm: nodeSize.shortAxisMm })
    .from(nodeSize)
    .where(eq(nodeSize.studyId, actor.studyId))
    .orderBy(asc(nodeSize.measuredAt));
  const specimens = await tx
    .select({ id: specimen.id, subjectId: specimen.subjectId, label: specimen.label })
    .from(specimen)
    .where(eq(specimen.studyId, actor.studyId));
  const reports = await tx
    .select({ nodeId: pathologyReport.nodeId, result: pathologyReport.result })
    .from(pathologyReport)
    .where(eq(pathologyReport.studyId, actor.studyId))
    .orderBy(asc(pathologyReport.reportedAt));
  const crops = await tx
    .select({
      ...ofStudy,
      id: crop.id,
      plane: crop.plane,
      pixelSha256: crop.pixelSha256,
      signature: crop.signature,
      scaledFromWidth: crop.scaledFromWidth,
      scaledFromHeight: crop.scaledFromHeight,
    })
    .from(crop)
    .innerJoin(node, eq(node.id, crop.nodeId))
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .where(and(eq(crop.studyId, actor.studyId), isNull(crop.supersededAt)));
  const objects = await tx
    .select({ sha256: storedObject.sha256 })
    .from(storedObject)
    .where(eq(storedObject.studyId, actor.studyId));
  const highest = new Map<string, number>();
  for (const { subjectId, ordinal } of nodes) highest.set(subjectId, Math.max(ordinal, highest.get(subjectId) ?? 0));
  return {
    subjects: byKey(subjects, (row) => row.number),
    baselines: byKey(baselines, (row) => row.subjectId),
    nodes: byKey(nodes, nodeKey),
    highestOrdinal: highest,
    sizes: byKey(sizes, (row) => row.nodeId),
    specimens: byKey(specimens, (row) => JSON.stringify([row.subjectId, row.label])),
    reports: byKey(reports, (row) => row.nodeId),
    crops: byKey(crops, cropKey),
    objects: new Set(objects.map(({ sha256 }) => sha256)),
  };
}

export type StudyRecords = Awaited<ReturnType<typeof studyRecords>>;
