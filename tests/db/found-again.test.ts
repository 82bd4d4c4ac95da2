import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "@/core/random";
import { addNode } from "@/server/services/imaging/add-node";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { openCase } from "@/server/services/reading/open-case";
import { beginUpload } from "@/server/services/series/begin-upload";
import { cutCrop } from "@/server/services/series/cut-crop";
import { measureNode } from "@/server/services/series/measure-node";
import { takeFile } from "@/server/services/series/take-file";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "../support/database";
import { slice } from "../support/dicom";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, withoutLooking } from "../support/study";

/*
 * A node that was shown with its size, and is entered again from the same place in the patient: pictures that were cut wider, from the next slice, in another plane, of a part of it or out of a stretched picture are not alike.
 */

const database = await freshDatabase();
const { door, owner } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const source = withoutLooking((await shippedProtocol("demonstration")).source)
  .replace(/ {2}primary: .*\n/, "")
  .replace(
    /conditions:\n( {2}- .*\n)+/,
    "conditions:\n  - { key: h, label: h, shows: [], washOutDays: 0 }\n  - { key: s, label: s, shows: [size], washOutDays: 0 }\n",
  );

const side = 120;
const pixelMm = 0.5;
/** Noise, so that no two cuts are alike. */
function pixelsOf(seed: number) {
  const random = seededRandom(seed);
  return Array.from({ length: side * side }, () => Math.round(255 * random()));
}

const half = ((side - 1) * pixelMm) / 2;
const axialAt = (z: number, more: Record<string, unknown> = {}) => ({
  ImagePositionPatient: [-half, -half, z],
  ...more,
});
const coronal = {
  ...{ ImageOrientationPatient: [1, 0, 0, 0, 0, -1], ImagePositionPatient: [-half, 0, half] },
  SeriesInstanceUID: "1.2.4",
};
/** Of 240 mm, and planes that slant by 45 degrees, through (110, 110, 0) and (220, 220, 0). */
const wide = axialAt(0, { PixelSpacing: [2, 2], ImagePositionPatient: [-119, -119, 0] });
const slantingThrough = (place: number) => ({
  ...{ PixelSpacing: [2, 2], SeriesInstanceUID: "1.2.5" },
  ImageOrientationPatient: [Math.SQRT1_2, -Math.SQRT1_2, 0, 0, 0, -1],
  ImagePositionPatient: [place - 119 * Math.SQRT1_2, place + 119 * Math.SQRT1_2, 119],
});
const slanting = slantingThrough(110);
const beyond = slantingThrough(220);
const nowhere = { ImagePositionPatient: "", ImageOrientationPatient: "", FrameOfReferenceUID: "" };
const unnamed = { FrameOfReferenceUID: "" };
const thick = { SliceThickness: "5" };
const thin = { SliceThickness: "1" };
const renamed = { SeriesInstanceUID: "1.7.4", FrameOfReferenceUID: "1.7.9" };
const sentAgain = { SeriesInstanceUID: "1.7.4", FrameOfReferenceUID: "1.7.9", PixelData: pixelsOf(0) };
const noise = pixelsOf(0);
const reformatted = { ...nowhere, ...renamed, PixelData: noise.map((value) => value + 1) };
const doubled = {
  ...{ Rows: 2 * side, Columns: 2 * side },
  PixelData: Array.from({ length: 2 * side }, (_, y) =>
    Array.from({ length: 2 * side }, (_, x) => noise[Math.floor(y / 2) * side + Math.floor(x / 2)] ?? 0),
  ).flat(),
};

/** Every second row, or column, of the first picture. */
const flattened = {
  ...nowhere,
  ...renamed,
  Rows: side / 2,
  PixelData: noise.filter((_, at) => Math.floor(at / side) % 2 === 0),
};
const narrowed = { ...nowhere, ...renamed, Columns: side / 2, PixelData: noise.filter((_, at) => at % 2 === 0) };
/** Rows lie twice as far apart as columns, and every row stands there twice in the picture of a screen. */
const oblong = { PixelSpacing: [2 * pixelMm, pixelMm], Rows: side / 2, PixelData: flattened.PixelData };
const square = {
  ...nowhere,
  ...renamed,
  PixelData: noise.map((_, at) => flattened.PixelData[Math.floor(at / side / 2) * side + (at % side)] ?? 0),
};

