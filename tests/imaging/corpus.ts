import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import type { DataSet, Element, Tag } from "@/core/dicom/data-set";
import { isEncapsulated, isValue } from "@/core/dicom/data-set";
import { readDicom } from "@/core/dicom/read";
import { ofText } from "@/core/dicom/values";
import { writeDicom } from "@/core/dicom/write";
import { dataSet } from "../core/dicom/data";
import { compressedSlice, slice } from "../support/dicom";

/** Files of scanners and of others' tests, outside of the repository. */
export const corpusFolder = new URL("../../../shared/data/", import.meta.url);
export const hasCorpus = existsSync(corpusFolder);

export interface CorpusFile {
  name: string;
  bytes: Uint8Array;
}

/** The files of the corpus in the order of their names. */
export const corpusFiles = (): CorpusFile[] =>
  ["dicom-edge", "mr-dicom"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, corpusFolder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name}`)
      .filter(
        (name) => !/\.(md|csv|txt)$|README$/.test(name) && statSync(new URL(encodeURI(name), corpusFolder)).isFile(),
      )
      .sort()
      .map((name) => ({ name, bytes: new Uint8Array(readFileSync(new URL(encodeURI(name), corpusFolder))) })),
  );

/** Somebody who never was, with what a hospital knows of her, in the writings in which it is put into files. */
export const planted = {
  name: "Zwyrtkowska^Bronisława",
  id: "QX-4711-0815",
  birth: "19611224",
  words: [
    ...["Zwyrtkowska", "Bronisława", "QX-4711-0815", "19611224", "24.12.1961", "Charitas Waldau", "Krankengasse 17"],
    ...["030 5550 1234", "+4930555", "ACC99182734", "Kowalczyk", "ZWYRT_AE"],
  ],
} as const;

const told = `Frau Zwyrtkowska, Bronisława (QX-4711-0815), geb. 24.12.1961, Tel. 030 5550 1234, Charitas Waldau`;

/** Where a hospital writes it: public, private, nested and free text, numbers and times that are none. */
const everywhere = (): DataSet =>
  dataSet({
    ...{ PatientName: planted.name, PatientID: planted.id, PatientBirthDate: planted.birth },
    ...{ OtherPatientNames: "Kowalczyk^B", PatientTelephoneNumbers: "030 5550 1234", PatientComments: told },
    ...{ PatientAddress: "Krankengasse 17", InstitutionName: "Charitas Waldau", InstitutionAddress: "Krankengasse 17" },
    ...{ AccessionNumber: "ACC99182734", StudyID: "QX-4711-0815", ReferringPhysicianName: "Kowalczyk^Jan" },
    ...{ StudyDescription: "MRT Becken Zwyrtkowska", SeriesDescription: "t2 tse Bronisława", ImageComments: told },
    ...{
      ProtocolName: "Becken Kowalczyk",
      StationName: "ZWYRT_AE",
      RetrieveAETitle: "ZWYRT_AE",
      ContentDate: planted.birth,
    },
    ...{ AcquisitionDateTime: `${planted.birth}101112.5`, OperatorsName: "Kowalczyk^Ewa", DerivationDescription: told },
    ...{ SoftwareVersions: "V4 Zwyrtkowska", BodyPartExamined: "ZWYRTKOWSKA", PatientWeight: "QX-4711-0815" },
    ...{ AcquisitionNumber: "QX-4711-0815", FrameComments: told, Manufacturer: "Charitas Waldau" },
    RequestAttributesSequence: [
      {
        ScheduledProcedureStepDescription: told,
        RequestedProcedureID: "ACC99182734",
        ScheduledProtocolCodeSequence: [
          { CodeValue: "QX-4711-0815", CodingSchemeDesignator: "99LOCAL", CodeMeaning: "Becken Kowalczyk" },
        ],
      },
    ],
    AcquisitionContextSequence: [
      {
        ValueType: "TEXT",
        ConceptNameCodeSequence: [{ CodeMeaning: told }],
        TextValue: told,
        PersonName: planted.name,
      },
    ],
    "00990010 LO": "Zwyrtkowska",
    "00991001 LT": told,
    "00991002 SQ": [
      { PatientName: planted.name, "00990010 LO": "Zwyrtkowska", "00991003 UN": new TextEncoder().encode(told) },
    ],
    "60000010 US": 4,
    "60000022 LO": told,
    "60004000 LT": told,
    "FFFCFFFC OB": new TextEncoder().encode(told.padEnd(told.length + (told.length % 2))),
  });

/** A remark within a compressed picture, right behind its first segment. */
function remarked(picture: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(told);
  const isJpeg = picture[1] === 0xd8;
  const segment = (marker: number, ...head: number[]) => {
    const length = 2 + head.length + text.length;
    return [0xff, marker, length >> 8, length & 0xff, ...head, ...text];
  };
  const view = new DataView(picture.buffer, picture.byteOffset);
  const at = isJpeg ? 2 : 4 + view.getUint16(4);
  const remarks = isJpeg ? [...segment(0xfe), ...segment(0xe1, 0x45, 0x78, 0x69, 0x66, 0, 0)] : segment(0x64, 0, 1);
  const whole = [...picture.subarray(0, at), ...remarks, ...picture.subarray(at), ...text];
  return Uint8Array.from(whole.length % 2 === 0 ? whole : [...whole, 0]);
}

/** Files of several syntaxes into which an identity was put, behind, before and within their pixels too. */
export function plantedFiles(): CorpusFile[] {
  const bases = [
    ...["mr-small-64x64/MR_small.dcm", "mr-small-64x64/MR_small_implicit.dcm", "mr-small-64x64/MR_small_RLE.dcm"],
    ...["mr-small-64x64/MR_small_jp2klossless.dcm", "mr-small-64x64/MR_small_jpeg_ls_lossless.dcm"],
    ...["non-square-or-odd-spacing/JPEG-LL.dcm", "mr-enhanced-multiframe/emri_small.dcm"],
    ...["colour-secondary-capture/SC_rgb_jpeg_dcmtk.dcm"],
  ];
  const made = bases.map((base, at): CorpusFile => {
    const { data, transferSyntax } = readDicom(
      new Uint8Array(readFileSync(new URL(`dicom-edge/${base}`, corpusFolder))),
    );
    const pixels = data.get("7FE00010");
    let own: Element | undefined;
    if (isEncapsulated(pixels)) {
      const [first = new Uint8Array()] = pixels.fragments;
      if (first[0] === 0xff) own = { ...pixels, offsets: [], fragments: [remarked(Buffer.concat(pixels.fragments))] };
    } else if (isValue(pixels))
      own = { ...pixels, bytes: Buffer.concat([pixels.bytes, new TextEncoder().encode(told)]) };
    const uids: [Tag, Element][] = ["00080018", "0020000D", "0020000E"].map((tag, part) => [
      tag,
      ofText("UI", `1.2.276.0.7230010.99.${part}.${at}`),
    ]);
    const whole = new Map<Tag, Element>([
      ...data,
      ...everywhere(),
      ...uids,
      ...(own ? [["7FE00010", own] as const] : []),
    ]);
    const bytes = Uint8Array.from(writeDicom({ data: whole, transferSyntax }));
    // In front, where viewers of pictures look.
    bytes.set(new TextEncoder().encode(told).subarray(0, 128));
    return { name: `planted/${base.split("/").at(-1)}`, bytes };
  });
  // In GB18030: 王^小明 of 北京虚构医院.
  const { data, transferSyntax } = readDicom(
    new Uint8Array(readFileSync(new URL(`dicom-edge/${bases[0]}`, corpusFolder))),
  );
  const chinese = new Map<Tag, Element>([
    ...data,
    ["00080005", ofText("CS", "GB18030")],
    ["00080018", ofText("UI", "1.2.276.0.7230010.99.0.99")],
    ["00100010", { vr: "PN", bytes: Buffer.from("57616e675e5869616f4d696e673dcdf55ed0a1c3f7", "hex") }],
    ["00080080", { vr: "LO", bytes: Buffer.from("b1b1bea9d0e9b9b9d2bdd4ba", "hex") }],
    ["00104000", { vr: "LT", bytes: Buffer.from("cdf5d0a1c3f7b1b1bea9d0e9b9b9d2bdd4ba", "hex") }],
  ]);
  return [...made, { name: "planted/gb18030/MR_small.dcm", bytes: writeDicom({ data: chinese, transferSyntax }) }];
}

const zeros = (length: number) => new Uint8Array(length);

/** Files that are meant to bring a service down, with what the field has seen of them. */
export function hostileFiles(): CorpusFile[] {
  const deflated = (length: number) =>
    Buffer.concat([zeros(128), Buffer.from("DICM"), metaOf("1.2.840.10008.1.2.1.99"), deflateRawSync(zeros(length))]);
  const nested = (depth: number) => {
    const item = Buffer.from([
      0x08, 0, 0x15, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff,
    ]);
    return Buffer.concat([
      zeros(128),
      Buffer.from("DICM"),
      metaOf("1.2.840.10008.1.2.1"),
      ...new Array(depth).fill(item),
    ]);
  };
  const j2k = Uint8Array.of(
    ...[0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0, 0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 15, 1, 1, 0xff, 0xd9, 0],
  );
  const whole = slice();
  const made: Record<string, Uint8Array> = {
    "empty.dcm": zeros(0),
    "zeros.dcm": zeros(4096),
    "png-named.dcm": Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), zeros(600)]),
    "zip-named.dcm": Buffer.concat([Buffer.from("PK\x03\x04"), zeros(600)]),
    "magic-only.dcm": Buffer.concat([zeros(128), Buffer.from("DICM")]),
    "half.dcm": whole.subarray(0, Math.floor(whole.length / 2)),
    "without-its-last-pixel.dcm": whole.subarray(0, whole.length - 2),
    "frames-10e9.dcm": slice({ NumberOfFrames: 1_000_000_000 }),
    "frames-2000-of-one.dcm": slice({ NumberOfFrames: 2000 }),
    "100k-x-100k.dcm": slice({ Rows: 65_535, Columns: 65_535 }),
    "100k-x-100k-jpeg2000.dcm": compressedSlice({ transferSyntax: "1.2.840.10008.1.2.4.90", fragments: [j2k] }),
    "deflate-700-mb.dcm": deflated(700 * 2 ** 20),
    "sequences-1000-deep.dcm": nested(1000),
    "sequences-100k-deep.dcm": nested(100_000),
    "length-4-gb.dcm": Buffer.concat([
      ...[zeros(128), Buffer.from("DICM"), metaOf("1.2.840.10008.1.2.1")],
      Buffer.from([0x08, 0, 0x16, 0, 0x55, 0x49, 8, 0, 0x31, 0x2e, 0x32, 0x2e, 0x33, 0, 0, 0]),
      Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x57, 0, 0, 0xfe, 0xff, 0xff, 0xff, 1, 2]),
    ]),
  };
  return Object.entries(made).map(([name, bytes]) => ({ name: `hostile/${name}`, bytes }));
}

/** Group 0002 with a syntax, as PS3.10 asks for it. */
function metaOf(syntax: string): Buffer {
  const uid = Buffer.from(syntax.length % 2 === 0 ? syntax : `${syntax}\0`);
  const element = Buffer.concat([Buffer.from([2, 0, 0x10, 0, 0x55, 0x49, uid.length, 0]), uid]);
  return Buffer.concat([Buffer.from([2, 0, 0, 0, 0x55, 0x4c, 4, 0, element.length, 0, 0, 0]), element]);
}
