import sharp from "sharp";
import { AppError } from "@/server/errors";
import type { ReadingCase } from "@/server/schemas/reading";
import { canvasSide } from "@/server/services/imaging/draw-on-canvas";
import { readImage } from "@/server/services/imaging/read-image";
import type { openCase } from "./open-case";

/**
 * Adds the images' bytes and takes their hashes away: a reader has no use for them. Where the size is not shown, these are the canvases as they lie in the
 * store: files of one length, of which nothing is computed, so that the time tells nothing.
 * @throws AppError "unavailable" for an image of an earlier version that the worker has not drawn yet
 */
export async function withImages(opened: Awaited<ReturnType<typeof openCase>>): Promise<ReadingCase | null> {
  if (!opened) return null;
  const { rendering, ...shown } = opened;
  const crops = shown.crops.map(async ({ sha256, plane }) => {
    if (sha256 === null) throw new AppError("unavailable", { key: "errors.image_not_drawn" });
    const png = await readImage(sha256);
    const { width, height } = rendering ? { width: canvasSide, height: canvasSide } : await sharp(png).metadata();
    return { plane, image: png.toString("base64"), width, height };
  });
  return { ...shown, crops: await Promise.all(crops) };
}
