import { bodyOf } from "@/server/api/body-of";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { findImage } from "@/server/services/imaging/find-image";
import { store } from "@/server/store";

/** For how long a browser shows an image without asking: a page or two, not after somebody else has sat down. */
const cacheSeconds = 60;

/** A stored crop, for the roles that may see it. Readers get theirs with the case, never here. */
export const GET = guarded(
  { largest: 0 },
  async (_, { params }: { params: Promise<{ study: string; sha256: string }> }) => {
    const { study: slug, sha256 } = await params;
    return inStudy({ slug, action: "image.view" }, async ({ actor }) => {
      await withActor(actor, (tx) => findImage(tx, actor, { sha256 }));
      const { stream, bytes } = await store.get(sha256);
      return new Response(bodyOf(stream), {
        headers: {
          "content-type": "image/png",
          "content-length": String(bytes),
          "cache-control": `private, max-age=${cacheSeconds}`,
          "x-content-type-options": "nosniff",
        },
      });
    });
  },
);
