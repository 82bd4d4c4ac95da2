import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "@/db/actor";
import { receiveImages } from "@/server/services/inbox/receive-images";
import { beginUpload } from "@/server/services/series/begin-upload";
import { takeFile } from "@/server/services/series/take-file";
import { uploadsOf } from "@/server/services/series/uploads-of";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "../support/database";
import { slice } from "../support/dicom";
import { addPatient, type MadeStudy, studyWithExam } from "../support/study";

/*
 * Rows of images, sizes and verdicts, written by SQL by whoever brings images and whoever measures in them; and what one site is told of another's.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const told = (actor: Actor, statement: SQL): Promise<string> =>
  door
    .withActor(actor, (tx) => tx.execute(statement))
    .then(
      () => "done",
      (error: { constraint?: string; code?: string }) => error.constraint ?? error.code ?? String(error),
    );

let study: MadeStudy;
let number: string;
let nodeId: string;
let examId: string;
let seeds = 100;
beforeEach(async () => {
  ({ study, number, nodeId, examId } = await studyWithExam({ door, ownerUrl: database.owner, seed: ++seeds }));
});

/** Somebody else with this role, of one site or of every one. */
async function another(role: "coordinator" | "locating_radiologist", siteId: string | null = null) {
  const [personId, membershipId] = [randomUUID(), randomUUID()];
  await admin`insert into person (id, email, name) values (${personId}, ${`${personId}@example.org`}, 'Other')`;
  const importer = { ...study.members.principal_investigator, role: "importer" as const };
  await door.withActor(importer, (tx) =>
    tx.execute(
      sql`insert into membership (id, study_id, person_id, role, site_id) values (${membershipId}, ${study.studyId}, ${personId}, ${role}, ${siteId})`,
    ),
  );
  return { ...study.members[role], personId, membershipId, siteId };
}

async function bring(actor = study.members.coordinator, of = examId, changes: Record<string, unknown> = {}) {
  const { uploadId } = await door.withActor(actor, (tx) => beginUpload(tx, actor, { examId: of, source: "browser" }));
  const bytes = slice({ PatientID: `H-${seeds}`, PatientName: "", ...changes });
  const { outcome, reason } = await takeFile(actor, { uploadId, ordinal: 1, bytes });
  const [found] = await admin`select instance_id from uploaded_file where upload_id = ${uploadId}`;
  return { uploadId, instanceId: found?.instance_id as string, outcome, reason };
}

test("the report of an upload is written by whoever began it, with reasons that are some; control: in their own", async () => {
  const { uploadId } = await bring();
  const report = (to: string, ordinal: number, reason: string, bytes = 5) =>
    sql`insert into uploaded_file (upload_id, study_id, ordinal, outcome, reason, bytes) values (${to}, ${study.studyId}, ${ordinal}, 'refused', ${reason}::jsonb, ${bytes})`;
  const usual = '{"key": "dicom.refused.other_pixels"}';
  const other = await another("coordinator");
  expect(await told(other, report(uploadId, 2, usual))).toBe("upload_of_another");
  const { coordinator } = study.members;
  for (const reason of ["5", "[]", "{}", '{"key": 5}', "null"])
    expect(await told(coordinator, report(uploadId, 2, reason)), reason).toBe("report_is_none");
  expect(await told(coordinator, report(uploadId, 2, usual, -5))).toBe("report_is_none");
  expect(await told(coordinator, report(uploadId, 0, usual))).toBe("report_is_none");
  expect(await told(coordinator, report(uploadId, 2, usual))).toBe("done");
});

