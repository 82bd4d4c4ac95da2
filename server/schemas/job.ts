import { z } from "zod";

/** Where a piece of work is in its life (`db/schema/job.ts`). */
export const jobState = z.enum(["queued", "running", "done", "failed", "cancelled"]);
export type JobState = z.infer<typeof jobState>;
