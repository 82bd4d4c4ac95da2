import { and, eq } from "drizzle-orm";
import { analysis, analysisResult, report, reportFiles, study } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type ReportFormat, reportMediaTypes } from "@/server/schemas/report";
import { currentMethods } from "@/server/services/computation/current-methods";
import { isLost, type OpenObject, store } from "@/server/store";
import { findReport } from "./find-report";

/**
 * A file of a report that is made. It is opened outside any transaction, and noted as handed out when there are bytes to hand out: it is a look at
 * readers and network against the truth. One that was made before a patient withdrew is not handed out any more. The stream fails before its end where the
 * file is damaged.
 * @throws AppError "not_found" without such a report in the study, "conflict" while it is not made or when it is out of date, "unavailable" when the file is
 * missing
 */
export async function takeReport(
  actor: StudyActor,
  { reportId, format }: { reportId: string; format: ReportFormat },
): Promise<OpenObject & { mediaType: string; name: string }> {
  const { state, files, methods } = await withActor(actor, async (tx) => {
    const { state } = await findReport(tx, actor, { reportId });
    const [files] = await tx
      .select({
        docx: reportFiles.wordSha256,
        pdf: reportFiles.pdfSha256,
        language: report.language,
        methods: analysis.methods,
        input: analysisResult.inputSha256,
        slug: study.slug,
        synthetic: study.synthetic,
      })
      .from(reportFiles)
      .innerJoin(report, eq(report.id, reportFiles.reportId))
      .innerJoin(analysis, eq(analysis.id, report.analysisId))
      .innerJoin(analysisResult, eq(analysisResult.analysisId, analysis.id))
      .innerJoin(study, eq(study.id, report.studyId))
      .where(and(eq(reportFiles.reportId, reportId), eq(reportFiles.studyId, actor.studyId)));
    return { state, files, methods: await currentMethods(tx, actor) };
  });
  if (state !== "done" || !files)
    throw new AppError("conflict", {
      key: state === "queued" || state === "running" ? "errors.report_pending" : "errors.report_none",
      values: { report: reportId },
    });
  if (files.methods !== methods) throw new AppError("conflict", { key: "errors.report_outdated" });
  const sha256 = files[format];
  const file = await store.get(sha256).catch((error: unknown) => {
    throw isLost(error) ? new AppError("unavailable", { key: "errors.report_missing" }) : error;
  });
  await withActor(actor, (tx) =>
    record(tx, "analysis.exported", {
      entity: "report",
      entityId: reportId,
      detail: { input: files.input, format, sha256 },
    }),
  ).catch((error: unknown) => {
    file.stream.destroy();
    throw error;
  });
  const name = `${files.slug}-report-${files.language}${files.synthetic ? "-synthetic" : ""}.${format}`;
  return { ...file, mediaType: reportMediaTypes[format], name };
}
