import { z } from "zod";
import { fileResponse } from "@/server/api/file-response";
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
      return fileResponse(await takeTaskFile(actor, { taskId: task }));
    });
  },
);
