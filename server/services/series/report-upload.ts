import { and, eq } from "drizzle-orm";
import { sayIn } from "@/core/words";
import type { Tx } from "@/db/actor";
import { uploadedFile } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** What became of each file of an upload, in the order in which they were sent. */
export async function reportUpload(tx: Tx, actor: StudyActor, { uploadId }: { uploadId: string }) {
  const say = sayIn(actor.locale ?? "en");
  const files = await tx
    .select({
      ordinal: uploadedFile.ordinal,
      outcome: uploadedFile.outcome,
      reason: uploadedFile.reason,
      bytes: uploadedFile.bytes,
    })
    .from(uploadedFile)
    .where(and(eq(uploadedFile.studyId, actor.studyId), eq(uploadedFile.uploadId, uploadId)))
    .orderBy(uploadedFile.ordinal);
  return files.map(({ reason, ...file }) => ({ ...file, reason: reason && say(reason) }));
}
