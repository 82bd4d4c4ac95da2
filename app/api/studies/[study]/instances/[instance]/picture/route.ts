import { z } from "zod";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { drawInstance } from "@/server/services/series/draw-instance";
import { findInstance } from "@/server/services/series/find-instance";

const asked = z.object({ instance: z.uuid(), frame: z.coerce.number().int().min(1).default(1) });

/** A frame of a held image as a picture, for who decides about it. */
export const GET = guarded(
  { largest: 0 },
  async (request, { params }: { params: Promise<{ study: string; instance: string }> }) => {
    const { study: slug, instance } = await params;
    return inStudy({ slug, action: "series.bring" }, async ({ actor }) => {
      const what = asked.safeParse({ instance, frame: new URL(request.url).searchParams.get("frame") ?? undefined });
      if (!what.success) throw new AppError("not_found", { key: "errors.image_unknown" });
      const { instance: instanceId, frame } = what.data;
      const { sha256 } = await withActor(actor, (tx) => findInstance(tx, actor, { instanceId }));
      return new Response(new Uint8Array(await drawInstance({ sha256, frame })), {
        headers: {
          "content-type": "image/png",
          "cache-control": "private, max-age=60",
          "x-content-type-options": "nosniff",
        },
      });
    });
  },
);
