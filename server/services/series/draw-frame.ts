import type { DicomFile } from "@/core/dicom/data-set";
import { frameOf } from "@/core/dicom/frame";
import { fullWindow, grey, modalityOf, modalityValues, type VoiStep } from "@/core/dicom/grey";
import { decodedFrame } from "@/server/decoding/decoded-frame";
import type { CutWindow } from "./cut-out";

/** A frame as it is seen: grey or red, green and blue, 8 bits. */
export interface DrawnFrame {
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}

/**
 * A frame of an image as a person sees it; colours as they are stored.
 * @param asked.frame 1, 2, ... within the image
 * @param asked.shown of grey values: "all", from the lowest to the highest, for who looks for letters, because a window hides what is brighter or darker; "as sent",
 * by the window that came with it; or by that of a crop
 * @throws as `decodedFrame`
 */
export async function drawFrame(
  file: DicomFile,
  { frame, shown }: { frame: number; shown: "all" | "as sent" | CutWindow },
): Promise<DrawnFrame> {
  const { samples, width, height, channels } = await decodedFrame(file, frame - 1);
  if (channels === 3 && samples instanceof Uint8Array) return { pixels: samples, width, height, channels };
  const attributes = frameOf(file.data, frame - 1);
  const voi = (): VoiStep | undefined => {
    if (shown === "as sent") return undefined;
    if (shown === "all") return fullWindow(modalityValues(samples, modalityOf(attributes)));
    return { center: (shown.low + shown.high) / 2, width: shown.high - shown.low, function: "LINEAR_EXACT" };
  };
  const pixels = Uint8Array.from(grey(samples, { frame: attributes, voi: voi(), bits: 8 }));
  return { pixels, width, height, channels: 1 };
}
