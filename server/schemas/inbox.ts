import { z } from "zod";
import { withLines } from "@/core/text/characters";

/** What waits for its exam, with whom it says it is of, and the exams that it may go to. */
export const inboxView = z.object({
  waiting: z.array(
    z.object({
      inboxId: z.uuid(),
      siteId: z.uuid(),
      images: z.int(),
      receivedAt: z.date(),
      name: z.string(),
      hospitalNumber: z.string(),
      birthDate: z.string(),
      studyDate: z.string(),
    }),
  ),
  exams: z.array(z.object({ examId: z.uuid(), siteId: z.uuid().nullable(), subject: z.string(), day: z.string() })),
});
export type InboxView = z.infer<typeof inboxView>;

export const matchInput = z.object({ inboxId: z.uuid(), examId: z.uuid() });
const images = z.int();
export const matchOutput = z.object({ accepted: images, known: images, held: images, refused: images });

export const turnAwayInput = z.object({
  inboxId: z.uuid(),
  reason: z.string().trim().min(3, "fields.reason").max(500).check(withLines),
});