type Box = Record<"left" | "top" | "width" | "height", number>;
/** In the middle of the slice, so many pixels wide and high. */
const middle = (width: number, height = width): Box => ({
  ...{ left: (side - width) / 2, top: (side - height) / 2 },
  ...{ width, height },
});
const below = (box: Box, mm: number): Box => ({ ...box, top: box.top + mm / pixelMm });
const beside = (box: Box, mm: number): Box => ({ ...box, left: box.left + mm / pixelMm });

/** Where the first node is cut out of the first image, and the second one out of the last. */
const cuts: [
  what: string,
  isTheSame: boolean,
  cut: { images: Record<string, unknown>[]; first: Box; again: Box; sizeAgain?: number },
][] = [
  ["ten pixels wider", true, { images: [axialAt(0)], first: middle(30, 24), again: middle(50, 44) }],
  ["a little beside", true, { images: [axialAt(0)], first: middle(30, 24), again: beside(middle(36, 30), 4) }],
  ["of the next slice", true, { images: [axialAt(0), axialAt(3.5)], first: middle(30, 24), again: middle(30, 24) }],
  [
    "small, of the next slice of 5 mm, with a gap",
    true,
    { images: [axialAt(0, thick), axialAt(6, thick)], first: middle(16), again: middle(16) },
  ],
  [
    "a little wider, of a thin slice before which a thick one reaches into the node",
    true,
    { images: [axialAt(0, thick), axialAt(9, thin)], first: middle(24), again: middle(26) },
  ],
  [
    "of a thin slice on the other side of the node",
    true,
    { images: [axialAt(-4, thin), axialAt(4, thin)], first: middle(20), again: middle(20) },
  ],
  [
    "of a thin slice on the other side of the node, of which a small size is told then",
    true,
    { images: [axialAt(-4, thin), axialAt(4, thin)], first: middle(20), again: middle(20), sizeAgain: 1 },
  ],
  [
    "of a thin slice beyond the node, control",
    false,
    { images: [axialAt(-6, thin), axialAt(6, thin)], first: middle(20), again: middle(20) },
  ],
  [
    "across, in a thick slice that reaches into the upper end of the node",
    true,
    { images: [coronal, axialAt(6, thick)], first: middle(20), again: middle(18) },
  ],
  ["smaller, of the next slice", true, { images: [axialAt(0), axialAt(3.3)], first: middle(12), again: middle(12) }],
  ["across, in another plane", true, { images: [axialAt(0), coronal], first: middle(30, 24), again: middle(30, 24) }],
  [
    "whole, in the corner of a wider box",
    true,
    { images: [axialAt(0)], first: middle(8), again: { left: 55, top: 55, width: 40, height: 40 } },
  ],
  [
    "wider, of the same picture under other names",
    true,
    { images: [axialAt(0), axialAt(0, sentAgain)], first: middle(30), again: middle(50) },
  ],
  [
    "of the next slice, where no frame of reference is named",
    true,
    { images: [axialAt(0, unnamed), axialAt(3.5, unnamed)], first: middle(30), again: middle(30) },
  ],
  [
    "of the next slice, of the scan that was sent again under other names",
    true,
    { images: [axialAt(0), axialAt(3.5, renamed)], first: middle(30), again: middle(30) },
  ],
  [
    "of the next slice, of another series, where no frame of reference is named",
    true,
    {
      images: [axialAt(0, unnamed), axialAt(3.5, { ...renamed, ...unnamed })],
      ...{ first: middle(30), again: middle(30) },
    },
  ],
  ["wider, of an image that lies nowhere", true, { images: [nowhere], first: middle(30), again: middle(46) }],
  [
    "wider, of an image that lies nowhere and was sent again in another encoding",
    true,
    {
      images: [nowhere, reformatted],
      ...{ first: middle(30), again: middle(46) },
    },
  ],
  [
    "at the left edge of a wide box, after the right edge of one",
    true,
    {
      images: [axialAt(0)],
      first: { left: 50, top: 48, width: 50, height: 24 },
      again: { left: 20, top: 48, width: 50, height: 24 },
    },
  ],
  [
    "in the top of a high box, after a wide one",
    true,
    {
      images: [axialAt(0)],
      ...{ first: middle(40, 18), again: { left: 51, top: 51, width: 18, height: 38 } },
    },
  ],
  [
    "at the left edge of a wide box, after the right edge of one, of an image that lies nowhere",
    true,
    {
      images: [nowhere],
      first: { left: 50, top: 48, width: 50, height: 24 },
      again: { left: 20, top: 48, width: 50, height: 24 },
    },
  ],
  [
    "wider, of an image that was sent again in another format that lies nowhere",
    true,
    {
      images: [axialAt(0), reformatted],
      ...{ first: middle(30), again: middle(46) },
    },
  ],
  [
    "of an image that lies nowhere and was sent again in another resolution",
    true,
    {
      images: [nowhere, { ...nowhere, ...renamed, ...doubled }],
      ...{ first: middle(24), again: { left: 90, top: 90, width: 60, height: 60 } },
    },
  ],
  [
    "in the corner of a wide box, and in a slanting plane through that corner",
    true,
    { images: [wide, slanting], first: middle(118), again: middle(120) },
  ],
  [
    "in a slanting plane far beyond the corner, control",
    false,
    { images: [wide, beyond], first: middle(118), again: middle(120) },
  ],
  [
    "far beside, of an image that lies nowhere, control",
    false,
    { images: [nowhere], first: middle(30), again: beside(middle(30), 18) },
  ],
  ["far beside, control", false, { images: [axialAt(0)], first: middle(30, 24), again: beside(middle(30, 24), 18) }],
  ["of a slice far away, control", false, { images: [axialAt(0), axialAt(60)], first: middle(30), again: middle(30) }],
  [
    "of an image that lies beyond all reach, control",
    false,
    {
      images: [axialAt(0), axialAt(0, { ImagePositionPatient: [-half, -half, "1e200"] })],
      ...{ first: middle(30), again: middle(30) },
    },
  ],
  [
    "the left and the right part of it",
    true,
    { images: [axialAt(0)], first: beside(middle(8), -2.5), again: beside(middle(8), 2.5) },
  ],
  [
    "its upper and its lower edge",
    true,
    { images: [axialAt(0)], first: below(middle(18, 8), -2.5), again: below(middle(18, 8), 2.5) },
  ],
  [
    "small boxes that are farther apart than it is wide, control",
    false,
    { images: [axialAt(0)], first: beside(middle(8), -6), again: beside(middle(8), 6) },
  ],
  [
    "an image that lies nowhere, and that image with half of its rows",
    true,
    {
      images: [nowhere, flattened],
      first: { left: 50, top: 90, width: 20, height: 20 },
      again: { left: 50, top: 45, width: 20, height: 10 },
    },
  ],
  [
    "an image that lies nowhere, and that image with half of its columns",
    true,
    {
      images: [nowhere, narrowed],
      first: { left: 50, top: 90, width: 20, height: 20 },
      again: { left: 25, top: 90, width: 10, height: 20 },
    },
  ],
  [
    "an image of oblong pixels, and its picture of square ones",
    true,
    {
      images: [axialAt(0, oblong), square],
      first: { left: 50, top: 45, width: 20, height: 10 },
      again: { left: 50, top: 90, width: 20, height: 20 },
    },
  ],
  [
    "far above in that image with half of its rows, control",
    false,
    {
      images: [nowhere, flattened],
      first: { left: 50, top: 90, width: 20, height: 20 },
      again: { left: 50, top: 5, width: 20, height: 10 },
    },
  ],
  [
    "another series whose frame of reference is another, and in which the patient lay beside, which no place tells",
    false,
    {
      images: [axialAt(0), axialAt(0, { ...renamed, ImagePositionPatient: [40 - half, -half, 0] })],
      ...{ first: middle(30), again: middle(46) },
    },
  ],
  [
    "the edge of a wider box that shows less than half of it, which is told from no neighbour",
    false,
    { images: [axialAt(0)], first: middle(24), again: { left: 61, top: 40, width: 40, height: 40 } },
  ],
  [
    "the left and the right part of it in an image that lies nowhere, where no size is known",
    false,
    { images: [nowhere], first: beside(middle(8), -2.5), again: beside(middle(8), 2.5) },
  ],
];

