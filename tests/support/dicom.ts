import { writeDicom } from "@/core/dicom/write";
import { dataSet } from "../core/dicom/data";

/** A slice as a scanner writes one: 4 x 4 pixels of 0.5 mm, axial, made up. `changes` are by keyword. */
export function slice(changes: Record<string, unknown> = {}): Uint8Array {
  const data = dataSet({
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
    SOPInstanceUID: "1.2.3.1",
    SeriesInstanceUID: "1.2.3",
    StudyInstanceUID: "1.2",
    FrameOfReferenceUID: "1.2.9",
    Modality: "MR",
    SeriesNumber: 4,
    InstanceNumber: 1,
    StudyDate: "20260106",
    PatientName: "Sun^Patient",
    PatientID: "H-1",
    PatientBirthDate: "19650301",
    SliceThickness: "3",
    RepetitionTime: "4000",
    EchoTime: "90",
    ImagePositionPatient: [-10, -20, 30],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    Rows: 4,
    Columns: 4,
    PixelSpacing: [0.5, 0.5],
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    PixelData: Array.from({ length: 16 }, (_, at) => 100 * at),
    ...changes,
  });
  return writeDicom({ data, transferSyntax: "1.2.840.10008.1.2.1" });
}
