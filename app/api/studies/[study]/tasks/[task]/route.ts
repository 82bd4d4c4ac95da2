import { z } from "zod";
import { bodyOf } from "@/server/api/body-of";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { takeTaskFile } from "@/server/services/model/take-task-file";

/** The file that a task of the study made: an explanation, or a model for other programs. It never changes. */
export const GET = guarded(
  { largest: 0 },
  async (_, { params }: { params: Promise<{ study: string; task: string }> }) => {
    const { study: slug, task } = await params;
    return inStudy({ slug, action: "models.view" }, async ({ actor }) => {
      if (!z.uuid().safeParse(task).success) throw new AppError("not_found", { key: "errors.no_such_task" });
      const { stream, bytes, mediaType, name } = await takeTaskFile(actor, { taskId: task });
      return new Response(bodyOf(stream), {
        headers: {
          "content-type": mediaType,
          "content-length": String(bytes),
          "content-disposition": `attachment; filename="${name.replaceAll(/[^\w.-]+/g, "_")}"`,
          "x-content-type-options": "nosniff",
        },
      });
    });
  },
);
