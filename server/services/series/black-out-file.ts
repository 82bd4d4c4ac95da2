import { type BlackedOut, blackedOut, type PixelBox } from "@/core/dicom/black-out";
import { tagOf } from "@/core/dicom/dictionary";
import { frameCount } from "@/core/dicom/frame";
import { frameSizeOf } from "@/core/dicom/frame-bytes";
import { readDicom } from "@/core/dicom/read";
import { sampleFormatOf } from "@/core/dicom/samples";
import { text } from "@/core/dicom/values";
import { decodedFrame } from "@/server/decoding/decoded-frame";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";

/**
 * A stored file with these boxes black in every frame, not compressed any more.
 * @throws as `decodedFrame`; AppError "invalid" for boxes outside of the frames, for colours of which nobody knows what is black, and for what would be larger than
 * any file that is taken
 */
export async function blackOutFile(bytes: Uint8Array, boxes: readonly PixelBox[]): Promise<BlackedOut> {
  const file = readDicom(bytes);
  const { width, height, channels } = frameSizeOf(file.data);
  const isOutside = ([left, top, across, down]: PixelBox) =>
    Math.min(left, top) < 0 || Math.min(across, down) < 1 || left + across > width || top + down > height;
  if (boxes.some(isOutside))
    throw new AppError("invalid", { key: "errors.black_box_outside_image", values: { width, height } });
  const count = frameCount(file.data);
  const needed = count * width * height * channels * Math.ceil(sampleFormatOf(file.data).bitsAllocated / 8);
  if (needed > largestImageFile)
    throw new AppError("invalid", {
      key: "errors.image_too_large_to_black_out",
      values: { megabytes: Math.ceil(needed / 2 ** 20), limit: largestImageFile / 2 ** 20 },
    });
  const frames = await Promise.all(Array.from({ length: count }, (_, frame) => decodedFrame(file, frame)));
  const filled = blackedOut(file, { frames: frames.map(({ samples }) => samples), boxes });
  if (filled) return filled;
  const colours = text(file.data, tagOf("PhotometricInterpretation")) ?? "–";
  throw new AppError("invalid", { key: "errors.image_of_colours_without_black", values: { colours } });
}