describe("a measurement by SQL", () => {
  const measure = (
    instanceId: string,
    {
      size,
      node = nodeId,
      frame = 1,
      long = "12",
      ends = "{1,2,3,4,5,6,7,8,9,10,11,12}",
      source = "patient",
    }: {
      size: SQL;
      node?: string;
      frame?: number;
      long?: string;
      ends?: string;
      source?: string;
    },
  ) => sql`
    with s as (${size}) insert into measurement (size_id, study_id, node_id, instance_id, frame, long_axis_mm, ends, row_spacing, column_spacing, spacing_source, repeat)
    select s.id, ${study.studyId}, ${node}, ${instanceId}, ${frame}, ${long}::float8, ${ends}::float8[], 1, 1, ${source}, 1 from s`;
  const fresh = (of = nodeId) =>
    sql`insert into node_size (study_id, node_id, short_axis_mm) values (${study.studyId}, ${of}, 5) returning id`;

  test("comes with its size: not under somebody else's, of before or of another node; control: with its own", async () => {
    const { instanceId } = await bring();
    const { locating_radiologist: radiologist } = study.members;
    const patient = { name: "Patient Moon", shortAxisMm: 9, positive: true, seed: ++seeds, only: [] };
    const moon = await addPatient(door, study, patient);
    const there = (of: string) =>
      sql`select id from node_size where node_id = ${of}::uuid order by measured_at limit 1`;
    const refused = "measurement_of_another_size";
    expect(await told(await another("locating_radiologist"), measure(instanceId, { size: there(nodeId) }))).toBe(
      refused,
    );
    expect(await told(radiologist, measure(instanceId, { size: there(nodeId) }))).toBe(refused);
    expect(await told(radiologist, measure(instanceId, { size: fresh(moon.nodeId) }))).toBe(refused);
    // Both rows of one statement: the size is there when the measurement is looked at.
    expect(await told(radiologist, measure(instanceId, { size: fresh() }))).toBe("done");
  });

  test("has numbers that are some, of a frame of the image and of a spacing in the patient", async () => {
    const { instanceId } = await bring();
    const { locating_radiologist: radiologist } = study.members;
    const none: Partial<Parameters<typeof measure>[1]>[] = [
      { frame: 2 },
      { long: "NaN" },
      { long: "Infinity" },
      { ends: "{1,2,3,4,5,6,7,8,9,10,11,NaN}" },
      { ends: "{1,2,3,4,5,6,7,8,9,10,11,NULL}" },
      { ends: "{{1,2,3,4,5,6},{7,8,9,10,11,12}}" },
      { source: "foo" },
      { source: "detector" },
    ];
    for (const each of none)
      expect(await told(radiologist, measure(instanceId, { size: fresh(), ...each })), JSON.stringify(each)).toBe(
        "measurement_is_none",
      );
  });
});

test("a crop is cut out of a frame of its image by a window of numbers, and a verdict has reasons that are some; controls", async () => {
  const { instanceId } = await bring();
  const { locating_radiologist: radiologist } = study.members;
  const cut = ({ high = "100", frame = 1, width = 2 } = {}) =>
    door
      .withActor(radiologist, async (tx) => {
        const [crop] = await tx.execute<{ id: string }>(
          sql`insert into crop (study_id, node_id, plane) values (${study.studyId}, ${nodeId}, ${randomUUID()}) returning id`,
        );
        await tx.execute(
          sql`insert into crop_source (crop_id, study_id, instance_id, frame, box_left, box_top, box_width, box_height, window_low, window_high)
            values (${crop?.id}, ${study.studyId}, ${instanceId}, ${frame}, 0, 0, ${width}, 2, 0, ${high}::float8)`,
        );
      })
      .then(
        () => "done",
        (error: { constraint?: string; code?: string }) => error.constraint ?? error.code,
      );
  for (const none of [{ high: "Infinity" }, { high: "NaN" }, { frame: 2 }, { width: 5 }])
    expect(await cut(none), JSON.stringify(none)).toBe("cut_is_none");
  expect(await cut()).toBe("done");
  const judge = (reasons: string) =>
    sql`insert into image_quality (study_id, exam_id, verdict, reasons) values (${study.studyId}, ${examId}, 'limited', ${reasons}::text[])`;
  for (const none of ["{{a,b}}", "{NULL}", '{""}', `{${"x".repeat(61)}}`])
    expect(await told(radiologist, judge(none)), none).toBe("quality_is_none");
  expect(await told(radiologist, judge("{motion}"))).toBe("done");
  const [event] =
    await admin`select count(*)::int as n from audit_event where study_id = ${study.studyId} and detail::text like '%motion%'`;
  expect(event).toEqual({ n: 0 });
});

