import { z } from "zod";
import { bodyOf } from "@/server/api/body-of";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findInstance } from "@/server/services/series/find-instance";
import { store } from "@/server/store";

/** For how long a browser scrolls through images without asking again: as for crops. */
const cacheSeconds = 60;

/** A de-identified image as DICOM, for the viewer. */
export const GET = guarded(
  { largest: 0 },
  async (_, { params }: { params: Promise<{ study: string; instance: string }> }) => {
    const { study: slug, instance } = await params;
    return inStudy({ slug, action: "series.view" }, async ({ actor }) => {
      const id = z.uuid().safeParse(instance);
      if (!id.success) throw new AppError("not_found", { key: "errors.image_unknown" });
      const { sha256 } = await withActor(actor, (tx) => findInstance(tx, actor, { instanceId: id.data }));
      const { stream, bytes } = await store.get(sha256);
      return new Response(bodyOf(stream), {
        headers: {
          "content-type": "application/dicom",
          "content-length": String(bytes),
          "cache-control": `private, max-age=${cacheSeconds}`,
          "x-content-type-options": "nosniff",
        },
      });
    });
  },
);
