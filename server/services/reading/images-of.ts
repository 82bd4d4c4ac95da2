import sharp from "sharp";
import { AppError } from "@/server/errors";
import type { ReadingCase } from "@/server/schemas/reading";
import { canvasSide } from "@/server/services/imaging/draw-on-canvas";
import { readImage } from "@/server/services/imaging/read-image";

/**
 * The images of a case with their bytes. Where the size is not shown, these are the canvases as they lie in the store: files of one length, of which nothing is
 * computed, so that the time tells nothing.
 * @throws AppError "unavailable" for an image of an earlier version that the worker has not drawn yet
 */
export function imagesOf({
  crops,
  rendering,
}: {
  crops: readonly { plane: string; sha256: string | null }[];
  rendering: string | null;
}): Promise<ReadingCase["crops"]> {
  return Promise.all(
    crops.map(async ({ sha256, plane }) => {
      if (sha256 === null) throw new AppError("unavailable", { key: "errors.image_not_drawn" });
      const png = await readImage(sha256);
      const { width, height } = rendering ? { width: canvasSide, height: canvasSide } : await sharp(png).metadata();
      return { plane, image: png.toString("base64"), width, height };
    }),
  );
}
