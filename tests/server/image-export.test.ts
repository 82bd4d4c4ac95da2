import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isValue } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { planeOf, toPatient } from "@/core/dicom/plane";
import { readDicom } from "@/core/dicom/read";
import { numbers, text } from "@/core/dicom/values";
import type { Vector } from "@/core/dicom/vector";
import { writeFolder } from "@/scripts/cli/write-folder";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { exportImages } from "@/server/services/image-export/export-images";
import { addNode } from "@/server/services/imaging/add-node";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { lockStudy } from "@/server/services/lock/lock-study";
import { beginUpload } from "@/server/services/series/begin-upload";
import { cutCrop } from "@/server/services/series/cut-crop";
import { judgeQuality } from "@/server/services/series/judge-quality";
import { measureNode } from "@/server/services/series/measure-node";
import { takeFile } from "@/server/services/series/take-file";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, makeStudy, withoutLooking } from "@/tests/support/study";

/*
 * The images of a study as a folder for other programs, read back by what reads DICOM, PNG, tables and sums.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const base = await mkdtemp(join(tmpdir(), "nodewise-images-"));
afterAll(async () => {
  await admin.end();
  await rm(base, { recursive: true });
});

const [width, height] = [20, 16];
const pixels = Array.from({ length: width * height }, (_, at) => 100 * Math.floor(at / width) + 7 * (at % width));
const box = { left: 3, top: 2, width: 10, height: 9 };
const ends = [
  { x: 2, y: 3 },
  { x: 14, y: 3 },
  { x: 8, y: 1 },
  { x: 8, y: 7 },
];

let study: MadeStudy;
let seeds = 0;
const addSubject = (name: string) =>
  addPatient(door, study, { name, shortAxisMm: 5, positive: true, seed: ++seeds, only: [] });

/** Takes an image into the exam of a subject; answers with its id. */
async function bring(number: string, changes: Record<string, unknown>, outcome = "accepted") {
  const { coordinator } = study.members;
  const [exam] =
    await admin`select e.id from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${number}`;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
  );
  const uid = `1.2.840.${seeds}`;
  const bytes = slice({
    ...{ Rows: height, Columns: width, PixelSpacing: [0.5, 0.75], PixelData: pixels, PatientID: "", PatientName: "" },
    ...{ StudyInstanceUID: uid, SeriesInstanceUID: `${uid}.1`, ...changes },
    SOPInstanceUID: `${uid}.${JSON.stringify(changes).length}.${changes.InstanceNumber ?? 0}.${changes.SeriesNumber ?? 0}`,
  });
  expect((await takeFile(coordinator, { uploadId, ordinal: 1, bytes })).outcome).toBe(outcome);
  const [found] = await admin`select instance_id from uploaded_file where upload_id = ${uploadId}`;
  return { id: found?.instance_id as string, examId: exam?.id as string, bytes };
}

const lock = () => {
  const { principal_investigator: pi } = study.members;
  return withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
};

let out: string;
beforeEach(() => {
  out = join(base, `images-${Math.random()}`);
});
/** As the command does it; `during` is done before each file is put. */
async function exported(during: (name: string) => Promise<unknown> = async () => {}) {
  const { study: known, actor } = await studyAsCommandLine(study.slug);
  return writeFolder(out, (put) =>
    exportImages(actor, known, {
      put: async (name, content) => [await during(name), await put(name, content)] as never,
    }),
  );
}
const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();
const read = (name: string) => readFile(join(out, name));
const json = async (name: string) => JSON.parse(await readFile(join(out, name), "utf8"));
async function table(name: string): Promise<Record<string, string>[]> {
  const [head = "", ...lines] = (await readFile(join(out, name), "utf8")).trimEnd().split("\n");
  const names = head.split("\t");
  return lines.map((line) => Object.fromEntries(line.split("\t").map((cell, at) => [names[at], cell])));
}
/** Stored values of a file in a box of it. */
async function valuesIn(file: string, { left, top, width: across, height: down }: typeof box) {
  const stored = readDicom(await read(file)).data.get(tagOf("PixelData"));
  if (!isValue(stored)) throw new Error("The image has no pixels.");
  const values = new Uint16Array(Uint8Array.from(stored.bytes).buffer);
  return Array.from(
    { length: across * down },
    (_, at) => values[(top + Math.floor(at / across)) * width + left + (at % across)],
  );
}
/** Levels of a picture of 16 bits of the first patient. */
async function levelsOf(file: string | undefined) {
  const levels = await sharp(await read(`derivatives/crops/sub-001/${file}`))
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer();
  return [...new Uint16Array(Uint8Array.from(levels).buffer)];
}
const deeds = () =>
  admin`select detail, p.name as by from audit_event e join person p on p.id = e.person_id where e.study_id = ${study.studyId} and action = 'images.exported'`;

