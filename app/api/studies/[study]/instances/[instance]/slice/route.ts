import { guarded } from "@/server/api/guard";
import { pictureOf } from "@/server/api/picture-of";

/** A frame of an image as a picture, for who sees the scanner's images: by the window of a crop (`low`, `high`), or as it was sent. */
export const GET = guarded(
  { largest: 0 },
  async (request, { params }: { params: Promise<{ study: string; instance: string }> }) =>
    pictureOf(request, await params, { action: "series.view", shown: "as sent" }),
);
