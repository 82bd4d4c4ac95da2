import { Readable } from "node:stream";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { findImage } from "@/server/services/imaging/find-image";
import { store } from "@/server/store";

/** A stored crop, for the roles that may see it. Readers get theirs with the case, never here. */
export async function GET(_: Request, { params }: { params: Promise<{ study: string; sha256: string }> }) {
  const { study: slug, sha256 } = await params;
  return inStudy({ slug, action: "image.view" }, async ({ actor }) => {
    await withActor(actor, (tx) => findImage(tx, actor, { sha256 }));
    const { stream, bytes } = await store.get(sha256);
    return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, {
      headers: {
        "content-type": "image/png",
        "content-length": String(bytes),
        "cache-control": "private, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
      },
    });
  });
}