describe("the images of a study for other programs", () => {
  let kept: { number: string; nodeId: string };
  let excluded: string;
  let heldBytes: Uint8Array;
  let counts: Awaited<ReturnType<typeof exported>>;

  beforeAll(async () => {
    out = join(base, "whole");
    study = await makeStudy({ door, ownerUrl: database.owner });
    const { locating_radiologist: radiologist, coordinator } = study.members;
    kept = await addSubject("Patient Sun");
    const at = (z: number, InstanceNumber: number) =>
      bring(kept.number, { InstanceNumber, ImagePositionPatient: [-10, -20, z] });
    await at(36, 1);
    const { id: instanceId, examId } = await at(30, 2);
    await at(33, 3);
    await bring(kept.number, {
      ...{ InstanceNumber: 4, ImageOrientationPatient: [0, 1, 0, 0, 0, -1] },
    });
    const held = await bring(kept.number, { InstanceNumber: 5, BurnedInAnnotation: "YES" }, "held");
    heldBytes = held.bytes;
    const plane = planeOf(
      readDicom((await bring(kept.number, { InstanceNumber: 2, ImagePositionPatient: [-10, -20, 30] }, "known")).bytes)
        .data,
    );
    if (!plane) throw new Error("The image lies nowhere.");
    await withActor(radiologist, (tx) =>
      measureNode(tx, radiologist, {
        ...{ nodeId: kept.nodeId, instanceId, frame: 1 },
        ends: ends.map((point) => toPatient(plane, point)) as unknown as readonly [Vector, Vector, Vector, Vector],
      }),
    );
    const cut = (nodeId: string, window = { low: 300, high: 1100 }) =>
      cutCrop(radiologist, { nodeId, plane: "axial", replaces: null, instanceId, frame: 1, box, window });
    await cut(kept.nodeId);
    ({ nodeId: excluded } = await withActor(radiologist, (tx) =>
      addNode(tx, radiologist, { number: kept.number, region: "mesorectal", shortAxisMm: 4 }),
    ));
    await cut(excluded, { low: 0, high: 900 });
    await withActor(radiologist, (tx) =>
      excludeNode(tx, radiologist, { nodeId: excluded, reason: "A vessel after all" }),
    );
    await withActor(radiologist, (tx) =>
      judgeQuality(tx, radiologist, { examId, verdict: "limited", reasons: ["motion"] }),
    );
    const withdrawn = await addSubject("Patient Moon");
    await bring(withdrawn.number, { SeriesNumber: 8 });
    await withdrawConsent(coordinator, {
      ...{ number: withdrawn.number, withdrawnOn: "2026-02-01", scope: "no_further_use" },
    });
    const third = await addSubject("Patient Star");
    await bring(third.number, { SeriesNumber: 9 });
    // What a person typed, before the protocol had regions.
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update node set region = 'Mrs Li, left axilla' where id = ${third.nodeId}`;
    });
    await lock();
    counts = await exported();
  });
  beforeEach(() => {
    out = join(base, "whole");
  });

  test("lie patient by patient, exam by exam and series by series, under names that every system takes", async () => {
    const series = "sub-001/ses-01/series-004_plane";
    const stem = "sub-001_ses-01_series-004_plane";
    const images = [
      ...[1, 2, 3].map((n) => `${series}-axial/${stem}-axial_000${n}.dcm`),
      `${series}-sagittal/${stem}-sagittal_0001.dcm`,
      "sub-003/ses-01/series-009_plane-axial/sub-003_ses-01_series-009_plane-axial_0001.dcm",
    ];
    const files = await filesIn(out);
    expect(files.filter((name) => name.endsWith(".dcm"))).toEqual(images);
    expect(files.filter((name) => name.startsWith("derivatives/crops/sub"))).toEqual(
      ["16bit.png", "8bit.png"]
        .map((end) => `derivatives/crops/sub-001/sub-001_node-01_plane-axial_${end}`)
        .concat("derivatives/crops/sub-001/sub-001_node-01_plane-axial.json")
        .sort(),
    );
    for (const name of files) expect(name).toMatch(/^[A-Za-z0-9_./-]{1,120}$/);
    expect(new Set(files.map((name) => name.toLowerCase())).size).toBe(files.length);
    expect(counts).toMatchObject({ subjects: 2, images: 5, crops: 1, held: 1, files: files.length });
  });

  test("are in their order along the normal, without identity, and none that is held", async () => {
    const folder = "sub-001/ses-01/series-004_plane-axial";
    const heights = [];
    for (const name of (await filesIn(join(out, folder))).filter((each) => each.endsWith(".dcm"))) {
      const { data } = readDicom(await read(join(folder, name)));
      expect(text(data, tagOf("PatientName"))).toBe(kept.number);
      heights.push(numbers(data, tagOf("ImagePositionPatient"))[2]);
    }
    expect(heights).toEqual([30, 33, 36]);
    const all = Buffer.concat(await Promise.all((await filesIn(out)).map(read))).toString("latin1");
    for (const identity of ["Sun", "Moon", "19650301", "20260106", "2026-01-06", "1.2.840.1.", "BurnedIn", "Mrs Li"])
      expect(all, identity).not.toContain(identity);
    expect(Buffer.from(heldBytes).toString("latin1"), "control").toMatch(/20260106[\s\S]*19650301/);
    expect(await json(`${folder}/sub-001_ses-01_series-004_plane-axial.json`)).toMatchObject({
      ...{ modality: "MR", seriesNumber: 4, plane: "axial", stepMm: 3 },
      parameters: { repetitionTimeMs: 4000, echoTimeMs: 90, thicknessMm: 3 },
    });
    expect(await table("sub-001/sub-001_sessions.tsv")).toEqual([{ session_id: "ses-01", quality: "limited" }]);
  });

  test("have crops that can be cut again out of the images beside them", async () => {
    const about = await json("derivatives/crops/sub-001/sub-001_node-01_plane-axial.json");
    expect(about).toMatchObject({
      ...{ participant: "sub-001", node: 1, region: "mesorectal", plane: "axial", width: 10, height: 9 },
      source: { frame: 1, boxPixels: box, window: { low: 300, high: 1100 }, spacingMm: { rows: 0.5, columns: 0.75 } },
    });
    const { data } = readDicom(await read(about.source.file));
    expect(text(data, tagOf("SOPInstanceUID"))).toBe(about.source.sopInstanceUid);
    const [shown, original] = about.pictures as { file: string }[];
    expect(await levelsOf(original?.file)).toEqual(await valuesIn(about.source.file, box));
    expect(await sharp(await read(`derivatives/crops/sub-001/${shown?.file}`)).metadata()).toMatchObject({
      ...{ width: 10, height: 9, depth: "uchar" },
    });
    expect(about, "the protocol asks for no context").not.toHaveProperty("context");
  });

  test("have a table of sizes with their ends in the patient, of nodes that are in the study", async () => {
    expect(await table("participants.tsv")).toEqual([
      { participant_id: "sub-001", study_number: kept.number },
      { participant_id: "sub-003", study_number: expect.any(String) },
    ]);
    const rows = await table("measurements.tsv");
    expect(rows.map((row) => [row.participant_id, row.node, row.short_axis_mm, row.counts, row.repeat])).toEqual([
      ["sub-001", "1", "5", "0", "n/a"],
      ["sub-001", "1", "3", "1", "1"],
      ["sub-003", "1", "5", "1", "n/a"],
    ]);
    expect(rows.map(({ region }) => region)).toEqual(["mesorectal", "mesorectal", "n/a"]);
    const [typed, measured] = rows;
    const place = (end: string) => ["x", "y", "z"].map((axis) => Number(measured?.[`${end}_${axis}_mm`]));
    const apart = (a: number[], b: number[]) => Math.hypot(...a.map((part, at) => part - (b[at] ?? 0)));
    expect(apart(place("long_start"), place("long_end"))).toBeCloseTo(12 * 0.75, 6);
    expect(apart(place("short_start"), place("short_end"))).toBeCloseTo(6 * 0.5, 6);
    expect(numbers(readDicom(await read(measured?.image ?? "")).data, tagOf("ImagePositionPatient"))[2]).toBe(30);
    expect(typed).toMatchObject({ long_axis_mm: "n/a", image: "n/a", long_start_x_mm: "n/a" });
    const columns = Object.keys(measured ?? {});
    expect(Object.keys(await json("measurements.json"))).toEqual(columns);
  });

  test("come with sums of all files, and their deed is in the trail with the sum of the sums", async () => {
    const lines = (await readFile(join(out, "SHA256SUMS"), "utf8")).trimEnd().split("\n");
    for (const line of lines)
      expect(
        `${createHash("sha256")
          .update(await read(line.slice(66)))
          .digest("hex")}  ${line.slice(66)}`,
      ).toBe(line);
    expect(lines.map((line) => line.slice(66))).toEqual((await filesIn(out)).filter((name) => name !== "SHA256SUMS"));
    const sha256 = createHash("sha256")
      .update(await read("SHA256SUMS"))
      .digest("hex");
    expect(await deeds()).toMatchObject([
      { by: expect.stringContaining("Command line"), detail: { sha256, images: 5, held: 1 } },
    ]);
  });

  test("say that they are synthetic where they are", async () => {
    expect(await readFile(join(out, "README.md"), "utf8")).not.toContain("Synthetic");
    out = join(base, "synthetic");
    const { study: known, actor } = await studyAsCommandLine(study.slug);
    await writeFolder(out, (put) => exportImages(actor, { ...known, synthetic: true }, { put }));
    expect(await readFile(join(out, "README.md"), "utf8")).toMatch(/Synthetic[\s\S]*合成数据/);
    expect((await json("dataset_description.json")).Name).toContain("(synthetic)");
  });
});

test("a crop comes with as much around it as the protocol asks for, as far as its image goes", async () => {
  const source = withoutLooking((await shippedProtocol("li-2021")).source);
  // Two columns of 0.75 mm and three rows of 0.5 mm; above and to the right the image ends sooner.
  study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace("imaging:", "imaging:\n  contextMm: 1.5"),
  });
  const { number, nodeId } = await addSubject("Patient Sun");
  const { locating_radiologist: radiologist } = study.members;
  const cut = async (plane: string, changes: Record<string, unknown>) => {
    const { id: instanceId } = await bring(number, changes);
    const window = { low: 300, high: 1100 };
    await cutCrop(radiologist, { nodeId, plane, replaces: null, instanceId, frame: 1, box, window });
  };
  await cut("axial", { InstanceNumber: 1 });
  await cut("coronal", { InstanceNumber: 2, PixelSpacing: [], PixelData: pixels.toReversed() });
  await lock();
  await exported();
  const about = await json("derivatives/crops/sub-001/sub-001_node-01_plane-axial.json");
  const around = { left: 1, top: 0, width: 14, height: 14 };
  expect(about.context).toMatchObject({ marginMm: 1.5, boxPixels: around });
  const [shown, original] = about.context.pictures as { file: string; sha256: string }[];
  expect(await levelsOf(original?.file)).toEqual(await valuesIn(about.source.file, around));
  for (const each of [shown, original])
    expect(
      createHash("sha256")
        .update(await read(`derivatives/crops/sub-001/${each?.file}`))
        .digest("hex"),
    ).toBe(each?.sha256);
  const without = await json("derivatives/crops/sub-001/sub-001_node-01_plane-coronal.json");
  expect([without.pictures.length, without.context]).toEqual([2, null]);
});

test("a file whose frames lie in two planes is of neither, and two series of one number have folders of their own", async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  const { number } = await addSubject("Patient Sun");
  const sagittal = { ImageOrientationPatient: [0, 1, 0, 0, 0, -1] };
  const both = await bring(number, { InstanceNumber: 1 });
  const second = await bring(number, { InstanceNumber: 2, ...sagittal });
  await bring(number, { InstanceNumber: 3, ...sagittal, SeriesInstanceUID: "1.2.840.9.9" });
  await lock();
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update image_instance i set frames = 2, planes = i.planes || o.planes from image_instance o where i.id = ${both.id} and o.id = ${second.id}`;
  });
  await exported();
  const folders = (await filesIn(out)).filter((name) => name.endsWith(".dcm")).map((name) => name.split("/")[2]);
  const planes = ["plane-sagittal", "plane-sagittal-2", "plane-unknown"];
  expect(folders.sort()).toEqual(planes.map((plane) => `series-004_${plane}`));
});

