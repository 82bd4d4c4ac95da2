import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { lockStudy } from "@/server/services/lock/lock-study";
import { importFolder } from "@/server/services/series/import-folder";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";

/*
 * Exams of a folder come in without a browser, each file to the subject and exam that it belongs to.
 */

const { door, admin: adminUrl, owner: ownerUrl } = await freshDatabase();
const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let folder: string;
let study: MadeStudy;
let sun: { number: string; id: string };
let moon: { number: string; id: string };
let seeds = 0;
/** The day of the exams that `addPatient` records. */
let day: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "nodewise-import-folder-"));
  study = await makeStudy({ door, ownerUrl });
  const add = async (name: string) => {
    const patient = { name, shortAxisMm: 5, positive: true, seed: ++seeds, only: [] };
    return { number: (await addPatient(door, study, patient)).number, id: `H-${seeds}` };
  };
  sun = await add("Patient Sun");
  moon = await add("Patient Moon");
  const [exam] = await admin`select performed_on::text as day from exam where study_id = ${study.studyId}`;
  ({ day } = exam as unknown as { day: string });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let images = 0;
/** A file of the folder: an image of this patient on the day of the exam. */
function put(path: string, { id }: { id: string }, changes: Record<string, unknown> = {}) {
  const uid = `1.2.3.${++images}`;
  const name = id === sun.id ? "Sun^Patient" : "Moon^Patient";
  const image = { PatientID: id, PatientName: name, StudyDate: day.replaceAll("-", ""), SOPInstanceUID: uid };
  write(path, slice({ ...image, SeriesInstanceUID: `1.2.9.${id.slice(2)}`, ...changes }));
}
function write(path: string, bytes: Uint8Array | string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}
async function importing(given: { subject?: string; day?: string } = {}) {
  const { actor } = await studyAsCommandLine(study.slug);
  const files = await importFolder(actor, { folder, ...given });
  return Object.fromEntries(files.map(({ file, subject, outcome, reason }) => [file, [subject, outcome, reason?.key]]));
}
const rows = async () =>
  (
    await admin`select (select count(*) from image_upload where study_id = ${study.studyId})::int as uploads,
      (select count(*) from uploaded_file where study_id = ${study.studyId})::int as files,
      (select count(*) from image_instance where study_id = ${study.studyId})::int as images,
      (select count(*) from audit_event where study_id = ${study.studyId} and action = 'images.uploaded')::int as deeds`
  )[0];

describe("a folder of images", () => {
  test("of several patients goes to the exam of each, by hospital number however it is written, or by the number of the subject where identity was taken away before", async () => {
    put("a/1", sun, { PatientID: sun.id.toLowerCase() });
    put("a/deep/10", moon);
    put("a/deep/2", moon);
    expect(await importing()).toEqual({
      "a/1": [sun.number, "accepted", undefined],
      "a/deep/2": [moon.number, "accepted", undefined],
      "a/deep/10": [moon.number, "accepted", undefined],
    });
    expect(await rows()).toEqual({ uploads: 2, files: 3, images: 3, deeds: 2 });
    rmSync(join(folder, "a"), { recursive: true });
    put("1", moon, { PatientID: moon.number, PatientName: moon.number });
    // Control: the number is the subject's, the name is another patient's.
    put("2", sun, { PatientID: sun.number, PatientName: "Moon^Patient" });
    expect(await importing()).toEqual({
      1: [moon.number, "accepted", undefined],
      2: [sun.number, "held", "dicom.held.other_patient"],
    });
  });

  test("that was taken before changes nothing; one that broke off goes on with what is new", async () => {
    put("1", sun);
    put("2", sun, { BurnedInAnnotation: "YES" });
    expect(Object.values(await importing()).map(([, outcome]) => outcome)).toEqual(["accepted", "held"]);
    const before = await rows();
    expect(Object.values(await importing()).map(([, outcome]) => outcome)).toEqual(["known", "known"]);
    expect(await rows()).toEqual(before);
    put("3", sun);
    expect(Object.values(await importing()).map(([, outcome]) => outcome)).toEqual(["known", "known", "accepted"]);
    expect(await rows()).toEqual({ uploads: 2, files: 3, images: 3, deeds: 2 });
  });

  test("whose subject or exam is not known is refused file by file with its reason, and the others are taken", async () => {
    put("good", sun);
    put("nobody", sun, { PatientID: "" });
    put("stranger", sun, { PatientID: "H-999" });
    put("another-day", sun, { StudyDate: "19991231" });
    put("no-day", sun, { StudyDate: "" });
    write("letter.txt", "Dear colleague");
    expect(await importing()).toEqual({
      good: [sun.number, "accepted", undefined],
      nobody: [null, "refused", "dicom.refused.no_number"],
      stranger: [null, "refused", "dicom.refused.unknown_number"],
      "another-day": [null, "refused", "dicom.refused.no_exam"],
      "no-day": [null, "refused", "dicom.refused.no_day"],
      "letter.txt": [null, "refused", "dicom.refused.not_dicom"],
    });
    expect(await rows()).toMatchObject({ images: 1 });
  });

  test("goes to the subject and exam that are named, and what says it is of another patient is held", async () => {
    put("1", sun, { StudyDate: "" });
    put("2", moon);
    expect(await importing({ subject: sun.number, day })).toEqual({
      1: [sun.number, "accepted", undefined],
      2: [sun.number, "held", "dicom.held.other_patient"],
    });
  });

  test("is refused whole for a subject or an exam that is not there, for a folder without files, and after the lock", async () => {
    await expect(importing()).rejects.toMatchObject({ code: "not_found", said: { key: "errors.folder_empty" } });
    put("1", sun);
    await expect(importing({ subject: "nobody" })).rejects.toMatchObject({ said: { key: "errors.subject_unknown" } });
    await expect(importing({ subject: sun.number, day: "1999-12-31" })).rejects.toMatchObject({
      said: { key: "errors.exam_of_day_unknown" },
    });
    expect(await rows()).toMatchObject({ uploads: 0 });
    expect(await importing({ subject: sun.number, day })).toEqual({ 1: [sun.number, "accepted", undefined] });
    const { principal_investigator: pi } = study.members;
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    await expect(importing()).rejects.toMatchObject({ code: "locked" });
  });

  test("is not taken of a subject who withdrew, of whom no secret is drawn again either, and is of the others", async () => {
    put("1", sun, { PatientID: sun.number });
    put("2", moon);
    const withdrawal = { number: sun.number, withdrawnOn: "2026-02-01", scope: "destroy" } as const;
    await withdrawConsent(study.members.coordinator, withdrawal);
    expect(await importing()).toEqual({
      1: [null, "refused", "errors.database.consent_withdrawn"],
      2: [moon.number, "accepted", undefined],
    });
    expect(
      await admin`select s.number from date_offset o join subject s on s.id = o.subject_id where s.study_id = ${study.studyId}`,
    ).toEqual([{ number: moon.number }]);
  });

  test("is asked whose it is by the command line alone", async () => {
    const ask = (actor: Parameters<typeof door.withActor>[0]) =>
      door.withActor(actor, (tx) => tx.execute(`select number from nw.subjects_of_number('${sun.id}')`));
    const { actor } = await studyAsCommandLine(study.slug);
    expect(await ask(actor)).toMatchObject([{ number: sun.number }]);
    for (const member of Object.values(study.members))
      await expect(ask(member)).rejects.toMatchObject({ code: "42501" });
  });
});
