import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { eq } from "drizzle-orm";
import { type ReportInput, reportRecords } from "@/core/report/records";
import { markBeyondPlan } from "@/core/stats/comparison/beyond-plan";
import { SaidError } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { analysis, analysisResult, job, report, reportFiles } from "@/db/schema";
import { record } from "@/server/audit";
import { comparison } from "@/server/schemas/analysis";
import { noteStored } from "@/server/services/imaging/note-stored";
import { runIsolated } from "@/worker/isolated";
import type { Lease, Work } from "@/worker/lease";
import type { ReportMessage } from "./report-process";

const lookEveryMilliseconds = 500;
/** The comparison, the sentences, Word, PDF. */
const steps = 4;

const mediaTypes = {
  word: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  pdf: "application/pdf",
} as const;

/** What the report is made of, or null while its comparison is being computed. @throws SaidError when that failed */
async function inputOf(tx: Tx, { jobId }: Lease): Promise<{ input: ReportInput; language: "en" | "zh" } | null> {
  const [asked] = await tx
    .select({ report, state: job.state, methods: analysis.methods, result: analysisResult })
    .from(report)
    .innerJoin(analysis, eq(analysis.id, report.analysisId))
    .innerJoin(job, eq(job.id, analysis.id))
    .leftJoin(analysisResult, eq(analysisResult.analysisId, analysis.id))
    .where(eq(report.id, jobId));
  if (!asked) throw new SaidError({ key: "worker.job_without_report" });
  const { result, state, methods } = asked;
  if (state === "failed" || state === "cancelled") throw new SaidError({ key: "worker.report_without_comparison" });
  if (!result) return null;
  return {
    language: asked.report.language,
    input: {
      records: reportRecords.parse(asked.report.records),
      result: markBeyondPlan(comparison.parse(result.result)),
      computed: { inputSha256: result.inputSha256, methods, at: result.createdAt.toISOString() },
    },
  };
}

/**
 * Makes the files of a report in a process of its own, once its comparison is there: that one stands in another queue and is computed meanwhile. Nothing of an
 * interrupted attempt is kept: the same records give the same files.
 */
export const makeReport: Work = {
  async run(lease) {
    await lease.write({ done: 0, total: steps });
    let found = await lease.read((tx) => inputOf(tx, lease));
    while (!found) {
      await wait(lookEveryMilliseconds, undefined, { signal: lease.signal });
      found = await lease.read((tx) => inputOf(tx, lease));
    }
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
          { ...word, mediaType: mediaTypes.word },
          { ...pdf, mediaType: mediaTypes.pdf },
        ]);
        await tx
          .insert(reportFiles)
          .values({ reportId: lease.jobId, studyId: lease.studyId, wordSha256: word.sha256, pdfSha256: pdf.sha256 });
        await record(tx, "report.made", {
          entity: "report",
          entityId: lease.jobId,
          detail: { docx: word.sha256, pdf: pdf.sha256 },
        });
      },
    };
  },
};
