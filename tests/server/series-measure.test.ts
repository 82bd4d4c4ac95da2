import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { distance, type Plane, toPatient } from "@/core/dicom/plane";
import type { PixelPoint } from "@/core/dicom/spacing";
import type { Vector } from "@/core/dicom/vector";
import { listNodes } from "@/server/services/imaging/list-nodes";
import { addMeasuredNode } from "@/server/services/series/add-measured-node";
import { beginUpload } from "@/server/services/series/begin-upload";
import { cutCrop } from "@/server/services/series/cut-crop";
import { decideHold } from "@/server/services/series/decide-hold";
import { listSeries } from "@/server/services/series/list-series";
import { measureNode } from "@/server/services/series/measure-node";
import { takeFile } from "@/server/services/series/take-file";
import { readObject } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { compressedSlice, inRle, slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";

/*
 * A node is measured in an image of the scanner, and its crop is cut out of it.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const [width, height] = [20, 16];
/** A value for each place, so that no two boxes hold the same. */
const valueAt = (x: number, y: number) => 100 * y + 7 * x;
const pixels = Array.from({ length: width * height }, (_, at) => valueAt(at % width, Math.floor(at / width)));
/** Rows lie 0.5 mm apart and columns 0.75: a length that mistakes one for the other is wrong. */
const image = { Rows: height, Columns: width, PixelSpacing: [0.5, 0.75], PixelData: pixels };

let study: MadeStudy;
let nodeId: string;
let number: string;
let seeds = 0;
beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  ({ number, nodeId } = await addSubject());
});

const addSubject = () =>
  addPatient(door, study, { name: "Patient Sun", shortAxisMm: 5, positive: true, seed: ++seeds, only: [] });

/** Takes an image into the exam of a subject; answers with its id. */
async function bring(changes: Record<string, unknown> = {}, { of = number, outcome = "accepted" } = {}) {
  const { coordinator } = study.members;
  const [exam] =
    await admin`select e.id from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${of}`;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
  );
  const bytes = slice({ PatientID: `H-${seeds}`, ...image, ...changes });
  expect((await takeFile(coordinator, { uploadId, ordinal: 1, bytes })).outcome).toBe(outcome);
  const [found] = await admin`select instance_id from uploaded_file where upload_id = ${uploadId}`;
  return found?.instance_id as string;
}

const radiologist = () => study.members.locating_radiologist;

