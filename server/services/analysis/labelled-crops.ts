import { and, asc, desc, eq, isNull, notExists, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { crop, node, nodeExclusion, pathologyReport, subject } from "@/db/schema";

/**
 * Every crop with a reference standard, in a fixed order: the images that readers and network are judged on.
 * Left out: superseded crops, excluded nodes, nodes without a report, and nodes that pathology did not find.
 * Rows come only after the lock (row policies of the actor's role).
 */
export async function labelledCrops(tx: Tx, actor: { studyId: string }) {
  const newest = tx
    .selectDistinctOn([pathologyReport.nodeId], { nodeId: pathologyReport.nodeId, result: pathologyReport.result })
    .from(pathologyReport)
    .orderBy(pathologyReport.nodeId, desc(pathologyReport.reportedAt))
    .as("newest");
  const rows = await tx
    .select({
      cropId: crop.id,
      nodeId: node.id,
      subjectId: subject.id,
      subject: subject.number,
      node: node.label,
      plane: crop.plane,
      sha256: crop.sha256,
      pixelSha256: crop.pixelSha256,
      signature: crop.signature,
      width: crop.width,
      height: crop.height,
      truth: sql<0 | 1>`case ${newest.result} when 'positive' then 1 else 0 end`,
    })
    .from(crop)
    .innerJoin(node, eq(node.id, crop.nodeId))
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .innerJoin(newest, eq(newest.nodeId, node.id))
    .where(
      and(
        eq(crop.studyId, actor.studyId),
        isNull(crop.supersededAt),
        sql`${newest.result} <> 'not_found'`,
        notExists(tx.select({ one: sql`1` }).from(nodeExclusion).where(eq(nodeExclusion.nodeId, node.id))),
      ),
    )
    // By code point, so that the order does not hang on the language of the server.
    .orderBy(sql`${subject.number} collate "C"`, asc(node.ordinal), sql`${crop.plane} collate "C"`);
  return rows;
}

export type LabelledCrop = Awaited<ReturnType<typeof labelledCrops>>[number];
