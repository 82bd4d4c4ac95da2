import type { DicomFile } from "@/core/dicom/data-set";
import { secondaryCapture } from "@/core/dicom/secondary-capture";
import { pixelsSha256 } from "@/server/pixels";
import { decodePicture } from "./decode-picture";
import type { UploadPlace } from "./find-upload";
import type { PictureKind } from "./picture-kind";

/**
 * Reads a picture as the image of DICOM that it is taken for: its pixels alone, in the order of its upload.
 * @throws DicomRefusal with the reason why it is not taken
 */
export async function readPicture(
  { bytes, ordinal }: { bytes: Uint8Array; ordinal: number },
  kind: PictureKind,
  { examId, uploadId }: Pick<UploadPlace, "examId" | "uploadId">,
): Promise<DicomFile> {
  const picture = await decodePicture(bytes, kind);
  const { buffer, byteOffset, byteLength } = picture.samples;
  const pixels = pixelsSha256(new Uint8Array(buffer, byteOffset, byteLength), picture);
  return secondaryCapture(picture, { exam: examId, upload: uploadId, pixels, number: ordinal });
}
