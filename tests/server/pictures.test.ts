import { execFile, execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { isValue } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { readDicom } from "@/core/dicom/read";
import { number as numberOf, text } from "@/core/dicom/values";
import { sayIn } from "@/core/words";
import { beginUpload } from "@/server/services/series/begin-upload";
import { cutCrop } from "@/server/services/series/cut-crop";
import { decideHold } from "@/server/services/series/decide-hold";
import { findPlane } from "@/server/services/series/find-plane";
import { importFolder } from "@/server/services/series/import-folder";
import { listHeld } from "@/server/services/series/list-held";
import { listSeries } from "@/server/services/series/list-series";
import { pictureKind } from "@/server/services/series/picture-kind";
import { readPicture } from "@/server/services/series/read-picture";
import { takeFile } from "@/server/services/series/take-file";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { readObject } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, studyWithExam } from "@/tests/support/study";

/*
 * Pictures as images of an exam: JPEG, PNG and TIFF come in by their pixels alone, and wait until a coordinator has looked.
 */

const run = promisify(execFile);
const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
let number: string;
let examId: string;
let nodeId: string;
let seeds = 0;
beforeEach(async () => {
  ({ study, number, nodeId, examId } = await studyWithExam({ door, ownerUrl: database.owner, seed: ++seeds }));
});

/** Sends files in turn, as one upload. */
async function send(...files: Uint8Array[]) {
  const { coordinator } = study.members;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId, source: "browser" }),
  );
  const outcomes = [];
  for (const [at, bytes] of files.entries())
    outcomes.push(await takeFile(coordinator, { uploadId, ordinal: at + 1, bytes }));
  return outcomes.map(({ outcome, reason }) => [outcome, reason?.key ?? null]);
}
const held = ["held", "dicom.held.secondary_capture"];
const seen = (actor = study.members.locating_radiologist) =>
  withActor(actor, (tx) => listSeries(tx, actor, { number }));
async function clearAll() {
  const { coordinator } = study.members;
  await withActor(coordinator, async (tx) => {
    for (const { instanceId, decided } of await listHeld(tx, coordinator))
      if (!decided) await decideHold(tx, coordinator, { instanceId, decision: "cleared", reason: "No letters" });
  });
}
const rows = () =>
  admin`select id, sha256, number from image_instance where study_id = ${study.studyId} order by number`;
async function files() {
  return Promise.all((await rows()).map(({ sha256 }) => readObject(sha256, { limit: 1e8 })));
}
async function stored() {
  const [file = new Uint8Array()] = await files();
  return readDicom(file);
}
function pixelsOf({ data }: Awaited<ReturnType<typeof stored>>): Buffer {
  const pixels = data.get(tagOf("PixelData"));
  return Buffer.from(isValue(pixels) ? pixels.bytes : []);
}

const [width, height] = [24, 16];
const colours = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 37 + (at % 3) * 60) % 256);
const greys = Uint8Array.from({ length: width * height }, (_, at) => (at * 7) % 256);
const wide = Uint16Array.from({ length: width * height }, (_, at) => at * 170);
const inColour = (by = 0) =>
  sharp(
    Uint8Array.from(colours, (level) => (level + by) % 256),
    { raw: { width, height, channels: 3 } },
  );
const inGrey = () => sharp(greys, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
const inWide = () => sharp(wide, { raw: { width, height, channels: 1 } }).toColourspace("grey16");
/** With a name in every place of the file that can hold one. */
const named = (picture: Sharp) =>
  picture
    .withExif({
      IFD0: { Artist: "Erika Mustermann", ImageDescription: "Erika Mustermann 1961-12-24", HostComputer: "KLINIKUM7" },
    })
    .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'><name>Erika Mustermann</name></x:xmpmeta>")
    .withIccProfile("srgb");
/** A chunk of text behind the header of a PNG; its checksum is asked for by nobody. */
function withText(png: Buffer, words: string): Buffer {
  const data = Buffer.from(`Comment\0${words}`);
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from("tEXt"), data, Buffer.alloc(4)]);
  chunk.writeUInt32BE(data.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}
