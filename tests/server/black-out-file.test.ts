import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import type { PixelBox } from "@/core/dicom/black-out";
import { type DicomFile, isEncapsulated } from "@/core/dicom/data-set";
import { deidentify } from "@/core/dicom/deidentify";
import { tagOf } from "@/core/dicom/dictionary";
import { frameCount, frameOf } from "@/core/dicom/frame";
import { grey } from "@/core/dicom/grey";
import { readDicom } from "@/core/dicom/read";
import { itemsOf, number, text, texts } from "@/core/dicom/values";
import { writeDicom } from "@/core/dicom/write";
import { type DecodedFrame, decodedFrame } from "@/server/decoding/decoded-frame";
import { blackOutFile } from "@/server/services/series/black-out-file";
import { corpusFolder, hasCorpus } from "../imaging/corpus";
import { compressedSlice, inRle, slice } from "../support/dicom";

/*
 * Letters within pixels are filled with black, in every frame, whatever the pixels were compressed by; the rest of the picture is what it was.
 */

const run = promisify(execFile);

const framesOf = async (file: Pick<DicomFile, "data" | "transferSyntax">): Promise<DecodedFrame[]> =>
  Promise.all(Array.from({ length: frameCount(file.data) }, (_, frame) => decodedFrame(file, frame)));

/** Its pixels within and outside of the boxes: each pixel as its samples. */
function parted({ samples, width, height, channels }: DecodedFrame, boxes: readonly PixelBox[]) {
  const inside: string[] = [];
  const outside: string[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isIn = boxes.some(
        ([left, top, across, down]) => x >= left && x < left + across && y >= top && y < top + down,
      );
      const first = (y * width + x) * channels;
      (isIn ? inside : outside).push(samples.subarray(first, first + channels).join(" "));
    }
  return { inside: [...new Set(inside)], outside };
}

async function filled(bytes: Uint8Array, boxes: readonly PixelBox[]) {
  const before = readDicom(bytes);
  const out = writeDicom(await blackOutFile(bytes, boxes));
  const after = readDicom(out);
  const [were, are] = [await framesOf(before), await framesOf(after)];
  return {
    ...{ before, after, out, frames: are.length },
    inside: are.map((frame) => parted(frame, boxes).inside),
    isElsewhereAsBefore: are.every((frame, at) => {
      const was = were[at];
      return was && parted(frame, boxes).outside.join() === parted(was, boxes).outside.join();
    }),
  };
}

const boxes: PixelBox[] = [
  [0, 0, 3, 1],
  [1, 2, 2, 2],
];
const told = ({ data, transferSyntax }: DicomFile) => ({
  burnedIn: text(data, tagOf("BurnedInAnnotation")),
  type: texts(data, tagOf("ImageType")).slice(0, 2),
  derivation: text(data, tagOf("DerivationDescription")),
  methods: itemsOf(data, tagOf("DeidentificationMethodCodeSequence")).map((item) => text(item, tagOf("CodeValue"))),
  photometric: text(data, tagOf("PhotometricInterpretation")),
  transferSyntax,
});

