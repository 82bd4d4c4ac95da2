import { z } from "zod";
import { fileResponse } from "@/server/api/file-response";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { reportFormat } from "@/server/schemas/report";
import { takeReport } from "@/server/services/report/take-report";

/** A file of a report of the study: `?format=docx` or `pdf`. It never changes; each download is a look at the figures, and noted. */
export const GET = guarded(
  { largest: 0 },
  async (request, { params }: { params: Promise<{ study: string; report: string }> }) => {
    const { study: slug, report } = await params;
    return inStudy({ slug, action: "analysis.view" }, async ({ actor }) => {
      if (!z.uuid().safeParse(report).success) throw new AppError("not_found", { key: "errors.report_address" });
      const format = reportFormat.safeParse(new URL(request.url).searchParams.get("format"));
      if (!format.success) throw new AppError("invalid", { key: "errors.report_format" });
      return fileResponse(await takeReport(actor, { reportId: report, format: format.data }));
    });
  },
);
