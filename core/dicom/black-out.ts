import { type DataSet, type DicomFile, type Element, explicitLittleEndian, isEncapsulated, type Tag } from "./data-set";
import { tagOf } from "./dictionary";
import { frameOf } from "./frame";
import { frameSizeOf } from "./frame-bytes";
import { lookedUp, modalityOf } from "./grey";
import { cleanPixelData, codeItem } from "./method";
import { lowestIsWhite, type Samples, sampleFormatOf } from "./samples";
import { itemsOf, numbers, ofItems, ofShorts, ofText, text, texts } from "./values";

/** Left, top, width and height in pixels of a frame. */
export type PixelBox = readonly [left: number, top: number, width: number, height: number];

/** What a file is written as once its letters are filled. */
export type BlackedOut = Pick<DicomFile, "data" | "transferSyntax">;

/** What is told of other pixels or of another order of them than the new file has. */
const untrue = [
  ...["SmallestImagePixelValue", "LargestImagePixelValue"],
  ...["ExtendedOffsetTable", "ExtendedOffsetTableLengths", "EncapsulatedPixelDataValueTotalLength"],
];

/** Syntaxes that always lose something, with the method as PS3.3 section C.7.6.1.1.5.1 names it. */
const lossyMethods: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.4.50": "ISO_10918_1",
  "1.2.840.10008.1.2.4.51": "ISO_10918_1",
  "1.2.840.10008.1.2.4.81": "ISO_14495_1",
};

/**
 * An image whose boxes are black in every frame and whose other pixels are what they were, uncompressed; it says so itself. Its name stays: with letters in it nobody
 * but whoever looked for them has seen it.
 * @param decoded.frames stored values of each frame, samples of a pixel side by side (`decodedFrame`)
 * @param decoded.boxes within the frames
 * @returns undefined for colours of which nobody here knows what is black
 */
export function blackedOut(
  file: Pick<DicomFile, "data" | "transferSyntax">,
  { frames, boxes }: { frames: readonly Samples[]; boxes: readonly PixelBox[] },
): BlackedOut | undefined {
  const { data } = file;
  const photometric = decodedAs(text(data, tagOf("PhotometricInterpretation")) ?? "MONOCHROME2");
  const { width, channels } = frameSizeOf(data);
  const format = sampleFormatOf(data);
  const filled: Samples[] = [];
  for (const [at, frame] of frames.entries()) {
    const black = blackOf(photometric, frameOf(data, at), frame);
    if (!black) return undefined;
    const samples = withinStored(frame, format);
    for (const [left, top, across, down] of boxes)
      for (let y = top; y < top + down; y++)
        for (let x = left; x < left + across; x++) samples.set(black, (y * width + x) * channels);
    filled.push(samples);
  }
  const bytes = bytesOf(filled, format.bitsAllocated);
  const changes: [string, Element][] = [
    ["PixelData", { vr: format.bitsAllocated > 8 ? "OW" : "OB", bytes }],
    ["PhotometricInterpretation", ofText("CS", photometric)],
    ["HighBit", ofShorts([format.bitsStored - 1])],
    ...(channels > 1 ? [["PlanarConfiguration", ofShorts([0])] satisfies [string, Element]] : []),
    ["BurnedInAnnotation", ofText("CS", "NO")],
    ...typeSaid(data),
    ["DerivationDescription", ofText("ST", derivation(text(data, tagOf("DerivationDescription"))))],
    ...methodSaid(data),
    ...lossSaid(file, bytes.length),
  ];
  const out = new Map<Tag, Element>([...data, ...changes.map(([keyword, each]) => [tagOf(keyword), each] as const)]);
  for (const keyword of untrue) out.delete(tagOf(keyword));
  return { data: out, transferSyntax: explicitLittleEndian };
}

/** What colours are called once they are decoded: pixels have their own colour each, and JPEG 2000 gives red, green and blue. */
function decodedAs(photometric: string): string {
  if (photometric === "YBR_FULL_422") return "YBR_FULL";
  return photometric === "YBR_ICT" || photometric === "YBR_RCT" ? "RGB" : photometric;
}

/** The samples of a black pixel of a frame. */
function blackOf(photometric: string, frame: DataSet, samples: Samples): number[] | undefined {
  if (photometric.startsWith("MONOCHROME")) return [darkest(frame, samples)];
  if (photometric === "RGB") return [0, 0, 0];
  const { bitsStored } = sampleFormatOf(frame);
  if (photometric === "YBR_FULL") return [0, 2 ** (bitsStored - 1), 2 ** (bitsStored - 1)];
  const entry = photometric === "PALETTE COLOR" ? darkestEntry(frame) : undefined;
  return entry === undefined ? undefined : [entry];
}

/**
 * The stored value that is shown black: zero, or of values with a sign the lowest of the frame below it, because one far below everything would leave no window
 * for the rest; where high values are dark, the highest that there can be.
 */
