import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { findDcmtk } from "@/scripts/lib/dcmtk.mjs";
import { receiveImages } from "@/server/services/inbox/receive-images";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";
import { until } from "@/tests/support/worker";
import { listen } from "@/worker/dicom/listen";

/*
 * Images sent as a scanner or an archive sends them, by Debian's DCMTK.
 */

const dcmtk = findDcmtk();
if (!dcmtk)
  console.warn("DCMTK is not installed and could not be: sending images is NOT tested (apt-get install dcmtk).");

const { door, admin: adminUrl, owner: ownerUrl, store } = await freshDatabase();
const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let folder: string;
let study: MadeStudy;
let day: string;
let listener: Awaited<ReturnType<typeof listen>>;
let lines: unknown[];
let seeds = 40;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "nodewise-receive-"));
  study = await makeStudy({ door, ownerUrl });
  const patient = { name: "Patient Sun", shortAxisMm: 5, positive: true, seed: ++seeds, only: [] };
  await addPatient(door, study, patient);
  const [exam] = await admin`select performed_on::text as day from exam where study_id = ${study.studyId}`;
  ({ day } = exam as unknown as { day: string });
  await admin`update subject set site_id = ${study.siteId} where study_id = ${study.studyId}`;
  await listenFor(study.siteId, "Here");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await listener.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listenFor(siteId: string, site: string) {
  const { actor } = await studyAsCommandLine(study.slug);
  lines = [];
  const note = (...line: unknown[]) => lines.push(line);
  listener = await listen(
    { address: "127.0.0.1", port: 0 },
    {
      title: "NODEWISE",
      senders: ["SCANNER"],
      begin: ({ sender }) => receiveImages({ ...actor, siteId }, { site, sender }),
      log: { info: note, warn: note, error: note },
    },
  );
}

let images = 0;
/** A file of the folder: an image of the subject on the day of the exam. */
function put(changes: Record<string, unknown> = {}): string {
  const path = join(folder, `${++images}.dcm`);
  const own = {
    ...{ PatientID: `H-${seeds}`, PatientName: "Sun^Patient", StudyDate: day.replaceAll("-", "") },
    ...{ SOPInstanceUID: `1.2.3.${images}`, SeriesInstanceUID: `1.2.9.${seeds}` },
  };
  writeFileSync(path, slice({ ...own, ...changes }));
  return path;
}

const to = ({ calling = "SCANNER", called = "NODEWISE" } = {}) => [
  ...["-aet", calling, "-aec", called, "127.0.0.1", String(listener.port)],
];
/** Exit code, and what the program printed. */
const run = (program: string, args: string[]) =>
  new Promise<{ code: number; output: string }>((done) => {
    execFile(program, args, (error, stdout, stderr) =>
      done({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, output: stdout + stderr }),
    );
  });
const echo = (titles = {}) => run(dcmtk?.echoscu ?? "", to(titles));
const send = (files: string[], titles = {}) => run(dcmtk?.storescu ?? "", ["-d", ...to(titles), ...files]);

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
  ).map((row) => row.detail as { reasons: Record<string, number> });

