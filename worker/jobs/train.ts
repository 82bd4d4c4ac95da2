import { z } from "zod";

/** The payload of a training job: ids only. Its handler (`train.handler.ts`) is loaded when the first job comes, because it pulls in TensorFlow. */
export const trainPayload = z.object({ runId: z.uuid(), studyId: z.uuid() });
export type TrainPayload = z.infer<typeof trainPayload>;
