import sharp from "sharp";
import { frameOf } from "@/core/dicom/frame";
import { fullWindow, grey, modalityOf, modalityValues } from "@/core/dicom/grey";
import { readDicom } from "@/core/dicom/read";
import { decodedFrame } from "@/server/decoding/decoded-frame";
import { largestImageFile } from "@/server/schemas/series";
import { readObject } from "@/server/store";

/**
 * A frame of a stored image as a PNG for a person who looks for letters in it: from its lowest value to its highest, because a window hides what is brighter or darker; or its
 * colours as they are stored.
 * @param frame 1, 2, ... within the image
 * @throws as `decodedFrame`
 */
export async function drawInstance({ sha256, frame }: { sha256: string; frame: number }): Promise<Buffer> {
  const file = readDicom(await readObject(sha256, { limit: largestImageFile }));
  const { samples, width, height, channels } = await decodedFrame(file, frame - 1);
  const isColour = channels === 3 && samples instanceof Uint8Array;
  const attributes = frameOf(file.data, frame - 1);
  const wholeRange = fullWindow(modalityValues(samples, modalityOf(attributes)));
  const pixels = isColour ? samples : grey(samples, { frame: attributes, voi: wholeRange, bits: 8 });
  return sharp(pixels, { raw: { width, height, channels: isColour ? 3 : 1 } })
    .png()
    .toBuffer();
}