describe("a node measured in an image", () => {
  const long = [
    { x: 2, y: 3 },
    { x: 14, y: 3 },
  ] as const;
  const short = [
    { x: 8, y: 1 },
    { x: 8, y: 7 },
  ] as const;

  async function planeOf(): Promise<Plane> {
    const actor = radiologist();
    const [exam] = await withActor(actor, (tx) => listSeries(tx, actor, { number }));
    const plane = exam?.series[0]?.stacks[0]?.frames[0]?.plane;
    if (!plane) throw new Error("The image lies nowhere.");
    return plane;
  }
  const endsIn = (plane: Plane, points: readonly PixelPoint[] = [...long, ...short]) =>
    points.map((point) => toPatient(plane, point)) as unknown as readonly [Vector, Vector, Vector, Vector];
  const measure = (
    measured: { instanceId: string; ends: readonly [Vector, Vector, Vector, Vector]; frame?: number },
    actor = radiologist(),
  ) => withActor(actor, (tx) => measureNode(tx, actor, { nodeId, frame: 1, ...measured }));
  const sizeShown = async () => {
    const actor = radiologist();
    const { nodes } = await withActor(actor, (tx) => listNodes(tx, actor, { number }));
    return nodes.find(({ id }) => id === nodeId)?.shortAxisMm;
  };

  test("has the millimetres of its geometry, across rows and across columns, and the newest size counts", async () => {
    const instanceId = await bring();
    const plane = await planeOf();
    // Twelve columns of 0.75 mm, six rows of 0.5 mm.
    expect(await measure({ instanceId, ends: endsIn(plane) })).toEqual({ shortAxisMm: 3, longAxisMm: 9 });
    expect(await sizeShown()).toBe(3);
    const oblique = endsIn(plane, [
      { x: 1, y: 1 },
      { x: 15, y: 13 },
      { x: 9, y: 4 },
      { x: 5, y: 10 },
    ]);
    const again = await measure({ instanceId, ends: oblique });
    expect(again.longAxisMm).toBeCloseTo(Math.hypot(14 * 0.75, 12 * 0.5), 6);
    expect(again.shortAxisMm).toBeCloseTo(Math.hypot(4 * 0.75, 6 * 0.5), 2);
    const rows =
      await admin`select instance_id, frame, repeat, row_spacing, column_spacing, ends from measurement where node_id = ${nodeId} order by repeat`;
    expect(rows).toMatchObject([
      { instance_id: instanceId, frame: 1, repeat: 1, row_spacing: 0.5, column_spacing: 0.75 },
      { repeat: 2, ends: oblique.flat() },
    ]);
  });

  test("is added where it was found, with its size; the same axes again add no other node", async () => {
    const instanceId = await bring();
    const actor = radiologist();
    const found = { number, region: "mesorectal", instanceId, frame: 1 };
    const ends = endsIn(await planeOf());
    const add = (of = ends) => withActor(actor, (tx) => addMeasuredNode(tx, actor, { ...found, ends: of }));
    const twice = await Promise.allSettled([add(), add()]);
    const [added, ...others] = twice.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(others).toEqual([]);
    expect(added).toMatchObject({ label: "N2", shortAxisMm: 3, longAxisMm: 9 });
    await expect(add()).rejects.toMatchObject({ said: { key: "errors.node_measured_already" } });
    const elsewhere = endsIn(
      await planeOf(),
      [...long, ...short].map(({ x, y }) => ({ x, y: y + 1 })),
    );
    expect((await add(elsewhere)).label, "control").toBe("N3");
    const rows =
      await admin`select n.label, count(s.*)::int as sizes, count(m.*)::int as measured from node n join node_size s on s.node_id = n.id
        left join measurement m on m.size_id = s.id where n.study_id = ${study.studyId} group by n.label order by n.label`;
    expect(rows.filter(({ label }) => label !== "N1")).toEqual([
      { label: "N2", sizes: 1, measured: 1 },
      { label: "N3", sizes: 1, measured: 1 },
    ]);
  });

  test("has them in a tilted image too", async () => {
    const [cos, sin] = [Math.cos(0.4), Math.sin(0.4)];
    const instanceId = await bring({ ImageOrientationPatient: [cos, 0, sin, 0, 1, 0] });
    const ends = endsIn(await planeOf());
    expect(distance(ends[0], ends[1])).toBeCloseTo(9, 4);
    const { shortAxisMm, longAxisMm } = await measure({ instanceId, ends });
    expect([shortAxisMm, longAxisMm]).toEqual([3, expect.closeTo(9, 4)]);
  });

  test("is refused with an end beside its image or off its plane, or with no length", async () => {
    const instanceId = await bring();
    const plane = await planeOf();
    const [a, b, c, d] = endsIn(plane);
    const beside = toPatient(plane, { x: width + 2, y: 3 });
    await expect(measure({ instanceId, ends: [a, beside, c, d] })).rejects.toThrow("outside the image");
    const above: Vector = [b[0], b[1], b[2] + 3];
    await expect(measure({ instanceId, ends: [a, above, c, d] })).rejects.toThrow("outside the image");
    await expect(measure({ instanceId, ends: [a, b, c, c] })).rejects.toThrow("no length");
    await expect(measure({ instanceId, ends: [a, b, c, d], frame: 2 })).rejects.toThrow("no such image");
    expect(await sizeShown()).toBe(5);
    await measure({ instanceId, ends: [a, b, c, d] });
    expect(await sizeShown(), "control").toBe(3);
  });

  test("is refused where millimetres hold at the detector and not in the patient, or where there are none", async () => {
    await bring();
    const ends = endsIn(await planeOf());
    const atDetector = await bring({
      ...{ SOPInstanceUID: "1.2.3.2", PixelData: pixels.toReversed() },
      ImagerPixelSpacing: [0.5, 0.75],
    });
    await expect(measure({ instanceId: atDetector, ends })).rejects.toThrow("does not tell millimetres");
    const without = await bring({
      ...{ SOPInstanceUID: "1.2.3.3", PixelData: pixels.map((value) => value + 1) },
      PixelSpacing: [],
    });
    await expect(measure({ instanceId: without, ends })).rejects.toThrow("does not tell millimetres");
    expect(await admin`select 1 from measurement where node_id = ${nodeId}`).toHaveLength(0);
  });

  test("is refused in an image of another subject, and in one that is held until somebody clears it", async () => {
    const held = await bring({ BurnedInAnnotation: "YES" }, { outcome: "held" });
    const { coordinator } = study.members;
    const other = await addSubject();
    const ofOther = await bring(
      { SOPInstanceUID: "1.2.4.1", SeriesInstanceUID: "1.2.4", StudyInstanceUID: "1.3" },
      {
        of: other.number,
      },
    );
    const plane = (await withActor(coordinator, (tx) => listSeries(tx, coordinator, { number: other.number })))[0]
      ?.series[0]?.stacks[0]?.frames[0]?.plane;
    if (!plane) throw new Error("The image lies nowhere.");
    await expect(measure({ instanceId: ofOther, ends: endsIn(plane) })).rejects.toThrow("another subject");
    await expect(measure({ instanceId: held, ends: endsIn(plane) })).rejects.toThrow("held");
    const decide = () =>
      withActor(coordinator, (tx) =>
        decideHold(tx, coordinator, { instanceId: held, decision: "cleared", reason: "No letters in it" }),
      );
    await decide();
    expect(await measure({ instanceId: held, ends: endsIn(plane) })).toMatchObject({ shortAxisMm: 3 });
    await expect(decide()).rejects.toThrow("decided about this image before");
  });

  test("is measured by the locating radiologist alone", async () => {
    const instanceId = await bring();
    const ends = endsIn(await planeOf());
    for (const actor of [study.members.reader, study.members.monitor, study.members.pathologist])
      await expect(measure({ instanceId, ends }, actor)).rejects.toThrow();
    expect(await measure({ instanceId, ends }), "control").toMatchObject({ shortAxisMm: 3 });
  });
});

