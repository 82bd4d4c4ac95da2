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
  const items = [...others, added].flatMap(({ id, signature }) =>
    signature ? [{ id, signature: readSignature(signature) }] : [],
  );
  const alike = findNearDuplicates(items, { only: new Set([added.id]) });
  if (alike.length === 0) return;
  await tx
    .insert(alikeCrops)
    .values(alike.map(({ a, b }) => ({ studyId: actor.studyId, cropId: added.id, otherId: a === added.id ? b : a })));
}