function darkest(frame: DataSet, samples: Samples): number {
  const { least, most } = rangeOf(sampleFormatOf(frame));
  const modality = modalityOf(frame);
  const falls = "values" in modality ? lookedUp(modality, most) < lookedUp(modality, least) : modality.slope < 0;
  if (falls !== lowestIsWhite(frame)) return most;
  let lowest = 0;
  for (const value of samples) lowest = Math.min(lowest, value);
  return lowest;
}

/** The entry of the palette that is darkest. */
function darkestEntry(frame: DataSet): number | undefined {
  const tables = ["Red", "Green", "Blue"].map((colour) => {
    const [count = 0, first = 0, bits = 16] = numbers(frame, tagOf(`${colour}PaletteColorLookupTableDescriptor`));
    const words = numbers(frame, tagOf(`${colour}PaletteColorLookupTableData`));
    const entries = count === 0 ? 65_536 : count;
    // Entries of 8 bits may lie two in a word.
    const values = words.length < entries && bits <= 8 ? words.flatMap((word) => [word & 0xff, word >> 8]) : words;
    return { first, values: values.slice(0, entries) };
  });
  const [red] = tables;
  if (!red || red.values.length === 0 || tables.some(({ values }) => values.length !== red.values.length))
    return undefined;
  const sums = red.values.map((_, at) => tables.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  return red.first + sums.indexOf(Math.min(...sums));
}

function rangeOf({ bitsStored, signed }: { bitsStored: number; signed: boolean }) {
  return signed
    ? { least: -(2 ** (bitsStored - 1)), most: 2 ** (bitsStored - 1) - 1 }
    : { least: 0, most: 2 ** bitsStored - 1 };
}

/** A copy; what a lossy decoder gave beyond the stored bits is at their end, where the uncompressed file would wrap it round. */
function withinStored(samples: Samples, format: { bitsStored: number; signed: boolean }): Samples {
  const { least, most } = rangeOf(format);
  return samples.map((value) => Math.max(least, Math.min(most, value)));
}

/** Frames as they lie in a file that is not compressed: single bits without a gap, the lowest first. */
function bytesOf(frames: readonly Samples[], bitsAllocated: number): Uint8Array {
  const samples = frames.reduce((sum, { length }) => sum + length, 0);
  if (bitsAllocated === 1) {
    const packed = new Uint8Array(Math.ceil(samples / 8));
    let at = 0;
    for (const frame of frames)
      for (const bit of frame) {
        packed[at >> 3] = (packed[at >> 3] ?? 0) | (bit << (at & 7));
        at++;
      }
    return packed;
  }
  const bytes = new Uint8Array(frames.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of frames) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** Enhanced CT, MR, MR Color, XA, XRF and PET Image Storage, PS3.4 annex B.5. */
const enhanced = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(2\.1|4\.[13]|12\.[12]\.1|130)$/;

/** That it is derived. Of an Enhanced image the type says which attributes of the scanner stand in it, and these stay (PS3.3 section C.8.13.3.1.1). */
function typeSaid(data: DataSet): [string, Element][] {
  if (enhanced.test(text(data, tagOf("SOPClassUID")) ?? "")) return [];
  const [, kind = "SECONDARY", ...rest] = texts(data, tagOf("ImageType"));
  return [["ImageType", ofText("CS", ["DERIVED", kind, ...rest].join("\\"))]];
}

const said = "Burned-in text was filled with black";

/** What the file says of how it was made, and this; 1,024 letters at most. */
const derivation = (before: string | undefined) =>
  !before || before.endsWith(said) ? said : `${before.slice(0, 1024 - said.length - 2)}; ${said}`;

/** The method of de-identification with the option under which pixels are cleaned, PS3.16 CID 7050. */
function methodSaid(data: DataSet): [string, Element][] {
  const [code, meaning] = cleanPixelData;
  const items = itemsOf(data, tagOf("DeidentificationMethodCodeSequence"));
  if (items.some((item) => text(item, tagOf("CodeValue")) === code)) return [];
  const methods = texts(data, tagOf("DeidentificationMethod"));
  return [
    ["DeidentificationMethod", ofText("LO", [...methods, meaning].join("\\"))],
    ["DeidentificationMethodCodeSequence", ofItems([...items, codeItem(cleanPixelData)])],
  ];
}

/** That something was lost before, which nobody sees any more once the pixels are not compressed. */
function lossSaid({ data, transferSyntax }: Pick<DicomFile, "data" | "transferSyntax">, bytes: number) {
  const pixels = data.get(tagOf("PixelData"));
  const method = lossyMethods[transferSyntax];
  if (!method || !isEncapsulated(pixels) || text(data, tagOf("LossyImageCompression")) === "01") return [];
  const compressed = pixels.fragments.reduce((sum, { length }) => sum + length, 0);
  return [
    ["LossyImageCompression", ofText("CS", "01")],
    ["LossyImageCompressionRatio", ofText("DS", (bytes / compressed).toFixed(2))],
    ["LossyImageCompressionMethod", ofText("CS", method)],
  ] satisfies [string, Element][];
}
