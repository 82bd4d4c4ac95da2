import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StoredObject } from "@/server/store";
import { voucher } from "@/server/voucher";

/**
 * Makes stored files files of a study, which its rows can name from then on. The database takes them with the signature of this server alone: its roles can write
 * any hash, and a file of another study is one, too.
 * @param files as the store gave them back for this study's own bytes: never a hash from elsewhere
 */
export async function noteStored(
  tx: Tx,
  { studyId }: { studyId: string },
  files: readonly (StoredObject & { mediaType: string })[],
): Promise<void> {
  const signed = files.map(({ sha256, bytes, mediaType }) => ({
    sha256,
    bytes,
    media_type: mediaType,
    signature: voucher("stored_object", studyId, sha256),
  }));
  await tx.execute(sql`select nw.note_stored(${JSON.stringify(signed)}::jsonb)`);
}
