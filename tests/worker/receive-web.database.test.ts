import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { api } from "dicomweb-client";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import XMLHttpRequest from "xhr2";
import { tagOf } from "@/core/dicom/dictionary";
import { readDicom } from "@/core/dicom/read";
import { text } from "@/core/dicom/values";
import { receiveImages } from "@/server/services/inbox/receive-images";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { multipart, post } from "@/tests/support/stow";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";
import { until } from "@/tests/support/worker";
import { listenWeb } from "@/worker/dicom/listen-web";

/*
 * Images sent over HTTP (STOW-RS), into the database and the store.
 */

const { door, admin: adminUrl, owner: ownerUrl, store } = await freshDatabase();
const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const token = "a-token-of-this-site-of-32-letters-and-more";
let study: MadeStudy;
let day: string;
let listening: Awaited<ReturnType<typeof listenWeb>>;
let to: { port: number; token: string };
let lines: unknown[];
let seeds = 60;

beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl });
  const patient = { name: "Patient Sun", shortAxisMm: 5, positive: true, seed: ++seeds, only: [] };
  await addPatient(door, study, patient);
  const [exam] = await admin`select performed_on::text as day from exam where study_id = ${study.studyId}`;
  ({ day } = exam as unknown as { day: string });
  await admin`update subject set site_id = ${study.siteId} where study_id = ${study.studyId}`;
  await listenFor(study.siteId, "Here");
});
afterEach(() => listening.close());

async function listenFor(siteId: string, site: string) {
  const { actor } = await studyAsCommandLine(study.slug);
  lines = [];
  const note = (...line: unknown[]) => lines.push(line);
  listening = await listenWeb(
    { address: "127.0.0.1", port: 0 },
    {
      token,
      begin: () => receiveImages({ ...actor, siteId }, { site, sender: "STOW-RS" }),
      log: { info: note, warn: note, error: note },
    },
  );
  to = { port: listening.port, token };
}

let images = 0;
/** An image of the subject on the day of the exam. */
const image = (changes: Record<string, unknown> = {}) =>
  slice({
    ...{ PatientID: `H-${seeds}`, PatientName: "Sun^Patient", StudyDate: day.replaceAll("-", "") },
    ...{ SOPInstanceUID: `1.2.3.${++images}`, SeriesInstanceUID: `1.2.9.${seeds}` },
    ...changes,
  });

const rows = async () =>
  (
    await admin`select (select count(*) from image_upload where study_id = ${study.studyId} and source = 'network')::int as uploads,
      (select count(*) from image_instance where study_id = ${study.studyId})::int as images,
      (select count(*) from image_hold where study_id = ${study.studyId})::int as holds`
  )[0];
const waiting = async () =>
  (await admin`select count(*)::int as images from inbox_image where study_id = ${study.studyId}`)[0]?.images;
const turnedAway = async () =>
  (
    await admin`select detail from audit_event where study_id = ${study.studyId} and action = 'images.turned_away' order by id`
  ).map((row) => row.detail);

