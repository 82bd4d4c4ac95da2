import { z } from "zod";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { localeOf } from "@/server/locale";
import { takeModelCard } from "@/server/services/model/take-model-card";

/** The model card of a finished run, as Markdown. */
export const GET = guarded(
  { largest: 0 },
  async (request, { params }: { params: Promise<{ study: string; run: string }> }) => {
    const { study: slug, run } = await params;
    return inStudy({ slug, action: "models.view" }, async ({ actor }) => {
      if (!z.uuid().safeParse(run).success) throw new AppError("not_found", { key: "errors.no_such_run" });
      const { name, markdown } = await takeModelCard(actor, { runId: run, locale: localeOf(request.headers) });
      return new Response(markdown, {
        headers: {
          "content-type": "text/markdown; charset=utf-8",
          "content-disposition": `attachment; filename="${name}"`,
          "x-content-type-options": "nosniff",
        },
      });
    });
  },
);
