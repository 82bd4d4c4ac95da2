import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { findImage } from "@/server/services/imaging/find-image";
import { getObject } from "@/server/storage";

/** A stored crop, for the roles that may see it. Readers get theirs with the case, never here. */
export async function GET(_: Request, { params }: { params: Promise<{ study: string; sha256: string }> }) {
  const { study: slug, sha256 } = await params;
  return inStudy({ slug, action: "image.view" }, async ({ actor }) => {
    await withActor(actor, (tx) => findImage(tx, actor, { sha256 }));
    return new Response(new Uint8Array(await getObject(sha256)), {
      headers: {
        "content-type": "image/png",
        "cache-control": "private, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
      },
    });
  });
}
