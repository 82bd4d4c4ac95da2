import { eq } from "drizzle-orm";
import { tidyId } from "@/core/ids";
import type { ItemValue } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { currentBaseline, currentReport, currentSize, node, specimen, storedObject, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { nodeKey } from "@/server/tables/places";
import { cropsByPlace } from "./crops-by-place";

const byKey = <T, K>(rows: readonly T[], key: (row: T) => K) => new Map(rows.map((row) => [key(row), row]));

/** What a study holds, by the names that a manifest uses. */
export async function studyRecords(tx: Tx, actor: StudyActor) {
  const ofStudy = { subject: subject.number, node: node.label };
  const subjects = await tx
    .select({ id: subject.id, number: subject.number, status: subject.status })
    .from(subject)
    .where(eq(subject.studyId, actor.studyId));
  const recorded = await tx
    .select({ subjectId: currentBaseline.subjectId, key: currentBaseline.itemKey, value: currentBaseline.value })
    .from(currentBaseline)
    .where(eq(currentBaseline.studyId, actor.studyId));
  const nodes = await tx
    .select({ ...ofStudy, id: node.id, subjectId: node.subjectId, ordinal: node.ordinal, region: node.region })
    .from(node)
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .where(eq(node.studyId, actor.studyId));
  const sizes = await tx
    .select({ nodeId: currentSize.nodeId, shortAxisMm: currentSize.shortAxisMm })
    .from(currentSize)
    .where(eq(currentSize.studyId, actor.studyId));
  const specimens = await tx
    .select({ id: specimen.id, subjectId: specimen.subjectId, label: specimen.label })
    .from(specimen)
    .where(eq(specimen.studyId, actor.studyId));
  const reports = await tx
    .select({ nodeId: currentReport.nodeId, result: currentReport.result })
    .from(currentReport)
    .where(eq(currentReport.studyId, actor.studyId));
  const objects = await tx
    .select({ sha256: storedObject.sha256 })
    .from(storedObject)
    .where(eq(storedObject.studyId, actor.studyId));
  const values = new Map<string, Map<string, ItemValue>>();
  for (const { subjectId, key, value } of recorded)
    values.set(subjectId, (values.get(subjectId) ?? new Map()).set(key, value));
  const highest = new Map<string, number>();
  for (const { subjectId, ordinal } of nodes) highest.set(subjectId, Math.max(ordinal, highest.get(subjectId) ?? 0));
  return {
    subjects: byKey(subjects, (row) => tidyId(row.number)),
    values,
    nodes: byKey(nodes, nodeKey),
    highestOrdinal: highest,
    sizes: byKey(sizes, (row) => row.nodeId),
    specimens: byKey(specimens, (row) => JSON.stringify([row.subjectId, tidyId(row.label)])),
    reports: byKey(reports, (row) => row.nodeId),
    crops: await cropsByPlace(tx, actor),
    objects: new Set(objects.map(({ sha256 }) => sha256)),
  };
}

export type StudyRecords = Awaited<ReturnType<typeof studyRecords>>;
