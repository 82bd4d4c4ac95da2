import { and, asc, eq, min, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { measurement, nodeSize, studiedNode, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/**
 * Every size that was recorded of the nodes that are in the study, node by node and in the order of time; one that was typed has no image and no ends. Who measured
 * is told by a number: 1 for whoever measured first in the study, whatever was taken out of it since.
 */
export async function listMeasurements(tx: Tx, actor: StudyActor) {
  const first = min(nodeSize.measuredAt);
  const measurers = await tx
    .select({ id: nodeSize.measuredBy, first })
    .from(nodeSize)
    .where(eq(nodeSize.studyId, actor.studyId))
    .groupBy(nodeSize.measuredBy)
    .orderBy(first, nodeSize.measuredBy);
  const numberOf = new Map(measurers.map(({ id }, at) => [id, at + 1]));
  const rows = await tx
    .select({
      subjectId: studiedNode.subjectId,
      subject: subject.number,
      node: studiedNode.ordinal,
      region: studiedNode.region,
      measuredBy: nodeSize.measuredBy,
      shortAxisMm: nodeSize.shortAxisMm,
      /** Whether no later size of the node took its place (`nw.current_size`). */
      counts: sql<boolean>`row_number() over (partition by ${nodeSize.nodeId} order by ${nodeSize.measuredAt} desc, ${nodeSize.id}) = 1`,
      repeat: measurement.repeat,
      longAxisMm: measurement.longAxisMm,
      instanceId: measurement.instanceId,
      frame: measurement.frame,
      ends: measurement.ends,
      rowSpacing: measurement.rowSpacing,
      columnSpacing: measurement.columnSpacing,
      spacingSource: measurement.spacingSource,
    })
    .from(nodeSize)
    .innerJoin(studiedNode, and(eq(studiedNode.id, nodeSize.nodeId), eq(studiedNode.studyId, nodeSize.studyId)))
    .innerJoin(subject, eq(subject.id, studiedNode.subjectId))
    .leftJoin(measurement, eq(measurement.sizeId, nodeSize.id))
    .where(and(eq(nodeSize.studyId, actor.studyId), eq(subject.status, "enrolled")))
    .orderBy(asc(studiedNode.ordinal), asc(nodeSize.measuredAt), asc(nodeSize.id));
  return rows.map((row) => ({ ...row, measurer: numberOf.get(row.measuredBy) ?? 0 }));
}
