import { z } from "zod";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { drawInstance } from "@/server/services/series/draw-instance";
import { findInstance } from "@/server/services/series/find-instance";

const asked = z.object({
  instance: z.uuid(),
  frame: z.coerce.number().int().min(1).default(1),
  /** Shown black and white; without both, as the image was sent. */
  window: z
    .object({ low: z.coerce.number(), high: z.coerce.number() })
    .refine(({ low, high }) => low < high)
    .optional(),
});

/** A frame of an image as a picture, for who sees the scanner's images: by the window of a crop, or as it was sent. */
export const GET = guarded(
  { largest: 0 },
  async (request, { params }: { params: Promise<{ study: string; instance: string }> }) => {
    const { study: slug, instance } = await params;
    return inStudy({ slug, action: "series.view" }, async ({ actor }) => {
      const query = new URL(request.url).searchParams;
      const [low, high] = [query.get("low"), query.get("high")];
      const what = asked.safeParse({
        ...{ instance, frame: query.get("frame") ?? undefined },
        window: low === null && high === null ? undefined : { low, high },
      });
      if (!what.success) throw new AppError("not_found", { key: "errors.image_unknown" });
      const { instance: instanceId, frame, window } = what.data;
      const { sha256 } = await withActor(actor, (tx) => findInstance(tx, actor, { instanceId }));
      return new Response(new Uint8Array(await drawInstance({ sha256, frame, shown: window ?? "as sent" })), {
        headers: {
          "content-type": "image/png",
          "cache-control": "private, max-age=60",
          "x-content-type-options": "nosniff",
        },
      });
    });
  },
);
