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
import { addPatient, draw, makeStudy, readCases } from "../support/study";

/*
 * A node that was shown with its size, and is entered again from the same place in the patient: pictures that were cut wider, from the next slice or in another plane are not alike.
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
/** Of the box round the node. */
const [width, height] = [30, 24];
/** Noise, so that no two cuts are alike. */
function pixelsOf(seed: number) {
  const random = seededRandom(seed);
  return Array.from({ length: side * side }, () => Math.round(255 * random()));
}

/** Where the second node is cut out: mm beside the first, how much wider in pixels, in which image. */
const cuts: [
  what: string,
  isTheSame: boolean,
  cut: { beside?: number; wider?: number; image?: number; lost?: true },
][] = [
  ["ten pixels wider on each side", true, { wider: 10 }],
  ["a little beside", true, { beside: 4, wider: 3 }],
  ["of the next slice", true, { image: 1 }],
  ["across, in another plane", true, { image: 2 }],
  ["of an image that lies nowhere, wider", true, { image: 3, wider: 8, lost: true }],
  ["far beside, control", false, { beside: 18 }],
  ["of a slice far away, control", false, { image: 4 }],
];

test.each(cuts)(
  "%s: it comes too late where the size is hidden: %s",
  async (_, isTheSame, { beside = 0, wider = 0, image = 0, lost }) => {
    const study = await makeStudy({ door, ownerUrl: owner, source });
    const { coordinator, locating_radiologist: radiologist, reader } = study.members;
    const patient = { name: "Patient Sun", shortAxisMm: 9, positive: true, seed: 11, only: [] };
    const { number, nodeId } = await addPatient(door, study, patient);
    const [exam] = await admin`select id from exam where study_id = ${study.studyId}`;
    const { uploadId } = await door.withActor(coordinator, (tx) =>
      beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
    );
    const half = ((side - 1) * pixelMm) / 2;
    const upright = { ImageOrientationPatient: [1, 0, 0, 0, 0, -1], ImagePositionPatient: [-half, 0, half] };
    const places: Record<string, unknown>[] = [
      { ImagePositionPatient: [-half, -half, 0] },
      { ImagePositionPatient: [-half, -half, 3.5] },
      { ...upright, SeriesInstanceUID: "1.2.4" },
      { ImagePositionPatient: "", ImageOrientationPatient: "", FrameOfReferenceUID: "" },
      { ImagePositionPatient: [-half, -half, 60] },
    ];
    const images: string[] = [];
    for (const [at, place] of places.entries()) {
      const bytes = slice({
        ...{
          PatientID: "H-11",
          SOPInstanceUID: `1.2.3.${at + 1}`,
          InstanceNumber: at + 1,
          PixelSpacing: [pixelMm, pixelMm],
        },
        ...{ Rows: side, Columns: side, PixelData: pixelsOf(at), ...place },
      });
      expect((await takeFile(coordinator, { uploadId, ordinal: at + 1, bytes })).outcome).toBe("accepted");
      const [taken] =
        await admin`select instance_id from uploaded_file where upload_id = ${uploadId} and ordinal = ${at + 1}`;
      images.push(taken?.instance_id);
    }
    const cut = (of: string, from: number, { right = 0, more = 0 } = {}) =>
      cutCrop(radiologist, {
        ...{ nodeId: of, plane: "axial", replaces: null, instanceId: images[from] ?? "", frame: 1 },
        box: {
          left: Math.floor((side - width) / 2) - more + Math.round(right / pixelMm),
          top: Math.floor((side - height) / 2) - more,
          ...{ width: width + 2 * more, height: height + 2 * more },
        },
        window: { low: 0, high: 255 },
      });
    await cut(nodeId, lost ? image : 0);
    await draw(door, study);
    const shown = await readCases(door, reader, 9);
    expect(shown.map(({ condition, shortAxisMm }) => [condition.key, shortAxisMm])).toEqual([
      ["h", undefined],
      ["s", 9],
    ]);
    await door.withActor(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId, reason: "The wrong region" }));
    const again = await door.withActor(radiologist, (tx) =>
      addNode(tx, radiologist, { number, region: "mesorectal", shortAxisMm: 9 }),
    );
    await cut(again.nodeId, image, { right: beside, more: wider });
    const { tooLate } = await draw(door, study);
    expect(tooLate).toEqual(isTheSame ? [{ readerCode: "R2", cases: 1 }] : []);
    expect((await openCase(reader))?.condition.key).toBe(isTheSame ? undefined : "h");
  },
);
