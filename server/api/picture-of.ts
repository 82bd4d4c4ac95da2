import { z } from "zod";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { drawInstance } from "@/server/services/series/draw-instance";
import { findInstance } from "@/server/services/series/find-instance";
import { inStudy } from "./route";

const asked = z.object({
  instance: z.uuid(),
  frame: z.coerce.number().int().min(1).default(1),
  window: z
    .object({ low: z.coerce.number(), high: z.coerce.number() })
    .refine(({ low, high }) => low < high)
    .optional(),
});

/**
 * A frame of an image as a picture: the one that the query names, or the first.
 * @param of.shown without a window of the query; "all" whatever window the query names
 */
export async function pictureOf(
  request: Request,
  { study: slug, instance }: { study: string; instance: string },
  of: { action: "series.view" | "series.bring"; shown: "as sent" | "all" },
): Promise<Response> {
  return inStudy({ slug, action: of.action }, async ({ actor }) => {
    const query = new URL(request.url).searchParams;
    const [low, high] = [query.get("low"), query.get("high")];
    const what = asked.safeParse({
      ...{ instance, frame: query.get("frame") ?? undefined },
      window: of.shown === "all" || (low === null && high === null) ? undefined : { low, high },
    });
    if (!what.success) throw new AppError("not_found", { key: "errors.image_unknown" });
    const { instance: instanceId, frame, window } = what.data;
    const { sha256 } = await withActor(actor, (tx) => findInstance(tx, actor, { instanceId }));
    return new Response(new Uint8Array(await drawInstance({ sha256, frame, shown: window ?? of.shown })), {
      headers: {
        "content-type": "image/png",
        "cache-control": "private, max-age=60",
        "x-content-type-options": "nosniff",
      },
    });
  });
}
