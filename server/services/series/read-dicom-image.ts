import type { DataSet, DicomFile } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { frameCount } from "@/core/dicom/frame";
import { refuseUnreadablePixels } from "@/core/dicom/frame-bytes";
import { isDirectory, readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import { number } from "@/core/dicom/values";

/** Frames of an image: where each lies is in its row. */
const mostFrames = 2_000;

/** Reads a file of DICOM that holds an image. @throws DicomRefusal with the reason why it is not taken */
export function readDicomImage(bytes: Uint8Array): DicomFile {
  const read = readDicom(bytes);
  if (isDirectory(read)) throw new DicomRefusal("directory");
  refuseWhatIsNoImage(read.data);
  return read;
}

function refuseWhatIsNoImage(data: DataSet): void {
  const [rows, columns] = [number(data, tagOf("Rows")), number(data, tagOf("Columns"))];
  if (!rows || !columns || !data.has(tagOf("PixelData"))) throw new DicomRefusal("no_image");
  const frames = frameCount(data);
  if (frames > mostFrames) throw new DicomRefusal("frames", { frames, limit: mostFrames });
  refuseUnreadablePixels(data);
}
