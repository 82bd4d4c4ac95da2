import { type StudyActor, withActor } from "@/server/door";
import { findUpload, type UploadPlace } from "./find-upload";

/** ms for which the place of an upload is kept, and of how many: thousands of files come within minutes. */
const kept = { for: 30_000, most: 50 };
const places = new Map<string, { place: UploadPlace; until: number }>();

/**
 * The place of an upload for whoever brings its files (`findUpload`), asked for again after half a minute: so long a protocol that is amended meanwhile does not count
 * for it. What has changed otherwise, the database itself refuses: after the lock, of a subject who withdrew, by whom is no member any more.
 */
export async function placeOfUpload(actor: StudyActor, uploadId: string): Promise<UploadPlace> {
  const key = [actor.role, actor.membershipId, actor.studyId, actor.siteId, uploadId].join(" ");
  const known = places.get(key);
  if (known && known.until > Date.now()) return known.place;
  const place = await withActor(actor, (tx) => findUpload(tx, actor, uploadId));
  places.delete(key);
  places.set(key, { place, until: Date.now() + kept.for });
  for (const oldest of places.keys()) if (places.size > kept.most) places.delete(oldest);
  return place;
}
