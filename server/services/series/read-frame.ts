import type { DataSet } from "@/core/dicom/data-set";
import { isEncapsulated, isValue } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { frameOf } from "@/core/dicom/frame";
import { readDicom } from "@/core/dicom/read";
import { type Samples, sampleFormatOf, storedValues } from "@/core/dicom/samples";
import { number } from "@/core/dicom/values";
import { AppError } from "@/server/errors";
import { readObject } from "@/server/store";

/** As large as what is taken in (`app/api/studies/[study]/uploads`). */
const limit = 512 * 1024 ** 2;

/** One frame of a stored image: its attributes and its stored values. */
export interface ReadFrame {
  attributes: DataSet;
  samples: Samples;
  width: number;
  height: number;
}

/**
 * @param frame 1, 2, ... within the image
 * @throws AppError "invalid" for pixels in colour or in a compressed syntax, which are not cut
 */
export async function readFrame({ sha256, frame }: { sha256: string; frame: number }): Promise<ReadFrame> {
  const { data, transferSyntax } = readDicom(await readObject(sha256, { limit }));
  const attributes = frameOf(data, frame - 1);
  const [width = 0, height = 0] = [number(data, tagOf("Columns")), number(data, tagOf("Rows"))];
  const pixels = data.get(tagOf("PixelData"));
  if (isEncapsulated(pixels) || !isValue(pixels) || (number(data, tagOf("SamplesPerPixel")) ?? 1) !== 1)
    throw new AppError("invalid", { key: "errors.image_not_cut", values: { syntax: transferSyntax } });
  const format = sampleFormatOf(data);
  const bytes = (width * height * format.bitsAllocated) / 8;
  const own = pixels.bytes.subarray((frame - 1) * bytes, frame * bytes);
  if (own.length < bytes) throw new AppError("invalid", { key: "errors.image_without_frame", values: { frame } });
  return { attributes, samples: storedValues(own, format, transferSyntax), width, height };
}
