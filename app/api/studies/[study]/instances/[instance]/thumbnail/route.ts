import { z } from "zod";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { thumbnailSide } from "@/server/schemas/series";
import { drawInstance } from "@/server/services/series/draw-instance";
import { findInstance } from "@/server/services/series/find-instance";

const asked = z.object({ instance: z.uuid(), frame: z.coerce.number().int().min(1).default(1) });

/**
 * A frame of an image, small, for the list of series: for who sees the scanner's images, and of none that is held. A browser that has it asks whether it is still of
 * that file, and it is not drawn again.
 */
export const GET = guarded(
  { largest: 0 },
  async (request, { params }: { params: Promise<{ study: string; instance: string }> }) => {
    const { study: slug, instance } = await params;
    return inStudy({ slug, action: "series.view" }, async ({ actor }) => {
      const what = asked.safeParse({ instance, frame: new URL(request.url).searchParams.get("frame") ?? undefined });
      if (!what.success) throw new AppError("not_found", { key: "errors.image_unknown" });
      const { instance: instanceId, frame } = what.data;
      const { sha256, isHeld } = await withActor(actor, (tx) => findInstance(tx, actor, { instanceId }));
      if (isHeld) throw new AppError("not_found", { key: "errors.image_unknown" });
      const kept = { etag: `"${sha256}-${frame}-${thumbnailSide}"`, "cache-control": "private, no-cache" };
      if (request.headers.get("if-none-match") === kept.etag) return new Response(null, { status: 304, headers: kept });
      const picture = await drawInstance({ sha256, frame, side: thumbnailSide, shown: "as sent" });
      return new Response(new Uint8Array(picture), {
        headers: { "content-type": "image/png", "x-content-type-options": "nosniff", ...kept },
      });
    });
  },
);
