import { and, desc, eq } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Tx } from "@/db/actor";
import { nodeMatch, pathologyReport, person, specimen } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { PassportReport } from "@/server/schemas/passport";

/** What pathology reported of a node, the newest first, which counts; each report with its specimen, and how sure that is. */
export async function pathologyOf(
  tx: Tx,
  { studyId }: StudyActor,
  { nodeId }: { nodeId: string },
): Promise<PassportReport[]> {
  const [reporter, matcher, labeller] = [
    alias(person, "reporter"),
    alias(person, "matcher"),
    alias(person, "labeller"),
  ];
  const rows = await tx
    .select({
      report: pathologyReport,
      by: reporter.name,
      match: nodeMatch,
      matchedBy: matcher.name,
      specimen,
      labelledBy: labeller.name,
    })
    .from(pathologyReport)
    .leftJoin(reporter, eq(reporter.id, pathologyReport.reportedBy))
    .leftJoin(nodeMatch, eq(nodeMatch.id, pathologyReport.matchId))
    .leftJoin(matcher, eq(matcher.id, nodeMatch.matchedBy))
    .leftJoin(specimen, eq(specimen.id, nodeMatch.specimenId))
    .leftJoin(labeller, eq(labeller.id, specimen.createdBy))
    .where(and(eq(pathologyReport.studyId, studyId), eq(pathologyReport.nodeId, nodeId)))
    .orderBy(desc(pathologyReport.reportedAt), pathologyReport.id);
  return rows.map(({ report, by, match, matchedBy, specimen: from, labelledBy }, at) => ({
    ...{ id: report.id, result: report.result, reason: report.reason, counts: at === 0, by, at: report.reportedAt },
    specimen:
      match && from
        ? {
            ...{ label: from.label, by: labelledBy, at: from.createdAt },
            match: {
              ...{ confidence: match.confidence, sharedReason: match.sharedReason },
              ...{ by: matchedBy, at: match.matchedAt },
            },
          }
        : null,
  }));
}
