import { z } from "zod";
import { sayIn } from "@/core/words";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { type FileAnswer, largestImageFile } from "@/server/schemas/series";
import { takeFile } from "@/server/services/series/take-file";

const limits = { largest: largestImageFile, tooLarge: { key: "errors.image_file_too_large" } } as const;

const place = z.object({ upload: z.uuid(), ordinal: z.coerce.number().int().min(1).max(1_000_000) });

/** Takes one file of an upload, its bytes as the body; its name stays where it is. Sent again under the same number it is answered as before. */
export const POST = guarded(
  limits,
  async (request, { params }: { params: Promise<{ study: string; upload: string; ordinal: string }> }) => {
    const { study: slug, ...asked } = await params;
    return inStudy({ slug, action: "series.bring" }, async ({ actor }) => {
      const at = place.safeParse(asked);
      if (!at.success) throw new AppError("not_found", { key: "errors.upload_unknown" });
      const bytes = new Uint8Array(await request.arrayBuffer());
      const { upload: uploadId, ordinal } = at.data;
      const { outcome, reason } = await takeFile(actor, { uploadId, ordinal, bytes });
      const answer: FileAnswer = { outcome, reason: reason && sayIn(actor.locale ?? "en")(reason) };
      return Response.json(answer);
    });
  },
);
