import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DataSet, type Element, isSequence, isValue } from "@/core/dicom/data-set";
import { keywordOf, tagOf } from "@/core/dicom/dictionary";
import { imageNamesOf, isDirectory, readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import { itemsOf, numbers, ofItems, ofText, text, texts } from "@/core/dicom/values";
import { bytesOfDataSet, writeDicom } from "@/core/dicom/write";
import { sayIn } from "@/core/words";
import { dataSet, everyElement } from "./data";
import { asPydicomWrites, inPydicom } from "./files";

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const explicitLittleEndian = "1.2.840.10008.1.2.1";

/** The reason of a refusal; anything else that is thrown is a fault. */
function refusalOf(bytes: Uint8Array): string {
  try {
    readDicom(bytes);
  } catch (error) {
    if (error instanceof DicomRefusal) return error.reason;
    throw error;
  }
  return "taken";
}

describe("a data set is read", () => {
  test.each(Object.entries(inPydicom))(
    "from %s as it was written by pydicom, texts in GB18030 at every depth",
    (_, file) => {
      const { data, transferSyntax } = readDicom(bytesOf(file));
      expect(transferSyntax).toBe(explicitLittleEndian);
      expect(text(data, "00081030")).toBe("直肠 MR");
      expect(text(data, "00100010")).toBe("Wang^XiaoMing=王^小明");
      expect(text(data, "00080005")).toBe("ISO_IR 192");
      const [study] = itemsOf(data, "00081110");
      const [code] = study ? itemsOf(study, "00081032") : [];
      expect(code && text(code, "00080104")).toBe("北京 Hospital");
      expect(numbers(data, "00180080")).toEqual([3824]);
      expect(numbers(data, "00189220")).toEqual([0.1]);
      expect(numbers(data, "7FE00010")).toEqual([1, 2, 1000, 4095]);
    },
  );

  test.each(Object.entries(inPydicom))("and from %s written to the byte as pydicom writes it", (_, file) => {
    const { data } = readDicom(bytesOf(file));
    // An implicit syntax says nothing of private representations: the dictionary of pydicom knows this one, ours does not.
    const known = new Map([...data, ["0019100C", ofText("IS", "1000")]] as [string, Element][]);
    expect(Buffer.from(bytesOfDataSet(known)).toString("base64")).toBe(asPydicomWrites);
  });

  test("without its preamble, and without any header, in each of the three ways", () => {
    const explicit = bytesOf(inPydicom.explicit);
    expect(text(readDicom(explicit.subarray(132)).data, "00080060")).toBe("MR");
    for (const file of [inPydicom.explicit, inPydicom.implicit, inPydicom.big]) {
      const bytes = bytesOf(file);
      const headerLength = 132 + 12 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(140, true);
      expect(text(readDicom(bytes.subarray(headerLength)).data, "00080060")).toBe("MR");
    }
  });

  test("in Japanese with its escape sequences, and back to ASCII though nobody named it", () => {
    // From PS3.5 annex H.3.2, example 2: the value of a name in JIS X 0201 and JIS X 0208.
    const name = [
      0xd4, 0xcf, 0xc0, 0xde, 0x5e, 0xc0, 0xdb, 0xb3, 0x3d, 0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42,
    ];
    const file = writeDicom({
      transferSyntax: explicitLittleEndian,
      data: dataSet({
        SpecificCharacterSet: "ISO 2022 IR 13\\ISO 2022 IR 87",
        Modality: "MR",
        PatientName: Uint8Array.from(name),
      }),
    });
    expect(text(readDicom(file).data, "00100010")).toBe("ﾔﾏﾀﾞ^ﾀﾛｳ=山田");
  });

  test("in Chinese, whose second bytes look like backslashes", () => {
    // GB18030 0x815C is U+4E57 (Python: bytes([0x81, 0x5C]).decode("gb18030")).
    const data = dataSet({
      SpecificCharacterSet: "GB18030",
      Modality: "MR",
      PatientID: Uint8Array.of(0x81, 0x5c, 0x5c, 0x31),
    });
    const read = readDicom(writeDicom({ transferSyntax: explicitLittleEndian, data }));
    expect(texts(read.data, "00100020")).toEqual(["乗", "1"]);
  });

  test("with the fragments of compressed pixels as they came, table and all", () => {
    const [first, second] = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6)];
    const data: DataSet = new Map<string, Element>([
      ["00080060", ofText("CS", "MR")],
      ["7FE00010", { vr: "OB", offsets: [0], fragments: [first, second] }],
    ]);
    const read = readDicom(writeDicom({ transferSyntax: "1.2.840.10008.1.2.4.90", data }));
    expect(read.data.get("7FE00010")).toEqual({ vr: "OB", offsets: [0], fragments: [first, second] });
    expect(read.transferSyntax).toBe("1.2.840.10008.1.2.4.90");
  });

  test("and a sequence that somebody passed on as of unknown representation is a sequence again", () => {
    const inner = Buffer.concat([
      Buffer.from("feff00e012000000", "hex"),
      Buffer.from("080050110a000000", "hex"),
      Buffer.from("1.2.3.4.5\0", "latin1"),
    ]);
    const file = writeDicom({
      transferSyntax: explicitLittleEndian,
      data: dataSet({ Modality: "MR", "00081110 UN": new Uint8Array(inner) }),
    });
    const [item] = itemsOf(readDicom(file).data, "00081110");
    expect(item && [...item.keys()]).toEqual(["00081150"]);
  });

  test("whatever it holds, as it was written", () => {
    const value = fc.record({
      tag: fc.constantFrom("00080060", "00081030", "00100010", "00180080", "00204000", "00280030"),
      text: fc.string({ unit: fc.constantFrom("a", "Z", "9", "é", "淋", "^"), maxLength: 20 }),
    });
    const vrOf: Record<string, string> = {
      "00080060": "CS",
      "00081030": "LO",
      "00100010": "PN",
      "00180080": "DS",
      "00204000": "LT",
      "00280030": "DS",
    };
    const flat = fc
      .uniqueArray(value, { selector: ({ tag }) => tag })
      .map((all): DataSet => new Map(all.map(({ tag, text }) => [tag, ofText(vrOf[tag] ?? "LO", text)])));
    fc.assert(
      fc.property(flat, fc.array(flat, { maxLength: 3 }), (outer, items) => {
        const data = new Map<string, Element>([
          ...outer,
          ["00080005", ofText("CS", "ISO_IR 192")],
          ["00081110", ofItems(items)],
        ]);
        const once = bytesOfDataSet(data);
        const file = writeDicom({ data, transferSyntax: explicitLittleEndian });
        expect(bytesOfDataSet(readDicom(file).data)).toEqual(once);
      }),
    );
  });
});

