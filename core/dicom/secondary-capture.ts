import { type DicomFile, type Element, explicitLittleEndian, type Tag } from "./data-set";
import { entryOf, tagOf } from "./dictionary";
import { empty, ofShorts, ofText } from "./values";

/** Decoded pixels of a picture that no scanner wrote: grey, or red, green and blue side by side. */
export interface Picture {
  samples: Uint8Array | Uint16Array;
  width: number;
  height: number;
  channels: 1 | 3;
  /** It was a JPEG of so many bytes, which had lost something; null: nothing that is known of. */
  lossyBytes: number | null;
}

/** UUIDs, and the hash of the pixels: the same picture has the same name. */
export interface PictureNames {
  exam: string;
  upload: string;
  /** SHA-256 in hexadecimal digits. */
  pixels: string;
  /** 1, 2, ... in its series. */
  number: number;
}

const secondaryCaptureStorage = "1.2.840.10008.5.1.4.1.1.7";
/** Attributes that its modules ask for, and that may be empty (type 2): a picture tells none of them. */
const untold = [
  ...["StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientID"],
  ...["PatientBirthDate", "PatientSex", "StudyID", "SeriesNumber", "Laterality", "PatientOrientation"],
].map(tagOf);

/** A UID of 128 bits in hexadecimal digits, PS3.5 annex B.2. */
const uidOf = (digits: string) => `2.25.${BigInt(`0x${digits.replaceAll("-", "").slice(0, 32)}`)}`;

/**
 * A picture as an image of Secondary Capture Image Storage (PS3.3 section A.8.1), as if somebody had sent it so: of nobody and of no day, without place in the patient and
 * without millimetres. Those of an upload are one series, those of an exam one study. It goes the way of every other image from here on.
 */
export function secondaryCapture(picture: Picture, names: PictureNames): DicomFile {
  const { samples, width, height, channels, lossyBytes } = picture;
  const bits = 8 * samples.BYTES_PER_ELEMENT;
  const elements: [string, Element][] = [
    ["SpecificCharacterSet", ofText("CS", "ISO_IR 192")],
    ["ImageType", ofText("CS", "DERIVED\\SECONDARY")],
    ["SOPClassUID", ofText("UI", secondaryCaptureStorage)],
    ["SOPInstanceUID", ofText("UI", uidOf(names.pixels))],
    ["StudyInstanceUID", ofText("UI", uidOf(names.exam))],
    ["SeriesInstanceUID", ofText("UI", uidOf(names.upload))],
    ["SeriesDescription", ofText("LO", "Images without plane")],
    ["Modality", ofText("CS", "OT")],
    ["ConversionType", ofText("CS", "WSD")],
    ["InstanceNumber", ofText("IS", String(names.number))],
    ["SamplesPerPixel", ofShorts([channels])],
    ["PhotometricInterpretation", ofText("CS", channels === 1 ? "MONOCHROME2" : "RGB")],
    ...(channels > 1 ? [["PlanarConfiguration", ofShorts([0])] satisfies [string, Element]] : []),
    ["Rows", ofShorts([height])],
    ["Columns", ofShorts([width])],
    ["BitsAllocated", ofShorts([bits])],
    ["BitsStored", ofShorts([bits])],
    ["HighBit", ofShorts([bits - 1])],
    ["PixelRepresentation", ofShorts([0])],
    ...(channels === 1 && bits === 8 ? wholeRange : []),
    ...lossSaid(lossyBytes, samples.byteLength),
    [
      "PixelData",
      {
        vr: bits > 8 ? "OW" : "OB",
        bytes: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
      },
    ],
  ];
  const data: [Tag, Element][] = [
    ...untold.map((tag): [Tag, Element] => [tag, empty(entryOf(tag)?.vr ?? "UN")]),
    ...elements.map(([keyword, element]): [Tag, Element] => [tagOf(keyword), element]),
  ];
  return {
    ...{ received: explicitLittleEndian, transferSyntax: explicitLittleEndian, characters: null, meta: new Map() },
    data: new Map(data.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** 8 bits are shown as they are; few programs fill 16, so these are shown from the lowest to the highest of their own. */
const wholeRange: [string, Element][] = [
  ["WindowCenter", ofText("DS", "128")],
  ["WindowWidth", ofText("DS", "256")],
];

function lossSaid(lossyBytes: number | null, bytes: number): [string, Element][] {
  if (lossyBytes === null) return [];
  return [
    ["LossyImageCompression", ofText("CS", "01")],
    ["LossyImageCompressionRatio", ofText("DS", (bytes / lossyBytes).toFixed(2))],
    ["LossyImageCompressionMethod", ofText("CS", "ISO_10918_1")],
  ];
}
