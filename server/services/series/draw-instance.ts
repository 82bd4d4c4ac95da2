import sharp from "sharp";
import { frameOf } from "@/core/dicom/frame";
import { grey } from "@/core/dicom/grey";
import { readDicom } from "@/core/dicom/read";
import { decodedFrame } from "@/server/decoding/decoded-frame";
import { readObject } from "@/server/store";

/** As large as what is taken in (`app/api/studies/[study]/uploads`). */
const limit = 512 * 1024 ** 2;

/**
 * A frame of a stored image as a PNG for a person who looks for letters in it: the whole of its window, grey, or its colours as they are stored.
 * @param frame 1, 2, ... within the image
 * @throws as `decodedFrame`
 */
export async function drawInstance({ sha256, frame }: { sha256: string; frame: number }): Promise<Buffer> {
  const file = readDicom(await readObject(sha256, { limit }));
  const { samples, width, height, channels } = await decodedFrame(file, frame - 1);
  const isColour = channels === 3 && samples instanceof Uint8Array;
  const pixels = isColour ? samples : grey(samples, { frame: frameOf(file.data, frame - 1), bits: 8 });
  return sharp(pixels, { raw: { width, height, channels: isColour ? 3 : 1 } })
    .png()
    .toBuffer();
}
