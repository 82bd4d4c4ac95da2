import { and, desc, eq } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { job, report } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { type ReportJob, reportJob, reportLanguage } from "@/server/schemas/report";

/** The newest report of a comparison in each language, or how far it is. A report of an earlier comparison is none of it. */
export async function newestReports(
  tx: Tx,
  actor: StudyActor,
  { analysisId }: { analysisId: string },
): Promise<ReportJob[]> {
  const rows = await tx
    .select({ job, language: report.language })
    .from(report)
    .innerJoin(job, eq(job.id, report.id))
    .where(and(eq(report.studyId, actor.studyId), eq(report.analysisId, analysisId)))
    .orderBy(desc(job.createdAt));
  return reportLanguage.options.flatMap((language) => {
    const newest = rows.find((row) => row.language === language);
    return newest
      ? [reportJob.parse({ ...newest.job, language, error: newest.job.error && fromStored(newest.job.error) })]
      : [];
  });
}
