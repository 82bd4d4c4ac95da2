import { and, eq, isNotNull, ne } from "drizzle-orm";
import { findNearDuplicates } from "@/core/imaging/near-duplicates";
import type { Tx } from "@/db/actor";
import { alikeCrops, currentCrop } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { readSignature } from "@/server/image-signature";

/** Notes the images of other nodes that a new one nearly repeats, for `nw.contradictions()`. */
export async function noteAlikeCrops(
  tx: Tx,
  actor: StudyActor,
  added: { id: string; nodeId: string; signature: string | null },
): Promise<void> {
  if (added.signature === null) return;
  const others = await tx
    .select({ id: currentCrop.id, signature: currentCrop.signature })
    .from(currentCrop)
    .where(
      and(
        eq(currentCrop.studyId, actor.studyId),
        ne(currentCrop.nodeId, added.nodeId),
        isNotNull(currentCrop.signature),
      ),
    );
  const one = { id: added.id, signature: readSignature(added.signature) };
  const alike = others.filter(
    ({ id, signature }) =>
      signature !== null && findNearDuplicates([one, { id, signature: readSignature(signature) }]).length > 0,
  );
  if (alike.length === 0) return;
  await tx
    .insert(alikeCrops)
    .values(alike.map(({ id }) => ({ studyId: actor.studyId, cropId: added.id, otherId: id })));
}
