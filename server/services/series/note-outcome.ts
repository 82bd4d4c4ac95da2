import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { uploadedFile } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** What became of a file: taken, there already, taken but held until a person has looked at it, or refused. */
export interface FileOutcome {
  outcome: (typeof uploadedFile.$inferSelect)["outcome"];
  reason: Said | null;
}

/** Writes into the report of an upload what became of a file. @param file.ordinal 1, 2, ... in the order in which the files of the upload were sent */
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
