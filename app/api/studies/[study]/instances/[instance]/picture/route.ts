import { guarded } from "@/server/api/guard";
import { pictureOf } from "@/server/api/picture-of";

/** A frame of a held image as a picture, for who decides about it: from its lowest value to its highest. */
export const GET = guarded(
  { largest: 0 },
  async (request, { params }: { params: Promise<{ study: string; instance: string }> }) =>
    pictureOf(request, await params, { action: "series.bring", shown: "all" }),
);
