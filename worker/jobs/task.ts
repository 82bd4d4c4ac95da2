import { z } from "zod";

/** The payload of a task of a finished run: ids only. Its handler (`task.handler.ts`) is loaded when the first job comes. */
export const taskPayload = z.object({ taskId: z.uuid(), studyId: z.uuid() });
export type TaskPayload = z.infer<typeof taskPayload>;