describe("a crop cut out of an image", () => {
  const box = { left: 3, top: 2, width: 10, height: 9 };
  const window = { low: 300, high: 1100 };
  const inBox = Array.from({ length: box.width * box.height }, (_, at) =>
    valueAt(box.left + (at % box.width), box.top + Math.floor(at / box.width)),
  );
  const cut = (changes: Partial<Parameters<typeof cutCrop>[1]> & { instanceId: string }, actor = radiologist()) =>
    cutCrop(actor, { nodeId, plane: "axial", replaces: null, frame: 1, box, window, ...changes });
  const levelsOf = async (sha256: string, depth: "ushort" | "uchar") => {
    const { data } = await sharp(await readObject(sha256, { limit: 1e6 }))
      .toColourspace(depth === "ushort" ? "grey16" : "b-w")
      .raw({ depth })
      .toBuffer({ resolveWithObject: true });
    return depth === "uchar" ? [...data] : [...new Uint16Array(Uint8Array.from(data).buffer)];
  };

  test("holds the pixels of its box, 16 bits as they are and 8 bits by the window that was chosen", async () => {
    const kept = await cut({ instanceId: await bring() });
    expect(kept).toMatchObject({ width: 10, height: 9, bitDepth: 16, windowLow: 300, windowHigh: 1100 });
    expect(kept.windowRule).toBe("chosen");
    expect(await levelsOf(kept.originalSha256, "ushort")).toEqual(inBox);
    const shown = await levelsOf(kept.sha256, "uchar");
    for (const [at, value] of inBox.entries())
      expect(Math.abs((shown[at] ?? 0) - (255 * Math.max(0, Math.min(800, value - 300))) / 800)).toBeLessThanOrEqual(1);
  });

  test("says from where it is, and is the same to the byte when it is cut again", async () => {
    const instanceId = await bring();
    const first = await cut({ instanceId });
    const sources = () =>
      admin`select s.* from crop_source s join crop c on c.id = s.crop_id where c.node_id = ${nodeId}`;
    expect(await sources()).toMatchObject([
      {
        ...{ instance_id: instanceId, frame: 1, box_left: 3, box_top: 2, box_width: 10, box_height: 9 },
        ...{ window_low: 300, window_high: 1100, row_spacing: 0.5, column_spacing: 0.75 },
      },
    ]);
    expect(await cut({ instanceId })).toEqual(first);
    expect(await sources()).toHaveLength(1);
    const [{ id }] = (await admin`select id from crop where node_id = ${nodeId}`) as never as [{ id: string }];
    const other = await cut({ instanceId, replaces: id, box: { ...box, left: 4 } });
    expect(other.originalSha256).not.toBe(first.originalSha256);
    await expect(cut({ instanceId, replaces: null })).rejects.toThrow();
  });

  test("keeps values below zero in order, and turns MONOCHROME1 round with its window", async () => {
    const signed = await bring({
      ...{ PixelRepresentation: 1, BitsStored: 16, HighBit: 15 },
      PixelData: pixels.map((value) => (value - 700) & 0xffff),
    });
    const below = await cut({ instanceId: signed, window: { low: -400, high: 400 } });
    expect(await levelsOf(below.originalSha256, "ushort")).toEqual(inBox.map((value) => value - 700 + 2 ** 15));
    const inverse = await bring({ SOPInstanceUID: "1.2.3.2", PhotometricInterpretation: "MONOCHROME1" });
    const turned = await cut({ instanceId: inverse, plane: "sagittal" });
    expect(await levelsOf(turned.originalSha256, "ushort")).toEqual(inBox.map((value) => 65_535 - value));
    expect([turned.windowLow, turned.windowHigh]).toEqual([65_535 - 1100, 65_535 - 300]);
  });

  test("of compressed pixels is the same as of the same ones as they are", async () => {
    const plain = await cut({ instanceId: await bring() });
    const { coordinator } = study.members;
    const [exam] = await admin`select id from exam where study_id = ${study.studyId}`;
    const { uploadId } = await withActor(coordinator, (tx) =>
      beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
    );
    const changes = { PatientID: `H-${seeds}`, ...image, SOPInstanceUID: "1.2.3.2" };
    const bytes = compressedSlice({ transferSyntax: "1.2.840.10008.1.2.5", fragments: [inRle(pixels)] }, changes);
    expect((await takeFile(coordinator, { uploadId, ordinal: 1, bytes })).outcome).toBe("accepted");
    const [found] = await admin`select instance_id from uploaded_file where upload_id = ${uploadId}`;
    const unpacked = await cut({ instanceId: found?.instance_id, plane: "sagittal" });
    expect({ ...unpacked }).toEqual({ ...plain });
  });

  test("of values that a table gives, or that fall as what they mean rises, holds them so that higher is brighter", async () => {
    const table = { LUTDescriptor: [4096, 0, 16], LUTData: Array.from({ length: 4096 }, (_, at) => 20_000 - at) };
    const byTable = await bring({ ModalityLUTSequence: [table] });
    const meant = inBox.map((value) => 20_000 - value);
    const kept = await cut({ instanceId: byTable, window: { low: 18_500, high: 19_700 } });
    expect(await levelsOf(kept.originalSha256, "ushort")).toEqual(meant);
    expect([kept.windowLow, kept.windowHigh]).toEqual([18_500, 19_700]);
    const falling = await bring({ SOPInstanceUID: "1.2.3.2", RescaleSlope: "-2", RescaleIntercept: "3000" });
    const turned = await cut({ instanceId: falling, plane: "sagittal", window: { low: 1000, high: 2000 } });
    expect(await levelsOf(turned.originalSha256, "ushort")).toEqual(inBox.map((value) => 65_535 - value));
    expect([turned.windowLow, turned.windowHigh]).toEqual([65_535 - 1000, 65_535 - 500]);
  });

  test("is not cut out of an image in colour or of more than 16 bits", async () => {
    const colour = await bring({
      ...{ SamplesPerPixel: 3, PhotometricInterpretation: "RGB", BitsAllocated: 8, BitsStored: 8, HighBit: 7 },
      PixelData: Uint8Array.from({ length: width * height * 3 }, (_, at) => at),
    });
    const deep = await bring({
      ...{ SOPInstanceUID: "1.2.3.2", BitsAllocated: 32, BitsStored: 32, HighBit: 31 },
      PixelData: new Uint8Array(width * height * 4),
    });
    for (const instanceId of [colour, deep]) await expect(cut({ instanceId })).rejects.toThrow("more than 16 bits");
    await cut({ instanceId: await bring({ SOPInstanceUID: "1.2.3.3" }) });
  });

  test("is refused outside the image, too small to show a node, with a window of nothing, in an unknown plane, and nothing is kept", async () => {
    const instanceId = await bring();
    const boxes = [
      { ...box, left: -1 },
      { ...box, left: width - 9 },
      { ...box, top: height - 8 },
      { ...box, width: 7 },
    ];
    for (const outside of boxes)
      await expect(cut({ instanceId, box: outside })).rejects.toThrow("must lie within the image");
    await expect(cut({ instanceId, window: { low: 5, high: 5 } })).rejects.toThrow("shows nothing");
    await expect(cut({ instanceId, plane: "coronal oblique" })).rejects.toThrow("coronal oblique");
    await expect(cut({ instanceId, frame: 2 })).rejects.toThrow("no frame 2");
    expect(await admin`select 1 from crop where node_id = ${nodeId}`).toHaveLength(0);
    await cut({ instanceId, box: { ...box, left: width - 10, top: height - 9 } });
    expect(await admin`select 1 from crop where node_id = ${nodeId}`, "control").toHaveLength(1);
  });

  test("is refused out of an image of another subject, or one that is held", async () => {
    const held = await bring({ BurnedInAnnotation: "YES" }, { outcome: "held" });
    await expect(cut({ instanceId: held })).rejects.toThrow("no such image");
    const other = await addSubject();
    const ofOther = await bring(
      { SOPInstanceUID: "1.2.4.1", SeriesInstanceUID: "1.2.4", StudyInstanceUID: "1.3" },
      {
        of: other.number,
      },
    );
    await expect(cut({ instanceId: ofOther })).rejects.toThrow("another subject");
    expect(await admin`select 1 from crop where study_id = ${study.studyId}`).toHaveLength(0);
    await cut({ instanceId: ofOther, nodeId: other.nodeId });
  });

  test("is cut by the locating radiologist alone", async () => {
    const instanceId = await bring();
    for (const actor of [study.members.reader, study.members.monitor, study.members.coordinator])
      await expect(cut({ instanceId }, actor)).rejects.toThrow();
    await cut({ instanceId });
  });
});
