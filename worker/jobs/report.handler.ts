import { fileURLToPath } from "node:url";
import { eq, sql } from "drizzle-orm";
import type { ReportInput } from "@/core/report/records";
import { markBeyondPlan } from "@/core/stats/comparison/beyond-plan";
import type { Locale } from "@/core/words";
import { SaidError } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { analysis, analysisResult, job, report, reportFiles } from "@/db/schema";
import { record } from "@/server/audit";
import { comparison } from "@/server/schemas/analysis";
import { reportMediaTypes } from "@/server/schemas/report";
import { noteStored } from "@/server/services/imaging/note-stored";
import { loadReportRecords } from "@/server/services/report/load-report-records";
import { runIsolated } from "@/worker/isolated";
import type { Lease, Work } from "@/worker/lease";
import type { ReportMessage } from "./report-process";

/** The comparison, the sentences, Word, PDF. */
const steps = 4;

/** Whether the comparison of a report is being computed or has its turn in the queue. One that stands in none would never come. */
async function isWaiting(tx: Tx, reportId: string): Promise<boolean> {
  // At one look: what stalled is put back under another number.
  const [comparison] = await tx
    .select({ state: job.state, hasTurn: sql<boolean>`exists (select from pgboss.job q where q.id = ${job.queueId})` })
    .from(report)
    .innerJoin(job, eq(job.id, report.analysisId))
    .where(eq(report.id, reportId));
  return comparison?.state === "running" || (comparison?.state === "queued" && comparison.hasTurn);
}

/**
 * What the report is made of: its comparison, and what the records say, which are read here, whatever somebody who asks for it could write down.
 * @throws SaidError when its comparison was not computed
 */
async function inputOf(tx: Tx, { jobId, studyId }: Lease): Promise<{ input: ReportInput; language: Locale }> {
  const [asked] = await tx
    .select({ report, runId: analysis.runId, methods: analysis.methods, result: analysisResult })
    .from(report)
    .innerJoin(analysis, eq(analysis.id, report.analysisId))
    .leftJoin(analysisResult, eq(analysisResult.analysisId, analysis.id))
    .where(eq(report.id, jobId));
  if (!asked) throw new SaidError({ key: "worker.job_without_report" });
  const { result, runId, methods } = asked;
  if (!result) throw new SaidError({ key: "worker.report_without_comparison" });
  const { language } = asked.report;
  return {
    language,
    input: {
      records: await loadReportRecords(tx, { studyId, locale: language }, { runId }),
      result: markBeyondPlan(comparison.parse(result.result)),
      computed: { inputSha256: result.inputSha256, methods, at: result.createdAt.toISOString() },
    },
  };
}

/** Makes the files of a report in a process of its own, once its comparison is there. Nothing of an interrupted attempt is kept: the same records give the same files. */
export const makeReport: Work = {
  isWaiting,
  async run(lease) {
    await lease.write({ done: 0, total: steps });
    const found = await lease.read((tx) => inputOf(tx, lease));
    await lease.write({ done: 1 });
    let files: Extract<ReportMessage, { kind: "files" }> | undefined;
    await runIsolated<ReportMessage>({
      module: fileURLToPath(new URL("./report-process.ts", import.meta.url)),
      payload: found,
      async onMessage(message) {
        if (message.kind === "files") files = message;
        else await lease.write({ done: message.done });
      },
      signal: lease.signal,
    });
    if (!files) throw new SaidError({ key: "worker.report_without_files" });
    const { word, pdf } = files;
    return {
      progress: { done: steps },
      async write(tx) {
        await noteStored(tx, lease, [
          { ...word, mediaType: reportMediaTypes.docx },
          { ...pdf, mediaType: reportMediaTypes.pdf },
        ]);
        await tx.insert(reportFiles).values({
          reportId: lease.jobId,
          studyId: lease.studyId,
          wordSha256: word.sha256,
          pdfSha256: pdf.sha256,
          records: found.input.records,
        });
        await record(tx, "report.made", {
          entity: "report",
          entityId: lease.jobId,
          detail: { docx: word.sha256, pdf: pdf.sha256 },
        });
      },
    };
  },
};
