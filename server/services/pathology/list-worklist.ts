import { desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { nodeMatch, pathologyReport, person, specimen } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { PathologyNode } from "@/server/schemas/pathology";
import { listNodes } from "@/server/services/imaging/list-nodes";

/** The nodes of this site with what has been reported of each, newest report first. */
export async function listWorklist(tx: Tx, actor: StudyActor): Promise<PathologyNode[]> {
  const { nodes } = await listNodes(tx, actor);
  const reports = await tx
    .select({
      nodeId: pathologyReport.nodeId,
      result: pathologyReport.result,
      reason: pathologyReport.reason,
      by: person.name,
      at: pathologyReport.reportedAt,
      specimen: specimen.label,
      confidence: nodeMatch.confidence,
    })
    .from(pathologyReport)
    .leftJoin(person, eq(person.id, pathologyReport.reportedBy))
    .leftJoin(nodeMatch, eq(nodeMatch.id, pathologyReport.matchId))
    .leftJoin(specimen, eq(specimen.id, nodeMatch.specimenId))
    .where(eq(pathologyReport.studyId, actor.studyId))
    .orderBy(desc(pathologyReport.reportedAt));
  return nodes.map((node) => ({
    ...node,
    reports: reports.filter((report) => report.nodeId === node.id),
  }));
}
