import { and, desc, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import { currentReport, eligibilityAssessment, studiedNode, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { studyCounts } from "@/server/services/study/study-counts";
import { studyProtocol } from "@/server/services/study/study-protocol";

const reasons = z.array(z.object({ key: z.string() }));

/**
 * The boxes of the flow diagram (STARD 2015, item 19), counted from the records. A failed screening counts under each criterion that decided it.
 * Whoever withdrew the consent stands in a box apart, and from there on only whose data may still be used is counted: each box less those beside it is the
 * next one.
 * @param options.locked whether pathology may be counted: "not found at surgery" is a result
 */
export async function flowDiagram(tx: Tx, actor: Pick<StudyActor, "studyId" | "locale">, options: { locked: boolean }) {
  const { document } = await studyProtocol(tx, actor);
  const { counts } = await studyCounts(tx, actor);
  const newest = tx
    .selectDistinctOn([eligibilityAssessment.subjectId], {
      subjectId: eligibilityAssessment.subjectId,
      reasons: eligibilityAssessment.reasons,
    })
    .from(eligibilityAssessment)
    .orderBy(eligibilityAssessment.subjectId, desc(eligibilityAssessment.assessedAt))
    .as("newest");
  const failed = await tx
    .select({ reasons: newest.reasons })
    .from(newest)
    .innerJoin(subject, eq(subject.id, newest.subjectId))
    .where(eq(subject.status, "screen_failure"));
  const keys = failed.flatMap((row) => reasons.parse(row.reasons).map((reason) => reason.key));
  let notFound: number | null = null;
  if (options.locked) {
    const ofStudied = tx.select({ id: studiedNode.id }).from(studiedNode).where(eq(studiedNode.studyId, actor.studyId));
    notFound = await tx.$count(
      currentReport,
      and(
        eq(currentReport.studyId, actor.studyId),
        eq(currentReport.result, "not_found"),
        inArray(currentReport.nodeId, ofStudied),
      ),
    );
  }
  return {
    screened: counts.screened,
    undecided: counts.screening,
    failures: counts.screenFailures,
    failureReasons: document.criteria
      .map((criterion) => ({ ...criterion, count: keys.filter((key) => key === criterion.key).length }))
      .filter((criterion) => criterion.count > 0),
    eligibleNotEnrolled: counts.eligible,
    enrolled: counts.enrolled,
    withdrawn: {
      keep: counts.withdrawnKept,
      no_further_use: counts.withdrawnUnused,
      destroy: counts.withdrawnDestroyed,
    },
    inUse: counts.enrolled - counts.withdrawnUnused - counts.withdrawnDestroyed,
    nodesLocated: counts.nodes + counts.nodesExcluded,
    nodes: counts.nodes,
    nodesExcluded: counts.nodesExcluded,
    nodesNotFound: notFound,
    crops: counts.crops,
  };
}
