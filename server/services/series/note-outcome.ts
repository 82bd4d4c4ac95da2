import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { uploadedFile } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** What became of a file: taken, there already, taken but held until a person has looked at it, or refused. */
export interface FileOutcome {
  outcome: (typeof uploadedFile.$inferSelect)["outcome"];
  reason: Said | null;
}

/** Writes into the report of an upload what became of a file. @param file.ordinal 1, 2, ... in the order of the upload, by name where a browser sends it; what is no file leaves a gap */
export async function noteOutcome(
  tx: Tx,
  { studyId }: StudyActor,
  { uploadId }: { uploadId: string },
  { ordinal, bytes }: { ordinal: number; bytes: Uint8Array },
  { outcome, reason, instanceId }: FileOutcome & { instanceId?: string | undefined },
): Promise<FileOutcome> {
  await tx
    .insert(uploadedFile)
    .values({ uploadId, studyId, ordinal, outcome, reason, instanceId: instanceId ?? null, bytes: bytes.length })
    .onConflictDoNothing();
  return { outcome, reason };
}