test("whose an image is, is compared for the server alone: a coordinator who tries out numbers and names is told nothing; control: a file of somebody else is held", async () => {
  const { coordinator } = study.members;
  const guess = sql`select nw.differs_from_subject(s.id, '{}', ${`H-${seeds}`}, 'x') from subject s`;
  expect(await told(coordinator, guess)).toBe("42501");
  expect((await bring(coordinator, examId, { PatientID: "H-0" })).outcome).toBe("held");
  expect((await bring(coordinator, examId, { SOPInstanceUID: "1.2.3.9", PatientName: "Sun\n^Patient" })).outcome).toBe(
    "accepted",
  );
});

test("of an image that another site has, a site is told neither whose it is nor of which day, by page or listener; control: of its own it is", async () => {
  await admin`update subject set site_id = ${study.siteId} where study_id = ${study.studyId}`;
  expect((await bring()).outcome).toBe("accepted");
  const [site] = await admin`insert into site (study_id, name) values (${study.studyId}, 'Site B') returning id`;
  const coordinator = await another("coordinator", site?.id);
  const b = { ...study, members: { ...study.members, coordinator } } as MadeStudy;
  await addPatient(door, b, { name: "Patient B", shortAxisMm: 9, positive: true, seed: ++seeds, only: [] });
  const [exam] = await door.withActor(coordinator, (tx) => tx.execute<{ id: string }>(sql`select id from exam`));
  const neutral = { outcome: "refused", reason: { key: "dicom.refused.elsewhere" } };
  const own = { PatientID: `H-${seeds}` };
  expect(await bring(coordinator, exam?.id, { ...own, SeriesInstanceUID: "1.2.99" })).toMatchObject(neutral);
  expect(await bring(coordinator, exam?.id, { ...own, SOPInstanceUID: "1.2.3.55" })).toMatchObject(neutral);
  const { actor } = await studyAsCommandLine(study.slug);
  const listener = receiveImages({ ...actor, siteId: site?.id }, { site: "Site B", sender: "SCANNER_B" });
  const sent = { ...own, PatientName: "", StudyDate: "20260106" };
  expect(await listener.take(slice({ ...sent, SeriesInstanceUID: "1.2.98" }))).toMatchObject(neutral);
  await listener.end();
  const uploads = await door.withActor(coordinator, (tx) => uploadsOf(tx, coordinator, { examId: exam?.id ?? "" }));
  // Ids and moments have any digits.
  expect(JSON.stringify(uploads.map(({ by, ended }) => ({ by, ended })))).not.toContain(number);
  const two = await bring(coordinator, exam?.id, { ...own, SeriesInstanceUID: "1.2.97", SOPInstanceUID: "1.2.3.77" });
  expect(two.outcome).toBe("accepted");
  await addPatient(door, b, { name: "Patient C", shortAxisMm: 9, positive: true, seed: ++seeds, only: [] });
  const exams = await door.withActor(coordinator, (tx) => tx.execute<{ id: string }>(sql`select id from exam`));
  const other = exams.find(({ id }) => id !== exam?.id)?.id;
  const again = { PatientID: `H-${seeds}`, SeriesInstanceUID: "1.2.96", SOPInstanceUID: "1.2.3.77" };
  expect(await bring(coordinator, other, again), "control").toMatchObject({
    reason: { key: "dicom.refused.other_exam", values: { subject: "002" } },
  });
});
