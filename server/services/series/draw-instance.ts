import sharp from "sharp";
import { frameOf } from "@/core/dicom/frame";
import { fullWindow, grey, modalityOf, modalityValues, type VoiStep } from "@/core/dicom/grey";
import { readDicom } from "@/core/dicom/read";
import { decodedFrame } from "@/server/decoding/decoded-frame";
import { largestImageFile } from "@/server/schemas/series";
import { readObject } from "@/server/store";
import type { CutWindow } from "./cut-out";

/**
 * A frame of a stored image as a PNG; colours as they are stored.
 * @param asked.frame 1, 2, ... within the image
 * @param asked.side pixels of the longer side that it has at most; left out, it is as large as it is stored
 * @param asked.shown of grey values: "all", from the lowest to the highest, for a person who looks for letters, because a window hides what is brighter or darker; "as sent",
 * by the window that came with it; or by that of a crop
 * @throws as `decodedFrame`
 */
export async function drawInstance({
  sha256,
  frame,
  side,
  shown,
}: {
  sha256: string;
  frame: number;
  side?: number;
  shown: "all" | "as sent" | CutWindow;
}): Promise<Buffer> {
  const file = readDicom(await readObject(sha256, { limit: largestImageFile }));
  const { samples, width, height, channels } = await decodedFrame(file, frame - 1);
  const isColour = channels === 3 && samples instanceof Uint8Array;
  const attributes = frameOf(file.data, frame - 1);
  const voi = (): VoiStep | undefined => {
    if (shown === "as sent") return undefined;
    if (shown === "all") return fullWindow(modalityValues(samples, modalityOf(attributes)));
    return { center: (shown.low + shown.high) / 2, width: shown.high - shown.low, function: "LINEAR_EXACT" };
  };
  const pixels = isColour ? samples : grey(samples, { frame: attributes, voi: voi(), bits: 8 });
  const picture = sharp(pixels, { raw: { width, height, channels: isColour ? 3 : 1 } });
  const sized = side ? picture.resize(side, side, { fit: "inside", withoutEnlargement: true }) : picture;
  return sized.png().toBuffer();
}
