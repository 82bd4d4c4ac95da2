import { z } from "zod";
import { guarded, noStore } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { AppError } from "@/server/errors";
import { caseAhead } from "@/server/services/reading/case-ahead";

/** The case after the one in hand, sealed; nothing where none follows. Nobody can open it before the read of the one in hand is stored. */
export const GET = guarded(
  { largest: 0 },
  async (_, { params }: { params: Promise<{ study: string; slot: string }> }) => {
    const { study: slug, slot } = await params;
    return inStudy({ slug, action: "reading.read" }, async ({ actor }) => {
      if (!z.uuid().safeParse(slot).success) throw new AppError("not_found", { key: "errors.image_unknown" });
      const sealed = await caseAhead(actor, slot);
      if (!sealed) return new Response(null, { status: 204 });
      return new Response(new Uint8Array(sealed), {
        headers: {
          "content-type": "application/octet-stream",
          "cache-control": `${noStore}, no-transform`,
          "x-content-type-options": "nosniff",
        },
      });
    });
  },
);
