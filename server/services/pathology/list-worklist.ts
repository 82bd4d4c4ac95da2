import { asc, desc, eq } from "drizzle-orm";
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
    })
    .from(pathologyReport)
    .leftJoin(person, eq(person.id, pathologyReport.reportedBy))
    .where(eq(pathologyReport.studyId, actor.studyId))
    .orderBy(desc(pathologyReport.reportedAt));
  const matches = await tx
    .select({
      nodeId: nodeMatch.nodeId,
      confidence: nodeMatch.confidence,
      specimen: specimen.label,
      at: nodeMatch.matchedAt,
    })
    .from(nodeMatch)
    .innerJoin(specimen, eq(specimen.id, nodeMatch.specimenId))
    .where(eq(nodeMatch.studyId, actor.studyId))
    .orderBy(asc(nodeMatch.matchedAt));
  return nodes.map((node) => ({
    ...node,
    reports: reports
      .filter((report) => report.nodeId === node.id)
      .map((report) => {
        const match =
          report.result === "not_found"
            ? undefined
            : matches.findLast((each) => each.nodeId === node.id && each.at <= report.at);
        return {
          ...report,
          by: report.by ?? "unknown",
          specimen: match?.specimen ?? null,
          confidence: match?.confidence ?? null,
        };
      }),
  }));
}
