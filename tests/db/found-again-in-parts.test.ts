import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "@/core/random";
import { addNode } from "@/server/services/imaging/add-node";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { openCase } from "@/server/services/reading/open-case";
import { beginUpload } from "@/server/services/series/begin-upload";
import { cutCrop } from "@/server/services/series/cut-crop";
import { takeFile } from "@/server/services/series/take-file";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "../support/database";
import { slice } from "../support/dicom";
import { addPatient, draw, type MadeStudy, makeStudy, readCases } from "../support/study";

/*
 * A node that was shown with its size, and is entered again: by boxes that hold a part of it each, and out of a picture that was stretched on its way.
 */

const database = await freshDatabase();
const { door, owner } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const source = (await shippedProtocol("demonstration")).source
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
const nowhere = { ImagePositionPatient: "", ImageOrientationPatient: "", FrameOfReferenceUID: "" };
const again = { SeriesInstanceUID: "1.7.4", FrameOfReferenceUID: "1.7.9" };
const noise = pixelsOf(0);
/** Every second row, or column, of the first picture. */
const flattened = {
  ...nowhere,
  ...again,
  Rows: side / 2,
  PixelData: noise.filter((_, at) => Math.floor(at / side) % 2 === 0),
};
const narrowed = { ...nowhere, ...again, Columns: side / 2, PixelData: noise.filter((_, at) => at % 2 === 0) };
/** Rows lie twice as far apart as columns, and every row stands there twice in the picture of a screen. */
const oblong = { PixelSpacing: [2 * pixelMm, pixelMm], Rows: side / 2, PixelData: flattened.PixelData };
const square = {
  ...nowhere,
  ...again,
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

const cuts: [what: string, isTheSame: boolean, cut: { images: Record<string, unknown>[]; first: Box; again: Box }][] = [
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
      images: [axialAt(0), axialAt(0, { ...again, ImagePositionPatient: [40 - half, -half, 0] })],
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
  async (_, isTheSame, { images, first, again: later }) => {
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
      addNode(tx, radiologist, { number, region: "mesorectal", shortAxisMm: 9 }),
    );
    await cut(study, other.nodeId, ids.at(-1), later);
    const { tooLate } = await draw(door, study);
    expect(tooLate).toEqual(isTheSame ? [{ readerCode: "R2", cases: 1 }] : []);
    expect((await openCase(reader))?.condition.key).toBe(isTheSame ? undefined : "h");
  },
);