describe("what cannot be taken is refused with a reason, in both languages", () => {
  const explicit = bytesOf(inPydicom.explicit);

  test("a file that is none, an empty one, one that breaks off, one without its syntax or in an unknown one", () => {
    expect(refusalOf(explicit), "the control is taken").toBe("taken");
    expect(
      refusalOf(new TextEncoder().encode("%PDF-1.7 and what follows, long enough to have a header of DICOM")),
    ).toBe("not_dicom");
    expect(refusalOf(new Uint8Array(0))).toBe("not_dicom");
    expect(refusalOf(explicit.subarray(0, explicit.length - 3))).toBe("damaged");
    expect(refusalOf(explicit.subarray(0, 132))).toBe("no_transfer_syntax");
    expect(refusalOf(writeDicom({ data: dataSet({ Modality: "MR" }), transferSyntax: "1.2.3" }))).toBe(
      "transfer_syntax",
    );
  });

  test("one with a value of 64-bit integers, which the parser would read askew", () => {
    const file = writeDicom({
      transferSyntax: explicitLittleEndian,
      data: dataSet({ Modality: "MR", "7FE00001 OV": new Uint8Array(8) }),
    });
    expect(refusalOf(file)).toBe("damaged");
  });

  test("a text in a character set that nobody knows, but not one that stays within ASCII", () => {
    const named = (name: Uint8Array) =>
      writeDicom({
        transferSyntax: explicitLittleEndian,
        data: dataSet({ SpecificCharacterSet: "KLINGON", Modality: "MR", PatientName: name }),
      });
    expect(refusalOf(named(Uint8Array.of(0xd4, 0xcf)))).toBe("character_set");
    expect(refusalOf(named(new TextEncoder().encode("Worf")))).toBe("taken");
  });

  test("one that inflates without end", () => {
    const bomb = deflateRawSync(Buffer.alloc(600 * 2 ** 20));
    const head = bytesOf(inPydicom.deflated);
    const headerLength = 132 + 12 + new DataView(head.buffer, head.byteOffset).getUint32(140, true);
    expect(refusalOf(new Uint8Array(Buffer.concat([head.subarray(0, headerLength), bomb])))).toBe("inflates_too_far");
  });

  test("one whose transfer syntax goes on for megabytes; and of a name that does, its beginning is read", () => {
    const element = (tag: [number, number], value: string, vr = "") => {
      const header = Buffer.alloc(vr ? 12 : 8);
      header.writeUInt16LE(tag[0], 0);
      header.writeUInt16LE(tag[1], 2);
      header.write(vr, 4, "latin1");
      header.writeUInt32LE(value.length, vr ? 8 : 4);
      return Buffer.concat([header, Buffer.from(value)]);
    };
    const head = Buffer.alloc(132);
    head.write("DICM", 128);
    const said = (blanks: number) =>
      Buffer.concat([
        ...[head, element([2, 0x10], `${explicitLittleEndian}${" ".repeat(blanks)}`, "UT")],
        element([8, 0x1030], "MR", "UT"),
      ]);
    expect(refusalOf(said(1))).toBe("taken");
    expect(refusalOf(said(4 * 2 ** 20 + 1))).toBe("transfer_syntax");
    const named = (name: string) =>
      imageNamesOf(
        Buffer.concat([element([8, 0x16], "1.2\0"), element([8, 0x18], name), element([0x20, 0xd], "1.4 ")]),
      );
    expect(named("1.2.3\0")).toEqual({ sopClass: "1.2", sopInstance: "1.2.3", study: "1.4" });
    expect(named("1".repeat(4 * 2 ** 20))).toEqual({ sopClass: "1.2", sopInstance: "1".repeat(64), study: "1.4" });
  });

  test("one whose texts are longer than any syntax can say, but not where they are numbers", () => {
    const written = (keyword: string, value: string) => {
      const tag = tagOf(keyword);
      const header = Buffer.alloc(8);
      header.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
      header.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
      header.writeUInt32LE(value.length, 4);
      return Buffer.concat([Buffer.from("080016000400000031320000", "hex"), header, Buffer.from(value)]);
    };
    for (const keyword of ["SOPInstanceUID", "PatientName", "Modality", "StudyDate"]) {
      expect(refusalOf(written(keyword, "1\\".repeat(100))), keyword).toBe("taken");
      expect(refusalOf(written(keyword, "1\\".repeat(40_000))), keyword).toBe("damaged");
    }
    expect(refusalOf(written("FrameTimeVector", "1\\".repeat(40_000)))).toBe("taken");
  });

  test("one that nests without end", () => {
    let data = dataSet({ Modality: "MR" });
    for (let depth = 0; depth < 60; depth++) data = new Map([["00081110", ofItems([data])]]);
    expect(refusalOf(writeDicom({ data, transferSyntax: explicitLittleEndian })), "sixty deep is read").toBe("taken");
    const open = Buffer.from("08001011535100 00ffffffff feff00e0ffffffff".replaceAll(" ", ""), "hex");
    const deep = Buffer.concat([
      writeDicom({ data: new Map(), transferSyntax: explicitLittleEndian }),
      ...Array(20_000).fill(open),
    ]);
    expect(refusalOf(new Uint8Array(deep))).toBe("damaged");
  });

  test("every cut of a file is refused or read, and nothing else happens", () => {
    for (let length = 0; length < explicit.length; length++)
      expect(["not_dicom", "damaged", "no_transfer_syntax", "transfer_syntax", "taken"]).toContain(
        refusalOf(explicit.subarray(0, length)),
      );
  });

  test("and the reason is said in both languages", () => {
    const refusal = new DicomRefusal("character_set", { name: "KLINGON" });
    for (const locale of ["en", "zh"] as const) expect(sayIn(locale)(refusal.said)).toContain("KLINGON");
  });
});