/** Brings images into the only exam of a subject; answers with their ids. */
async function bring(study: MadeStudy, examId: string, images: readonly Record<string, unknown>[]) {
  const { coordinator } = study.members;
  const { uploadId } = await door.withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId, source: "browser" }),
  );
  for (const [at, own] of images.entries()) {
    const bytes = slice({
      ...{ PatientID: "", PatientName: "", SOPInstanceUID: `1.2.3.${at + 1}`, InstanceNumber: at + 1 },
      ...{ PixelSpacing: [pixelMm, pixelMm], Rows: side, Columns: side, PixelData: pixelsOf(at), ...own },
    });
    expect((await takeFile(coordinator, { uploadId, ordinal: at + 1, bytes })).outcome).toBe("accepted");
  }
  const taken = await admin`select instance_id from uploaded_file where upload_id = ${uploadId} order by ordinal`;
  return taken.map(({ instance_id }) => instance_id as string);
}

const cut = (study: MadeStudy, nodeId: string, instanceId = "", box = middle(30)) =>
  cutCrop(study.members.locating_radiologist, {
    ...{ nodeId, plane: "axial", replaces: null, instanceId, frame: 1, box, window: { low: 0, high: 255 } },
  });

test.each(cuts)(
  "%s: it comes too late where the size is hidden: %s",
  async (_, isTheSame, { images, first, again, sizeAgain = 9 }) => {
    const study = await makeStudy({ door, ownerUrl: owner, source });
    const { locating_radiologist: radiologist, reader } = study.members;
    const patient = { name: "Patient Sun", shortAxisMm: 9, positive: true, seed: 11, only: [] };
    const { number, nodeId } = await addPatient(door, study, patient);
    const [exam] = await admin`select id from exam where study_id = ${study.studyId}`;
    const ids = await bring(study, exam?.id, images);
    await cut(study, nodeId, ids[0], first);
    await draw(door, study);
    const shown = await readCases(door, reader, 9);
    expect(shown.map(({ condition, shortAxisMm }) => [condition.key, shortAxisMm])).toEqual([
      ["h", undefined],
      ["s", 9],
    ]);
    await door.withActor(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId, reason: "The wrong region" }));
    const other = await door.withActor(radiologist, (tx) =>
      addNode(tx, radiologist, { number, region: "mesorectal", shortAxisMm: sizeAgain }),
    );
    await cut(study, other.nodeId, ids.at(-1), again);
    const { tooLate } = await draw(door, study);
    expect(tooLate).toEqual(isTheSame ? [{ readerCode: "R2", cases: 1 }] : []);
    expect((await openCase(reader))?.condition.key).toBe(isTheSame ? undefined : "h");
  },
);