describe("boxes of an image", () => {
  test("are black, the other pixels are as they were, and the file says so", async () => {
    const deidentified = writeDicom({
      data: deidentify(readDicom(slice({ ImageType: ["ORIGINAL", "PRIMARY", "M"] })).data, {
        options: {
          ...{ cleanPixelData: false, cleanDescriptors: false, retainDeviceIdentity: false },
          retainModifiedDates: true,
        },
        ...{ key: new Uint8Array(32), offsetDays: -7, subject: "S-001" },
      }).data,
      transferSyntax: "1.2.840.10008.1.2.1",
    });
    const once = await filled(deidentified, boxes);
    expect(once).toMatchObject({ inside: [["0"]], isElsewhereAsBefore: true });
    expect(told(once.after)).toEqual({
      ...{ burnedIn: "NO", type: ["DERIVED", "PRIMARY"], derivation: "Burned-in text was filled with black" },
      ...{ methods: ["113100", "113107", "113101"], photometric: "MONOCHROME2" },
      transferSyntax: "1.2.840.10008.1.2.1",
    });
    expect(text(once.after.data, tagOf("SOPInstanceUID"))).toBe(text(once.before.data, tagOf("SOPInstanceUID")));
    expect(await blackOutFile(once.out, boxes).then(writeDicom), "again").toEqual(once.out);
  });

  test.each([
    [
      "of values with a sign",
      { PixelRepresentation: 1, PixelData: Array.from({ length: 16 }, (_, at) => at - 9) },
      "-9",
    ],
    ["of values with a sign that has none below zero", { PixelRepresentation: 1 }, "0"],
    ["of MONOCHROME1, where the highest value is black", { PhotometricInterpretation: "MONOCHROME1" }, "4095"],
    ["of a falling modality step, where it is too", { RescaleSlope: "-1", RescaleIntercept: "4095" }, "4095"],
    [
      "of MONOCHROME1 with a falling step",
      { PhotometricInterpretation: "MONOCHROME1", RescaleSlope: "-1", RescaleIntercept: "4095" },
      "0",
    ],
  ])("%s are black on the screen", async (_, changes, black) => {
    const file = await filled(slice({ WindowCenter: "700", WindowWidth: "1400", ...changes }), boxes);
    expect(file).toMatchObject({ inside: [[black]], isElsewhereAsBefore: true });
    const [frame] = await framesOf(file.after);
    expect(grey(frame?.samples ?? new Uint8Array(), { frame: file.after.data, bits: 8 })[0]).toBe(0);
  });

  const colour = {
    ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.7", SamplesPerPixel: 3 },
    ...{ BitsAllocated: 8, BitsStored: 8, HighBit: 7 },
  };
  const bytes = (count: number) => Uint8Array.from({ length: count }, (_, at) => 255 - at);
  test.each([
    ["RGB by pixel", "RGB", 0, 48, "RGB", "0 0 0"],
    ["RGB by plane", "RGB", 1, 48, "RGB", "0 0 0"],
    ["YBR_FULL", "YBR_FULL", 0, 48, "YBR_FULL", "0 128 128"],
    ["YBR_FULL_422, of which a box parts a pair", "YBR_FULL_422", 0, 32, "YBR_FULL", "0 128 128"],
  ])("of a secondary capture in %s are black in each of its samples", async (_, given, planar, count, after, black) => {
    const file = await filled(
      slice({ ...colour, PhotometricInterpretation: given, PlanarConfiguration: planar, PixelData: bytes(count) }),
      boxes,
    );
    expect(file).toMatchObject({ inside: [[black]], isElsewhereAsBefore: true });
    expect(told(file.after)).toMatchObject({ photometric: after, type: ["DERIVED", "SECONDARY"] });
  });

  test("of a palette have its darkest entry, and of colours of which nobody knows are refused", async () => {
    const table = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
    const palette = {
      ...{ ...colour, SamplesPerPixel: 1, PhotometricInterpretation: "PALETTE COLOR" },
      ...{ PixelData: Uint8Array.from({ length: 16 }, (_, at) => at % 3) },
      ...{ RedPaletteColorLookupTableDescriptor: [3, 0, 16], RedPaletteColorLookupTableData: table(9000, 100, 60000) },
      ...{ GreenPaletteColorLookupTableDescriptor: [3, 0, 16], GreenPaletteColorLookupTableData: table(900, 100, 600) },
      ...{ BluePaletteColorLookupTableDescriptor: [3, 0, 16], BluePaletteColorLookupTableData: table(900, 200, 600) },
    };
    expect(await filled(slice(palette), boxes)).toMatchObject({ inside: [["1"]], isElsewhereAsBefore: true });
    const { RedPaletteColorLookupTableData: _, ...torn } = palette;
    await expect(blackOutFile(slice(torn), boxes)).rejects.toThrow("PALETTE COLOR");
  });

  test("are black in every frame, packed bits too", async () => {
    const frames = { NumberOfFrames: 3, PixelData: Array.from({ length: 48 }, (_, at) => 4000 - at) };
    expect(await filled(slice(frames), boxes)).toMatchObject({
      ...{ frames: 3, inside: [["0"], ["0"], ["0"]] },
      isElsewhereAsBefore: true,
    });
    const bits = { BitsAllocated: 1, BitsStored: 1, HighBit: 0, Rows: 3, Columns: 3, NumberOfFrames: 2 };
    expect(await filled(slice({ ...bits, PixelData: Uint8Array.of(0xff, 0xff, 0b11) }), [[1, 1, 2, 1]])).toMatchObject({
      frames: 2,
      inside: [["0"], ["0"]],
      isElsewhereAsBefore: true,
    });
  });

  test("of compressed pixels leave them uncompressed, with what a lossy method lost still told", async () => {
    const values = Array.from({ length: 16 }, (_, at) => 100 * at);
    const syntax = "1.2.840.10008.1.2.5";
    const file = await filled(compressedSlice({ transferSyntax: syntax, fragments: [inRle(values)] }), boxes);
    expect(file).toMatchObject({ inside: [["0"]], isElsewhereAsBefore: true });
    expect(isEncapsulated(file.after.data.get(tagOf("PixelData")))).toBe(false);
    expect(told(file.after).transferSyntax).toBe("1.2.840.10008.1.2.1");
    expect(text(file.after.data, tagOf("LossyImageCompression"))).toBeUndefined();
  });

  test("outside of the image are refused, and nothing is filled", async () => {
    for (const box of [
      [2, 2, 3, 1],
      [-1, 0, 2, 2],
      [0, 0, 0, 1],
      [0, 3, 1, 2],
    ] as const)
      await expect(blackOutFile(slice(), [box])).rejects.toThrow("4 × 4 px");
    expect((await filled(slice(), [[0, 0, 4, 4]])).inside).toEqual([["0"]]);
  });
});