/** Two pages, each a grey picture of its own, as TIFF: 8 bits, not compressed. */
function ofTwoPages(): Buffer {
  const page = (at: number, next: number) => {
    const tags = [
      [256, 4, 2],
      [257, 4, 2],
      [258, 3, 8],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, at],
      [277, 3, 1],
      [278, 4, 2],
      [279, 4, 4],
    ];
    const out = Buffer.alloc(4 + 2 + 12 * tags.length + 4);
    out.fill(0x77, 0, 4);
    out.writeUInt16LE(tags.length, 4);
    for (const [index, [tag = 0, type = 0, value = 0]] of tags.entries()) {
      out.writeUInt16LE(tag, 6 + 12 * index);
      out.writeUInt16LE(type, 8 + 12 * index);
      out.writeUInt32LE(1, 10 + 12 * index);
      out.writeUInt32LE(value, 14 + 12 * index);
    }
    out.writeUInt32LE(next, out.length - 4);
    return out;
  };
  const size = page(0, 0).length;
  const head = Buffer.from([0x49, 0x49, 0x2a, 0, 12, 0, 0, 0]);
  return Buffer.concat([head, page(8, 8 + size + 4), page(8 + size, 0)]);
}

describe("pictures of an exam", () => {
  test("are held until a coordinator has looked, then seen by the locating radiologist, without plane and in the order in which they were sent", async () => {
    const sent = [
      await inGrey().png().toBuffer(),
      await inColour().jpeg({ quality: 95 }).toBuffer(),
      await inColour().tiff({ compression: "lzw" }).toBuffer(),
    ];
    expect(await send(...sent)).toEqual([held, held, held]);
    const [before] = await seen();
    expect(
      before?.series.map(({ held, withoutPlane, stacks, modality }) => [held, withoutPlane.length, stacks, modality]),
    ).toEqual([[3, 0, [], "OT"]]);
    await clearAll();
    const [exam] = await seen();
    const order = (await rows()).map(({ id }) => id);
    expect(exam?.series).toHaveLength(1);
    expect(exam?.series[0]?.withoutPlane).toEqual(order.map((instanceId) => ({ instanceId, frame: 1, width, height })));
    expect((await rows()).map((row) => row.number)).toEqual([1, 2, 3]);
    const { data } = await stored();
    expect(text(data, tagOf("SOPClassUID"))).toBe("1.2.840.10008.5.1.4.1.1.7");
    expect(text(data, tagOf("PatientID"))).toBe(number);
    for (const keyword of ["PixelSpacing", "ImagePositionPatient", "FrameOfReferenceUID"])
      expect(data.has(tagOf(keyword))).toBe(false);
  });

  test("give no millimetres: nothing is measured in them, and a crop is cut", async () => {
    await send(await inGrey().png().toBuffer());
    await clearAll();
    const r1 = study.members.locating_radiologist;
    const [image] = await rows();
    const instanceId: string = image?.id;
    await expect(withActor(r1, (tx) => findPlane(tx, r1, { instanceId, frame: 1 }))).rejects.toThrow("millimetres");
    const box = { left: 4, top: 4, width: 10, height: 9 };
    const cut = { nodeId, plane: "axial", replaces: null, instanceId, frame: 1, box, window: { low: 0, high: 255 } };
    expect(await cutCrop(r1, cut)).toMatchObject({ width: 10, height: 9 });
    const [source] = await admin`select row_spacing from crop_source where study_id = ${study.studyId}`;
    expect(source).toEqual({ row_spacing: null });
  });

  test("lose whatever stands beside the pixels: EXIF, XMP, texts and profiles are in no file, row, note or answer", async () => {
    const sent = [
      await named(inColour()).jpeg({ quality: 95 }).toBuffer(),
      withText(await named(inColour(1)).png().toBuffer(), "Erika Mustermann"),
      await named(inColour(2)).tiff().toBuffer(),
    ];
    // Control: it is there where it may be.
    for (const bytes of sent) expect(bytes.toString("latin1")).toContain("Mustermann");
    expect(await send(...sent)).toEqual([held, held, held]);
    const all = await admin<{ row: string }[]>`
      select to_jsonb(i)::text as row from image_instance i union all select to_jsonb(s)::text from image_series s
      union all select to_jsonb(u)::text from uploaded_file u union all select to_jsonb(h)::text from image_hold h
      union all select to_jsonb(e)::text from audit_event e where action like 'image%'
      union all select to_jsonb(c)::text from audit_change c where table_name like 'image%'`;
    const kept = await files();
    expect(kept).toHaveLength(3);
    const said = [...kept.map((file) => file.toString("latin1")), ...all.map(({ row }) => row)].join("\n");
    expect(said).toContain(number);
    for (const word of ["Erika", "Mustermann", "1961-12-24", "KLINIKUM7", "Exif", "xmpmeta", "acsp", "Comment"])
      expect(said, word).not.toContain(word);
  });

  test("keep the values of their pixels: 8 and 16 bits of grey, colours, CMYK as colours, turned as the file says", async () => {
    const read = async (bytes: Buffer) => {
      const place = { examId: randomUUID(), uploadId: randomUUID() };
      return readPicture({ bytes, ordinal: 1 }, pictureKind(bytes) ?? "png", place);
    };
    const check = async (picture: Buffer, expected: Uint8Array, bits: number, photometric: string) => {
      const file = await read(picture);
      expect(pixelsOf(file).equals(Buffer.from(expected))).toBe(true);
      expect(numberOf(file.data, tagOf("BitsStored"))).toBe(bits);
      expect(text(file.data, tagOf("PhotometricInterpretation"))).toBe(photometric);
      return file.data;
    };
    const wideBytes = new Uint8Array(wide.buffer);
    await check(await inGrey().png().toBuffer(), greys, 8, "MONOCHROME2");
    await check(await inGrey().tiff({ compression: "deflate" }).toBuffer(), greys, 8, "MONOCHROME2");
    await check(await inWide().png().toBuffer(), wideBytes, 16, "MONOCHROME2");
    await check(await inWide().tiff({ compression: "lzw" }).toBuffer(), wideBytes, 16, "MONOCHROME2");
    await check(await inColour().png().toBuffer(), colours, 8, "RGB");
    await check(await named(inColour()).tiff({ compression: "lzw" }).toBuffer(), colours, 8, "RGB");
    // Red, green and blue that are equal are grey.
    await check(await inGrey().toColourspace("srgb").png({ palette: false }).toBuffer(), greys, 8, "MONOCHROME2");
    const jpeg = await inColour().jpeg({ quality: 90, chromaSubsampling: "4:4:4" }).toBuffer();
    const lossy = await check(jpeg, await sharp(jpeg).raw().toBuffer(), 8, "RGB");
    expect(text(lossy, tagOf("LossyImageCompressionMethod"))).toBe("ISO_10918_1");
    const cmyk = await inColour().toColourspace("cmyk").tiff().toBuffer();
    await check(cmyk, await sharp(cmyk).toColourspace("srgb").raw().toBuffer(), 8, "RGB");
    const turned = await inGrey().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const upright = await check(
      turned,
      await sharp(turned).autoOrient().toColourspace("b-w").raw().toBuffer(),
      8,
      "MONOCHROME2",
    );
    expect(numberOf(upright, tagOf("Rows"))).toBe(width);
  });

  test("are there once: the same file, and the same pixels saved by another program, change nothing; in another exam they are refused", async () => {
    const png = await inColour().png().toBuffer();
    expect(await send(png)).toEqual([held]);
    const known = ["known", null];
    expect(
      await send(png, await named(inColour()).tiff({ compression: "lzw" }).toBuffer(), withText(png, "again")),
    ).toEqual([known, known, known]);
    expect(await rows()).toHaveLength(1);
    await addPatient(door, study, { name: "Patient Moon", shortAxisMm: 5, positive: true, seed: ++seeds, only: [] });
    const first = examId;
    const [other] = await admin`select id from exam where study_id = ${study.studyId} and id <> ${first}`;
    examId = other?.id;
    expect(await send(png)).toEqual([["refused", "dicom.refused.other_exam"]]);
  });

  test("come beside files of DICOM in one upload, and neither are taken for another patient's", async () => {
    const ofPatient = (sop: number) => slice({ PatientID: `H-${seeds}`, SOPInstanceUID: `1.2.3.${sop}` });
    const png = await inColour().png().toBuffer();
    const accepted = ["accepted", null];
    expect(await send(ofPatient(1), png, ofPatient(2))).toEqual([accepted, held, accepted]);
    // Control: another patient's file beside them is.
    expect(await send(png, slice({ PatientID: "H-999", SOPInstanceUID: "1.2.3.3" }))).toEqual([
      ["known", null],
      ["held", "dicom.held.other_patient"],
    ]);
  });

  test("that are damaged, of several pages, animated, too large, or of no kind are refused each for itself, with what to do", async () => {
    const png = await inColour().png().toBuffer();
    const jpeg = await inColour().jpeg().toBuffer();
    const animated = Buffer.concat([
      png.subarray(0, 33),
      Buffer.from([0, 0, 0, 8]),
      Buffer.from("acTL"),
      Buffer.alloc(12),
      png.subarray(33),
    ]);
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    const large = await sharp({ create: { width: 9000, height: 5000, channels: 3, background: "#000" } })
      .png()
      .toBuffer();
    const refused = (reason: string) => ["refused", `dicom.refused.${reason}`];
    const gif = await inColour().gif().toBuffer();
    const sent = [jpeg.subarray(0, 300), png.subarray(0, png.length - 60), ofTwoPages(), animated, large, gif, png];
    const before = process.memoryUsage().rss;
    expect(await send(...sent, bomb)).toEqual([
      refused("picture_damaged"),
      refused("picture_damaged"),
      refused("picture_pages"),
      refused("picture_pages"),
      refused("picture_too_large"),
      refused("not_dicom"),
      held,
      // The checksum of its header is that of another one.
      [expect.stringMatching("refused"), expect.stringMatching(/picture_(damaged|too_large)/)],
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
    for (const locale of ["en", "zh"] as const)
      expect(
        sayIn(locale)({
          key: "dicom.refused.picture_too_large",
          values: { width: 9000, height: 5000, limit: 36_000_000 },
        }),
      ).toMatch(locale === "en" ? /36,000,000 pixels.*save it smaller/ : /36,000,000/);
  });

  test("are read by dcmdump and dcm2pnm with the pixels that they had, and dciodvfy finds no error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nodewise-pictures-"));
    try {
      await send(
        await inGrey().png().toBuffer(),
        await inWide().tiff({ compression: "lzw" }).toBuffer(),
        await inColour().png().toBuffer(),
      );
      const [ofGrey, ofWide, ofColour] = await files();
      const at = (name: string) => join(folder, name);
      for (const [name, bytes] of Object.entries({ grey: ofGrey, wide: ofWide, colour: ofColour })) {
        writeFileSync(at(name), bytes ?? "");
        const dump = execFileSync("dcmdump", [at(name)]).toString();
        expect(dump).toContain("=SecondaryCaptureImageStorage");
        expect(dump).toMatch(/PatientIdentityRemoved/);
        const { stderr } = await run("dciodvfy", [at(name)]).catch((error: { stderr?: string }) => ({
          stderr: error.stderr ?? "",
        }));
        expect(stderr.split("\n").filter((line) => line.startsWith("Error"))).toEqual([]);
      }
      execFileSync("dcm2pnm", ["+Wi", "1", at("grey"), at("grey1.pgm"), "+op"]);
      expect(readFileSync(at("grey1.pgm")).subarray(-greys.length).equals(Buffer.from(greys))).toBe(true);
      execFileSync("dcm2pnm", ["+op", at("colour"), at("colour.ppm")]);
      expect(readFileSync(at("colour.ppm")).subarray(-colours.length).equals(Buffer.from(colours))).toBe(true);
      execFileSync("dcmdump", ["+W", folder, at("wide")]);
      const [raw = ""] = readdirSync(folder).filter((name) => name.startsWith("wide.") && name.endsWith(".raw"));
      expect(readFileSync(at(raw)).equals(Buffer.from(wide.buffer))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("of a folder are imported by the command line where subject and exam are named, in natural order of their names, and otherwise refused", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nodewise-pictures-"));
    try {
      mkdirSync(join(folder, "screens"));
      for (const at of [10, 2, 1])
        writeFileSync(join(folder, "screens", `Erika ${at}.png`), await inColour(at).png().toBuffer());
      const { actor } = await studyAsCommandLine(study.slug);
      const nowhere = await importFolder(actor, { folder, subject: number });
      expect(nowhere.map(({ reason }) => reason?.key)).toEqual(new Array(3).fill("dicom.refused.picture_of_nobody"));
      const [exam] = await admin`select performed_on::text as day from exam where id = ${examId}`;
      const taken = await importFolder(actor, { folder, subject: number, day: exam?.day });
      expect(taken.map(({ file, outcome, subject }) => [file, outcome, subject])).toEqual(
        [1, 2, 10].map((at) => [`screens/Erika ${at}.png`, "held", number]),
      );
      const reds = (await files()).map((file) => {
        const pixels = readDicom(file).data.get(tagOf("PixelData"));
        return isValue(pixels) ? pixels.bytes[0] : null;
      });
      expect(reds).toEqual([1, 2, 10]);
      const again = await importFolder(actor, { folder, subject: number, day: exam?.day });
      expect(again.map(({ outcome }) => outcome)).toEqual(["known", "known", "known"]);
      const [{ said } = { said: "" }] =
        await admin`select string_agg(to_jsonb(e)::text, ' ') as said from audit_event e where study_id = ${study.studyId}`;
      expect(said).not.toContain("Erika");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
