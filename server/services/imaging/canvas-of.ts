import type { cropCanvas, crop as cropRow } from "@/db/schema";
import { voucher } from "@/server/voucher";
import { canvasRendering } from "./draw-on-canvas";
import type { CropImage } from "./kept-image";

/**
 * The row of the canvas of a crop, with the voucher of this server: it decoded the picture, which is as the crop's row says, and drew the canvas of it. Without, the
 * database takes no canvas: whoever names files by SQL could show readers a picture whose size tells that of the node.
 */
export function canvasOf(
  crop: { id: string; studyId: string },
  image: Pick<typeof cropRow.$inferSelect, Exclude<keyof CropImage, "canvasSha256">> & { canvasSha256: string },
): typeof cropCanvas.$inferInsert {
  const { canvasSha256: sha256, ...picture } = image;
  const { originalSha256, bitDepth, windowLow, windowHigh, windowRule, pixelSha256, signature, width, height } =
    picture;
  const facts = [picture.sha256, originalSha256, bitDepth, windowLow, windowHigh, windowRule, pixelSha256];
  const said = [crop.studyId, canvasRendering, sha256, ...facts, signature, width, height];
  return {
    ...{ cropId: crop.id, studyId: crop.studyId, rendering: canvasRendering, sha256 },
    voucher: voucher("crop_canvas", ...said),
  };
}