const isThere = (program: string) => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ENOENT";
  }
};
const folders = [
  "burned-in-text",
  "colour-secondary-capture",
  "monochrome1",
  "multiframe-other",
  "mr-enhanced-multiframe",
];
/** Decompress to what dcmdump writes down, by syntax. */
const others: Record<string, [string, ...string[]]> = {
  "1.2.840.10008.1.2.1": ["dcmconv", "+te"],
  "1.2.840.10008.1.2.5": ["dcmdrle"],
  "1.2.840.10008.1.2.4.57": ["dcmdjpeg", "+cn"],
  "1.2.840.10008.1.2.4.70": ["dcmdjpeg", "+cn"],
  "1.2.840.10008.1.2.4.80": ["dcmdjpls"],
};

describe.skipIf(!hasCorpus)("of the corpus (left out where the shared data are absent)", () => {
  /** Its palette is in segments, which nobody here puts together. */
  const inSegments = "dicom-edge/burned-in-text/gdcm-US-ALOKA-16.dcm";
  const names = [...folders, "mr-transfer-syntax-matrix"]
    .flatMap((folder) =>
      readdirSync(new URL(`dicom-edge/${folder}/`, corpusFolder)).map((name) => `dicom-edge/${folder}/${name}`),
    )
    .filter((name) => name !== inSegments && !/MR2_|RG3_J2KI/.test(name));
  const contentOf = (name: string) => new Uint8Array(readFileSync(new URL(name, corpusFolder)));
  /** As it is stored: without what deidentification takes. */
  const storedOf = (name: string) => {
    const { data, transferSyntax } = readDicom(contentOf(name));
    const options = { cleanPixelData: true, cleanDescriptors: true, retainDeviceIdentity: true };
    return writeDicom({
      data: deidentify(data, {
        options: { ...options, retainModifiedDates: true },
        ...{ key: new Uint8Array(32), offsetDays: -7, subject: "S-001" },
      }).data,
      transferSyntax,
    });
  };
  const boxOf = ({ data }: DicomFile): PixelBox[] => {
    const [rows = 1, columns = 1] = [number(data, tagOf("Rows")), number(data, tagOf("Columns"))];
    return [[Math.floor(columns / 4), 0, Math.ceil(columns / 2), Math.max(1, Math.floor(rows / 5))]];
  };

  const files: { name: string; stored: Uint8Array; boxes: PixelBox[]; file: Awaited<ReturnType<typeof filled>> }[] = [];
  beforeAll(async () => {
    for (const name of names) {
      const stored = storedOf(name);
      const boxes = boxOf(readDicom(stored));
      files.push({ name, stored, boxes, file: await filled(stored, boxes) });
    }
  }, 600_000);

  /** What is black in colour; which index it has in a palette the tests of palettes ask. */
  const black: Record<string, string> = { RGB: "0 0 0", YBR_FULL: "0 128 128" };

  test("every file has its boxes black and the rest as it was", async () => {
    const wrong: string[] = [];
    for (const { name, boxes, file } of files) {
      const isBlack = file.inside.every((values) => values.length === 1);
      const { photometric = "" } = told(file.after);
      const shown = await decodedFrame(file.after, 0);
      const frame = frameOf(file.after.data, 0);
      const [left = 0] = boxes[0] ?? [];
      const levels = photometric.startsWith("MONOCHROME") ? grey(shown.samples, { frame, bits: 8 }) : undefined;
      const isDarkest = levels
        ? levels[left] === Math.min(...new Set(levels))
        : String(file.inside[0]) === (black[photometric] ?? String(file.inside[0]));
      const isLossy = /\.4\.(50|51|81|91|203)$/.test(file.before.transferSyntax);
      if (!isBlack || !(file.isElsewhereAsBefore || isLossy) || !isDarkest)
        wrong.push(`${name} ${photometric} ${file.inside[0]?.slice(0, 3)} ${file.isElsewhereAsBefore} ${isDarkest}`);
    }
    expect(wrong).toEqual([]);
    await expect(blackOutFile(storedOf(inSegments), [[0, 0, 1, 1]])).rejects.toThrow("PALETTE COLOR");
    expect(names.length).toBeGreaterThan(30);
  });

  test.skipIf(!isThere("dcmdump"))(
    "DCMTK reads the same pixels outside of the boxes, before and after (left out where it is not installed)",
    { timeout: 300_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "nodewise-black-"));
      /** Its pixels, as DCMTK writes them down. */
      const rawOf = async (bytes: Uint8Array, [program, ...options]: readonly string[]) => {
        const [from, to] = [join(folder, "from.dcm"), join(folder, "to.dcm")];
        writeFileSync(from, bytes);
        await run(program ?? "", [...options, from, to]);
        await run("dcmdump", ["-q", "+W", folder, to]);
        const raw = readFileSync(join(folder, "to.dcm.0.raw"));
        rmSync(join(folder, "to.dcm.0.raw"));
        return raw;
      };
      try {
        const compared: string[] = [];
        for (const { name, stored, boxes, file: made } of files) {
          const file = made.before;
          const tool = others[file.transferSyntax];
          const planes = number(file.data, tagOf("PlanarConfiguration")) === 1;
          const pairs = text(file.data, tagOf("PhotometricInterpretation")) === "YBR_FULL_422";
          const bits = number(file.data, tagOf("BitsAllocated")) ?? 16;
          if (!tool || planes || pairs || bits === 1) continue;
          const before = await rawOf(stored, tool);
          const after = await rawOf(made.out, ["dcmconv", "+te"]);
          expect(after.length, name).toBe(before.length);
          const channels = number(file.data, tagOf("SamplesPerPixel")) ?? 1;
          const width = number(file.data, tagOf("Columns")) ?? 1;
          const height = number(file.data, tagOf("Rows")) ?? 1;
          const frames = frameCount(file.data);
          const as = (raw: Buffer) => ({ samples: new Uint8Array(raw), width: width * (bits / 8), height, channels });
          const wide = boxes.map(([left, top, across, down]): PixelBox => {
            const size = bits / 8;
            return [left * size, top, across * size, down];
          });
          for (let at = 0; at < frames; at++) {
            const size = before.length / frames;
            const [was, is] = [before, after].map((raw) => parted(as(raw.subarray(at * size, (at + 1) * size)), wide));
            expect(is?.outside.join(), name).toBe(was?.outside.join());
            expect(is?.inside.join(), name).not.toBe(was?.inside.join());
          }
          compared.push(name);
        }
        expect(compared.length).toBeGreaterThan(12);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test.skipIf(!isThere("dciodvfy"))(
    "none has an error of its IOD that it had not before, by dciodvfy (left out where dicom3tools is not installed)",
    { timeout: 300_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "nodewise-black-"));
      const errorsOf = async (bytes: Uint8Array) => {
        writeFileSync(join(folder, "file.dcm"), bytes);
        const { stderr } = await run("dciodvfy", [join(folder, "file.dcm")]).catch((error: { stderr?: string }) => ({
          stderr: error.stderr ?? "",
        }));
        return [...new Set(stderr.split("\n").filter((line) => line.startsWith("Error")))];
      };
      try {
        const added: string[] = [];
        for (const { name, stored, file } of files) {
          const before = new Set(await errorsOf(stored));
          const after = await errorsOf(file.out);
          added.push(...after.filter((line) => !before.has(line)).map((line) => `${name}: ${line}`));
        }
        // Ultrasound in luminance and chroma is foreseen compressed alone; red, green and blue would be other numbers.
        const ultrasound = "dicom-edge/burned-in-text/examples_ybr_color.dcm";
        expect(added.filter((line) => !line.startsWith(ultrasound))).toEqual([]);
        expect(added.filter((line) => !/<(YBR_FULL|0)> for value 1 of attribute/.test(line))).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