describe("an archive", () => {
  test("brings images to the exam that they belong to; the same ones again change nothing and are answered as stored", async () => {
    const files = [image(), image(), image({ BurnedInAnnotation: "YES" })];
    const first = await post(to, multipart(files));
    expect(first).toMatchObject({ status: 200, failed: [] });
    const once = { uploads: 1, images: 3, holds: 1 };
    expect(await rows()).toEqual(once);
    expect(await post(to, multipart(files), { path: "/studies/1.2" })).toMatchObject({
      status: 200,
      stored: first.stored,
    });
    expect(await rows()).toEqual(once);
    expect(await turnedAway()).toEqual([]);
  });

  test("without the token, or with another, writes nothing; the same request with it does", async () => {
    const files = [image()];
    for (const wrong of [undefined, "x".repeat(40)])
      expect(await post({ ...to, token: wrong }, multipart(files))).toMatchObject({ status: 401 });
    expect(await rows()).toEqual({ uploads: 0, images: 0, holds: 0 });
    expect(await post(to, multipart(files))).toMatchObject({ status: 200 });
    expect(await rows()).toEqual({ uploads: 1, images: 1, holds: 0 });
  });

  test("brings images of nobody here to wait, is told which parts are no images, the others come in, the trail says how many, and no row, line or stored byte says whose", async () => {
    const secret = { PatientName: "Moon^Secretive", PatientID: "Z-778899" };
    const none = image({ PixelData: [1, 2] });
    const files = [image(), image(secret), Buffer.from("Moon^Secretive"), image({ StudyDate: "19991231" }), none];
    const answer = await post(to, multipart(files));
    expect(answer.status).toBe(202);
    expect(answer.stored).toHaveLength(3);
    expect(answer.failed.toSorted()).toEqual([expect.stringMatching(/^1\.2\.3\.\d+ c000$/), "? c000"]);
    expect(await rows()).toEqual({ uploads: 1, images: 1, holds: 0 });
    expect(await waiting()).toBe(2);
    expect(await turnedAway()).toMatchObject([{ sender: "STOW-RS", reasons: { "dicom.refused.not_dicom": 1 } }]);
    const stored = readdirSync(store, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => readFileSync(join(each.parentPath, each.name), "latin1"));
    expect(stored.length).toBeGreaterThan(0);
    const trail = JSON.stringify(await admin`select * from audit_event where study_id = ${study.studyId}`);
    for (const word of ["Secretive", "Z-778899", "Sun^Patient"])
      for (const place of [...stored, trail, JSON.stringify(lines), answer.text]) expect(place).not.toContain(word);
  });

  test("of another site brings no image into the exams of this one's subjects", async () => {
    const file = image();
    await listening.close();
    const [other] = await admin`insert into site (study_id, name) values (${study.studyId}, 'Elsewhere') returning id`;
    await listenFor((other as { id: string }).id, "Elsewhere");
    expect(await post(to, multipart([file]))).toMatchObject({ status: 200 });
    expect(await rows()).toEqual({ uploads: 0, images: 0, holds: 0 });
    expect(await waiting()).toBe(1);
    await listening.close();
    await listenFor(study.siteId, "Here");
    expect(await post(to, multipart([file]))).toMatchObject({ status: 200 });
    expect(await rows()).toMatchObject({ images: 1 });
  });

  test("whose connection is cut in the middle of an image leaves those before it, no half one, and sends all again", async () => {
    const files = [image(), image(), image(), image()];
    async function* cut() {
      yield* [files[0], files[1], files[2]].flatMap((file) => file ?? []);
      await until("the first images", async () => (await rows())?.images === 2, 20);
      yield (files[3] ?? new Uint8Array()).subarray(0, 400);
      throw new Error("the line is cut");
    }
    await expect(post(to, multipart(cut()))).rejects.toThrow();
    // The third is whole when the beginning of the fourth is there.
    await until("the third image", async () => (await rows())?.images === 3, 20);
    expect(await post(to, multipart(files))).toMatchObject({ status: 200 });
    expect(await rows()).toMatchObject({ images: 4 });
  });

  test("of which ten send at once loses none", async () => {
    const sets = Array.from({ length: 10 }, () => [image(), image(), image()]);
    const answers = await Promise.all(sets.map((files) => post(to, multipart(files))));
    expect(answers.map(({ status }) => status)).toEqual(sets.map(() => 200));
    expect(await rows()).toMatchObject({ images: 30 });
  });
});

const sets = new URL("../../../shared/data/mr-dicom/", import.meta.url);
describe.skipIf(!existsSync(sets))("the DICOMweb client of browsers (shared/data/mr-dicom)", () => {
  test.each(["siemens-pelvis-t2", "siemens-localizer-3plane"])("stores %s, and again", async (folder) => {
    const files = readdirSync(new URL(folder, sets))
      .filter((name) => name.endsWith(".dcm"))
      .map((name) => readFileSync(new URL(`${folder}/${name}`, sets)));
    const { data } = readDicom(files[0] ?? new Uint8Array());
    const performedOn = (text(data, tagOf("StudyDate")) ?? "").replace(/^(....)(..)(..)$/, "$1-$2-$3");
    await admin`update subject_identity set name = ${text(data, tagOf("PatientName")) ?? ""}, hospital_number = ${text(data, tagOf("PatientID")) ?? ""}
      where study_id = ${study.studyId}`;
    await admin`insert into exam (study_id, subject_id, performed_on, scanner, recorded_by)
      select study_id, subject_id, ${performedOn}, scanner, recorded_by from exam where study_id = ${study.studyId}`;
    const client = new api.DICOMwebClient({
      url: `http://127.0.0.1:${to.port}`,
      headers: { Authorization: `Bearer ${token}` },
      singlepart: false,
    });
    const studyInstanceUID = text(data, tagOf("StudyInstanceUID")) ?? "";
    const datasets = files.map((file) => Uint8Array.from(file).buffer);
    for (const again of [false, true]) {
      const instance = new XMLHttpRequest();
      await client.storeInstances({ datasets, studyInstanceUID, request: { instance } });
      expect([again, instance.status]).toEqual([again, 200]);
      const answer: Record<string, { Value?: unknown[] }> = JSON.parse(instance.responseText);
      expect(answer["00081199"]?.Value).toHaveLength(files.length);
      expect(await rows()).toEqual({ uploads: 1, images: files.length, holds: 0 });
    }
  });
});
