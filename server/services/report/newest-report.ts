import { and, desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { job, report } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { ReportJob } from "@/server/schemas/report";
import { findReport } from "./find-report";

/** The newest report of a comparison in the language of the actor, or how far it is; null: nobody has asked for one. A report of an earlier comparison is none of it. */
export async function newestReport(
  tx: Tx,
  actor: StudyActor,
  { analysisId }: { analysisId: string },
): Promise<ReportJob | null> {
  const [newest] = await tx
    .select({ id: report.id })
    .from(report)
    .innerJoin(job, eq(job.id, report.id))
    .where(
      and(
        eq(report.studyId, actor.studyId),
        eq(report.analysisId, analysisId),
        eq(report.language, actor.locale ?? "en"),
      ),
    )
    .orderBy(desc(job.createdAt))
    .limit(1);
  return newest ? findReport(tx, actor, { reportId: newest.id }) : null;
}
