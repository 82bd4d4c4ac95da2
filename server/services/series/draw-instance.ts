import sharp from "sharp";
import { readDicom } from "@/core/dicom/read";
import { largestImageFile } from "@/server/schemas/series";
import { readObject } from "@/server/store";
import { drawFrame } from "./draw-frame";

/**
 * A frame of a stored image as a PNG (`drawFrame`).
 * @param asked.frame 1, 2, ... within the image
 * @param asked.side pixels of the longer side that it has at most; left out, it is as large as it is stored
 * @throws as `decodedFrame`
 */
export async function drawInstance({
  sha256,
  side,
  ...asked
}: {
  sha256: string;
  side?: number;
} & Parameters<typeof drawFrame>[1]): Promise<Buffer> {
  const file = readDicom(await readObject(sha256, { limit: largestImageFile }));
  const { pixels, ...shape } = await drawFrame(file, asked);
  const picture = sharp(pixels, { raw: shape });
  const sized = side ? picture.resize(side, side, { fit: "inside", withoutEnlargement: true }) : picture;
  return sized.png().toBuffer();
}