describe("nothing is handed out, and no file is left,", () => {
  let number: string;
  beforeEach(async () => {
    study = await makeStudy({ door, ownerUrl: database.owner });
    ({ number } = await addSubject("Patient Sun"));
    await bring(number, { InstanceNumber: 1 });
    await bring(number, { InstanceNumber: 2, ImagePositionPatient: [-10, -20, 33] });
  });
  const leavesNothing = async () => {
    expect((await readdir(base)).filter((name) => name.includes(".part-"))).toEqual([]);
    expect(await readdir(out).catch(() => "none")).toBe("none");
    expect(await deeds()).toEqual([]);
  };

  test("before the lock", async () => {
    await expect(exported()).rejects.toThrow();
    await leavesNothing();
    await lock();
    await exported();
    expect(await deeds(), "control").toHaveLength(1);
  });

  test("when a stored image is damaged or missing", async () => {
    await lock();
    const [row] = await admin`select sha256 from image_instance where study_id = ${study.studyId} limit 1`;
    await store.delete(row?.sha256);
    await expect(exported()).rejects.toMatchObject({ code: "unavailable" });
    await leavesNothing();
  });

  test("when a patient withdraws while the files are written", async () => {
    await lock();
    const { coordinator } = study.members;
    const withdraw = () => withdrawConsent(coordinator, { number, withdrawnOn: "2026-02-01", scope: "no_further_use" });
    await expect(exported((name) => (name === "README.md" ? withdraw() : Promise.resolve()))).rejects.toThrow(
      "A patient withdrew",
    );
    await leavesNothing();
    await expect(exported()).rejects.toThrow("no image that may be handed out");
  });

  test("of an image that came to be held later, nor of what was cut out of it; one that says no place is handed out", async () => {
    const { locating_radiologist: radiologist } = study.members;
    const [node] = await admin`select id from node where study_id = ${study.studyId}`;
    const { id: instanceId } = await bring(number, { InstanceNumber: 3, ImageOrientationPatient: [] });
    const cut = { nodeId: node?.id, plane: "axial", replaces: null, instanceId, frame: 1 };
    await cutCrop(radiologist, { ...cut, box, window: { low: 300, high: 1100 } });
    await lock();
    expect(await exported(), "control").toMatchObject({ images: 3, crops: 1, held: 0 });
    const unknown = "sub-001/ses-01/series-004_plane-unknown/sub-001_ses-01_series-004_plane-unknown_0001.dcm";
    expect(await filesIn(out)).toContain(unknown);
    expect((await json("derivatives/crops/sub-001/sub-001_node-01_plane-axial.json")).source.file).toBe(unknown);
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${instanceId}, 'burned_in_flag', '[]')`;
    });
    out += "-held";
    expect(await exported()).toMatchObject({ images: 2, crops: 0, held: 1 });
    expect((await filesIn(out)).filter((name) => /unknown|derivatives.*sub/.test(name))).toEqual([]);
  });

  test("where something is in the folder; an empty one is filled", async () => {
    await lock();
    await mkdir(out);
    await writeFile(join(out, "mine.txt"), "mine");
    await expect(exported()).rejects.toThrow("no empty folder");
    expect(await readdir(out)).toEqual(["mine.txt"]);
    await rm(join(out, "mine.txt"));
    await exported();
    expect(await readdir(out)).toContain("SHA256SUMS");
  });
});
