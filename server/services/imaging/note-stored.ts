import { createHmac } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { env } from "@/server/env";
import type { StoredObject } from "@/server/store";

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
    signature: createHmac("sha256", env().NODEWISE_ACTOR_SECRET)
      .update(`stored_object|${studyId}|${sha256}`)
      .digest("hex"),
  }));
  await tx.execute(sql`select nw.note_stored(${JSON.stringify(signed)}::jsonb)`);
}
