import { and, eq } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { job, report } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type ReportJob, reportJob } from "@/server/schemas/report";

/**
 * How far a report is.
 * @throws AppError "not_found" without such a report in the study
 */
export async function findReport(tx: Tx, actor: StudyActor, { reportId }: { reportId: string }): Promise<ReportJob> {
  const [row] = await tx
    .select({ job, language: report.language })
    .from(report)
    .innerJoin(job, eq(job.id, report.id))
    .where(and(eq(report.id, reportId), eq(report.studyId, actor.studyId)));
  if (!row) throw new AppError("not_found", { key: "errors.report_unknown", values: { report: reportId } });
  return reportJob.parse({ ...row.job, language: row.language, error: row.job.error && fromStored(row.job.error) });
}