test.each([
  ["there once, and elsewhere since", [axialAt(0)]],
  ["in an image that was sent again in another format that lies nowhere", [axialAt(0), reformatted]],
])("a node that was measured %s; control: that was not shown", async (_, images) => {
  for (const isShown of [true, false]) {
    const study = await makeStudy({ door, ownerUrl: owner, source });
    const { locating_radiologist: radiologist, reader } = study.members;
    const patient = { name: "Patient Sun", shortAxisMm: 9, positive: true, seed: 11, only: ["axial"] } as const;
    const { number, nodeId } = await addPatient(door, study, patient);
    const [exam] = await admin`select id from exam where study_id = ${study.studyId}`;
    const ids = await bring(study, exam?.id, images);
    const [instanceId = ""] = ids;
    const measureAt = (x: number) =>
      door.withActor(radiologist, (tx) =>
        measureNode(tx, radiologist, {
          ...{ nodeId, instanceId, frame: 1 },
          ends: [
            [x - 6, 0, 0],
            [x + 6, 0, 0],
            [x, -4.5, 0],
            [x, 4.5, 0],
          ],
        }),
      );
    await measureAt(0);
    await draw(door, study);
    await readCases(door, reader, isShown ? 9 : 1);
    await measureAt(20);
    const other = await door.withActor(radiologist, (tx) =>
      addNode(tx, radiologist, { number, region: "mesorectal", shortAxisMm: 9 }),
    );
    await cut(study, other.nodeId, ids.at(-1));
    expect((await draw(door, study)).tooLate).toEqual(isShown ? [{ readerCode: "R2", cases: 1 }] : []);
  }
});

test("another patient whose images name the same frame of reference is another; control: who was screened again is the same", async () => {
  for (const isSame of [false, true]) {
    const study = await makeStudy({ door, ownerUrl: owner, source });
    const { reader } = study.members;
    const drawn = [];
    for (const seed of [21, 22]) {
      const patient = { name: `Patient ${seed}`, shortAxisMm: 9, positive: true, seed, only: [] };
      const { number, nodeId } = await addPatient(door, study, patient);
      const [exam] = await admin`
        select e.id, s.id as subject from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${number}`;
      if (isSame)
        await admin`update subject_identity set hospital_number = 'H-again' where subject_id = ${exam?.subject}`;
      const names = { SeriesInstanceUID: `1.${seed}`, SOPInstanceUID: `1.${seed}.1`, PixelData: pixelsOf(seed) };
      const [image] = await bring(study, exam?.id, [axialAt(0, names)]);
      await cut(study, nodeId, image);
      drawn.push(await draw(door, study));
      if (seed === 21) await readCases(door, reader, 9);
    }
    expect(drawn.map(({ tooLate }) => tooLate.length)).toEqual(isSame ? [0, 1] : [0, 0]);
  }
});
