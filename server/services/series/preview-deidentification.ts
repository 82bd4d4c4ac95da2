import { randomBytes, randomInt } from "node:crypto";
import { deidentify } from "@/core/dicom/deidentify";
import { type PreviewRow, previewOf } from "@/core/dicom/preview";
import { DicomRefusal } from "@/core/dicom/refusal";
import { retentionOf } from "@/core/protocol/imaging";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { readDicomImage } from "./read-dicom-image";

/** Stands for the number of a subject. */
const example = "EXAMPLE";

/**
 * What would be taken out of a file under the protocol of the study, attribute by attribute. Nothing is stored or noted: key and offset are drawn for this once, so that UIDs
 * and dates are examples. Asks the protocol in a transaction of its own, which ends before the file is read.
 * @throws AppError "invalid" for a file that would not be taken, with the reason
 */
export async function previewDeidentification(
  actor: StudyActor,
  { bytes }: { bytes: Uint8Array },
): Promise<PreviewRow[]> {
  const { document } = await withActor(actor, (tx) => studyProtocol(tx, actor));
  const options = retentionOf(document.imaging);
  const secrets = { key: randomBytes(32), offsetDays: -randomInt(1, 1000) };
  try {
    const file = readDicomImage(bytes);
    return previewOf(file, deidentify(file.data, { options, ...secrets, subject: example }), options);
  } catch (error) {
    if (error instanceof DicomRefusal) throw new AppError("invalid", error.said);
    throw error;
  }
}