test("a written file has a meta header of its own: nothing of the one that came", () => {
  const { data, transferSyntax } = readDicom(bytesOf(inPydicom.explicit));
  const { meta } = readDicom(writeDicom({ data, transferSyntax }));
  expect([...meta.keys()].map(keywordOf)).toEqual([
    "FileMetaInformationGroupLength",
    "FileMetaInformationVersion",
    "MediaStorageSOPClassUID",
    "MediaStorageSOPInstanceUID",
    "TransferSyntaxUID",
    "ImplementationClassUID",
    "ImplementationVersionName",
  ]);
  expect(text(meta, "00020003")).toBe("1.2.3.4.5");
  expect(isDirectory(readDicom(bytesOf(inPydicom.explicit)))).toBe(false);
});

test("what is empty has no values, and a number that is none is not there", () => {
  const data = dataSet({
    SliceThickness: "three",
    PixelSpacing: "0.5\\0.5",
    ImageType: "ORIGINAL\\ PRIMARY ",
    StudyID: "",
  });
  expect(numbers(data, "00180050")).toEqual([]);
  expect(numbers(data, "00280030")).toEqual([0.5, 0.5]);
  expect(texts(data, "00080008")).toEqual(["ORIGINAL", "PRIMARY"]);
  expect(text(data, "00200010")).toBeUndefined();
  expect([...everyElement(data)].every(([, element]) => isValue(element) || isSequence(element))).toBe(true);
});
