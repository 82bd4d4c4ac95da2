import { eq } from "drizzle-orm";
import type { Locale } from "@/core/words";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { report, reportFiles } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { queueJob, resumeJob } from "@/server/jobs";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { store } from "@/server/store";
import { loadReportRecords } from "./load-report-records";
import { newestReport } from "./newest-report";

/**
 * Has the paper of a study made by the worker, out of the comparison, which is computed first where it is not there, and of the records as they are now.
 * One that is being made, or was made of the same records, is not made twice; one that failed, was cancelled or stands in no queue is taken up again. It is made
 * anew of other records, and when its files are lost.
 * @param options.runId another run than the newest that speaks for the network
 * @returns the report, whose id is its job's
 * @throws AppError "conflict" before the lock, and as `requestComparison`
 */
export async function requestReport(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined; language: Locale },
): Promise<{ reportId: string }> {
  const { runId, language } = options;
  await hold(tx, "reports of a study", actor.studyId);
  const inLanguage = { ...actor, locale: language };
  const records = await loadReportRecords(tx, inLanguage, { runId });
  const { analysisId } = await requestComparison(tx, actor, { runId });
  const queued = (id: string) =>
    record(tx, "report.queued", { entity: "report", entityId: id, detail: { analysis: analysisId, language } });
  const newest = await newestReport(tx, inLanguage, { analysisId });
  if (newest) {
    const isUnderWay = newest.state === "queued" || newest.state === "running";
    if (isUnderWay || (await isOfRecords(tx, newest.id, records))) {
      if (await resumeJob(tx, actor, { kind: "report", jobId: newest.id })) await queued(newest.id);
      return { reportId: newest.id };
    }
  }
  const id = await queueJob(tx, actor, { kind: "report" });
  await tx.insert(report).values({ id, studyId: actor.studyId, analysisId, language, records });
  await queued(id);
  return { reportId: id };
}

/** Whether a report is, or is to be, made of these records, and its files are there as far as they were made. */
async function isOfRecords(tx: Tx, reportId: string, records: object): Promise<boolean> {
  const [made] = await tx
    .select({ records: report.records, word: reportFiles.wordSha256, pdf: reportFiles.pdfSha256 })
    .from(report)
    .leftJoin(reportFiles, eq(reportFiles.reportId, report.id))
    .where(eq(report.id, reportId));
  if (JSON.stringify(made?.records) !== JSON.stringify(records)) return false;
  for (const file of [made?.word, made?.pdf]) if (file && !(await store.has(file))) return false;
  return true;
}
