import type { DataSet } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { frameOf } from "@/core/dicom/frame";
import { readDicom } from "@/core/dicom/read";
import { sampleFormatOf } from "@/core/dicom/samples";
import { text } from "@/core/dicom/values";
import { type DecodedFrame, decodedFrame } from "@/server/decoding/decoded-frame";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";
import { readObject } from "@/server/store";

/** One frame of a stored image: its attributes and its stored values. */
export interface ReadFrame extends DecodedFrame {
  attributes: DataSet;
}

/**
 * @param frame 1, 2, ... within the image
 * @throws as `decodedFrame`; AppError "invalid" for pixels in colour or of more than 16 bits, which are not cut
 */
export async function readFrame({ sha256, frame }: { sha256: string; frame: number }): Promise<ReadFrame> {
  const file = readDicom(await readObject(sha256, { limit: largestImageFile }));
  const attributes = frameOf(file.data, frame - 1);
  const photometric = text(file.data, tagOf("PhotometricInterpretation")) ?? "MONOCHROME2";
  if (!photometric.startsWith("MONOCHROME") || sampleFormatOf(file.data).bitsAllocated > 16)
    throw new AppError("invalid", { key: "errors.image_not_cut" });
  return { attributes, ...(await decodedFrame(file, frame - 1)) };
}
