import { sql } from "drizzle-orm";
import { findNearDuplicates } from "@/core/imaging/near-duplicates";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { readSignature } from "@/server/image-signature";
import { voucher } from "@/server/voucher";

/**
 * Notes the images of other nodes that a new one nearly repeats, for `nw.contradictions()` and for who is shown what first: those of every site, whichever
 * whoever brings it sees. Under the lock "pictures of a study": of two that come at once the later finds the earlier.
 */
export async function noteAlikeCrops(
  tx: Tx,
  { studyId }: StudyActor,
  added: { id: string; signature: string | null },
): Promise<void> {
  if (added.signature === null) return;
  const others = await tx.execute<{ id: string; signature: string }>(
    sql`select id, signature from nw.pictures_beside(${added.id}::uuid, ${voucher("pictures_beside", studyId, added.id)})`,
  );
  const items = [...others, { ...added, signature: added.signature }].map(({ id, signature }) => ({
    id,
    signature: readSignature(signature),
  }));
  const alike = findNearDuplicates(items, { only: new Set([added.id]) }).map(({ a, b }) => (a === added.id ? b : a));
  if (alike.length === 0) return;
  const said = alike.join(" ");
  await tx.execute(
    sql`select nw.note_alike(${added.id}::uuid, ${said}, ${voucher("alike_crops", studyId, added.id, said)})`,
  );
}
