import type { DataSet, Element, Tag } from "@/core/dicom/data-set";
import { writeDicom } from "@/core/dicom/write";
import { dataSet } from "../core/dicom/data";

/** A slice as a scanner writes one: 4 x 4 pixels of 0.5 mm, axial, made up. `changes` are by keyword. */
export function slice(changes: Record<string, unknown> = {}): Uint8Array {
  return writeDicom({ data: sliceData(changes), transferSyntax: "1.2.840.10008.1.2.1" });
}

/** The same with its pixels in fragments of a compressed syntax. */
export function compressedSlice(
  { transferSyntax, fragments }: { transferSyntax: string; fragments: readonly Uint8Array[] },
  changes: Record<string, unknown> = {},
): Uint8Array {
  const data = new Map<Tag, Element>([...sliceData(changes), ["7FE00010", { vr: "OB", offsets: [], fragments }]]);
  return writeDicom({ data, transferSyntax });
}

/** A picture of 16 bits as RLE of PS3.5 annex G: the high bytes, then the low ones, as runs of literal bytes. */
export function inRle(values: readonly number[]): Uint8Array {
  const planes = [8, 0].map((shift) => {
    const bytes = values.map((value) => (value >> shift) & 0xff);
    const runs = [];
    for (let at = 0; at < bytes.length; at += 128) {
      const run = bytes.slice(at, at + 128);
      runs.push(run.length - 1, ...run);
    }
    return runs.length % 2 === 0 ? runs : [...runs, 0x80];
  });
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, planes.length, true);
  header.setUint32(4, 64, true);
  header.setUint32(8, 64 + (planes[0]?.length ?? 0), true);
  return Uint8Array.of(...new Uint8Array(header.buffer), ...planes.flat());
}

function sliceData(changes: Record<string, unknown>): DataSet {
  return dataSet({
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
}