describe.skipIf(!dcmtk)("a scanner (left out where DCMTK is not installed)", () => {
  test("is answered when it asks whether anybody is there; who calls another name, or is not named, is rejected", async () => {
    expect(await echo()).toMatchObject({ code: 0 });
    expect(await echo({ called: "ELSE" })).toMatchObject({
      code: 1,
      output: expect.stringContaining("Called AE Title Not Recognized"),
    });
    const stranger = await send([put()], { calling: "STRANGER" });
    expect(stranger.code).not.toBe(0);
    expect(stranger.output).toContain("Calling AE Title Not Recognized");
    expect(await rows()).toEqual({ uploads: 0, images: 0, holds: 0 });
  });

  test("brings images to the exam that they belong to; the same ones again change nothing, and what is to be looked at is held", async () => {
    const files = [put(), put(), put({ BurnedInAnnotation: "YES" })];
    expect(await send(files)).toMatchObject({ code: 0 });
    const once = { uploads: 1, images: 3, holds: 1 };
    expect(await rows()).toEqual(once);
    expect(await send(files)).toMatchObject({ code: 0 });
    expect(await rows()).toEqual(once);
    expect(await turnedAway()).toEqual([]);
  });

  test("brings an image of nobody here, or of another day, to wait, and no trail, line or stored byte says whose", async () => {
    const secret = { PatientName: "Moon^Secretive", PatientID: "Z-778899" };
    expect(await send([put(secret), put({ StudyDate: "19991231" })])).toMatchObject({ code: 0 });
    expect(await rows()).toEqual({ uploads: 0, images: 0, holds: 0 });
    expect(await waiting()).toBe(2);
    // Control: the subject's own comes in.
    expect(await send([put()])).toMatchObject({ code: 0 });
    expect(await rows()).toMatchObject({ images: 1 });
    const stored = readdirSync(store, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => readFileSync(join(each.parentPath, each.name), "latin1"));
    expect(stored.length).toBeGreaterThan(0);
    const trail = JSON.stringify(await admin`select * from audit_event where study_id = ${study.studyId}`);
    const changes = JSON.stringify(
      await admin`select * from audit_change where study_id = ${study.studyId} and table_name ~ '^(image|inbox)'`,
    );
    for (const word of ["Secretive", "Z-778899", "Sun^Patient"])
      for (const place of [...stored, trail, changes, JSON.stringify(lines)]) expect(place).not.toContain(word);
  });

  test("is told that an image cannot be taken, and the trail says how many came", async () => {
    const broken = await send([put({ PatientID: "Z-1", PixelData: [1, 2] })]);
    expect(broken.output).toMatch(/0xc000/i);
    await until("the trail", async () => (await turnedAway()).length === 1, 10);
    expect(await rows()).toEqual({ uploads: 0, images: 0, holds: 0 });
    expect(await waiting()).toBe(0);
  });

  test("of another site brings no image into the exams of this one's subjects", async () => {
    await listener.close();
    const [other] = await admin`insert into site (study_id, name) values (${study.studyId}, 'Elsewhere') returning id`;
    await listenFor((other as { id: string }).id, "Elsewhere");
    expect(await send([put()])).toMatchObject({ code: 0 });
    expect(await waiting()).toBe(1);
    expect(await rows()).toMatchObject({ images: 0 });
  });

  test("brings an image to a subject of no site where the study has one; control: where it has two, it waits", async () => {
    await admin`update subject set site_id = null where study_id = ${study.studyId}`;
    expect(await send([put()])).toMatchObject({ code: 0 });
    expect(await rows()).toMatchObject({ images: 1 });
    await admin`insert into site (study_id, name) values (${study.studyId}, 'Elsewhere')`;
    expect(await send([put()])).toMatchObject({ code: 0 });
    expect(await rows()).toMatchObject({ images: 1 });
    expect(await waiting()).toBe(1);
  });

  test("of which ten send at once loses none, and one that is killed in the middle leaves what it was told is safe", async () => {
    const sets = Array.from({ length: 10 }, () => [put(), put(), put()]);
    const sent = await Promise.all(sets.map((files) => send(files)));
    expect(sent.map(({ code }) => code)).toEqual(sets.map(() => 0));
    expect(await rows()).toMatchObject({ images: 30 });
    const more = Array.from({ length: 60 }, () => put());
    const child = spawn(dcmtk?.storescu ?? "", [...to(), ...more], { stdio: "ignore" });
    children.push(child);
    await until("the first images", async () => ((await rows())?.images ?? 0) > 33, 20);
    child.kill("SIGKILL");
    expect((await rows())?.images).toBeLessThan(90);
    expect(await echo()).toMatchObject({ code: 0 });
    expect(await send(more)).toMatchObject({ code: 0 });
    expect(await rows()).toMatchObject({ images: 90 });
  });

  test("finds it answering after bytes that are none of DICOM, and after a message that says it has 4 GB", async () => {
    for (const bytes of [Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.from([4, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])]) {
      const socket = net.connect(listener.port, "127.0.0.1", () => socket.write(bytes));
      socket.on("error", () => {});
      await new Promise((closed) => socket.once("close", closed));
    }
    expect(await echo()).toMatchObject({ code: 0 });
  });
});
