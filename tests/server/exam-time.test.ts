import { parse } from "csv-parse/sync";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { addExamTime } from "@/server/services/series/add-exam-time";
import { beginUpload } from "@/server/services/series/begin-upload";
import { listSeries } from "@/server/services/series/list-series";
import { measureNode } from "@/server/services/series/measure-node";
import { measurementTable } from "@/server/services/series/measurement-table";
import { subjectTimes } from "@/server/services/series/subject-times";
import { takeFile } from "@/server/services/series/take-file";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { type MadeStudy, makeStudy, studyWithExam } from "@/tests/support/study";

/*
 * How long the locating radiologist worked on an exam: pages count it, and the clock of the database says what it can be at most.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
let number: string;
let nodeId: string;
let examId: string;
let seeds = 0;
beforeEach(async () => {
  ({ study, number, nodeId, examId } = await studyWithExam({ door, ownerUrl: database.owner, seed: ++seeds }));
});

const add = (seconds: number, actor: StudyActor = study.members.locating_radiologist) =>
  withActor(actor, (tx) => addExamTime(tx, actor, { examId, seconds }));
/** As if so many seconds passed since the time was noted. */
const pass = (seconds: number) => admin`
  update exam_time set first_at = first_at - make_interval(secs => ${seconds}), last_at = last_at - make_interval(secs => ${seconds}) where exam_id = ${examId}`;
const tooMuch = { code: "NW004", constraint: "exam_time_not_passed" };

describe("the time of an exam", () => {
  test("begins with nothing and is added up over sessions, as far as it passed", async () => {
    expect(await add(0)).toEqual({ seconds: 0 });
    await pass(30);
    expect(await add(28)).toEqual({ seconds: 28 });
    // A night later, in another session.
    await pass(12 * 3600);
    await add(0);
    await pass(10);
    expect(await add(10)).toEqual({ seconds: 38 });
    const actor = study.members.coordinator;
    const [exam] = await withActor(actor, (tx) => listSeries(tx, actor, { number }));
    expect(exam?.times).toEqual([
      { by: expect.any(String), seconds: 38, firstAt: expect.any(Date), lastAt: expect.any(Date) },
    ]);
    expect(await withActor(actor, (tx) => subjectTimes(tx, actor))).toEqual([{ subject: number, seconds: 38 }]);
  });

  test("is no more than passed since it was said before: not at the beginning, not twice the same, not negative; control: what did pass", async () => {
    await expect(add(1)).rejects.toMatchObject(tooMuch);
    await add(0);
    await pass(20);
    await expect(add(22)).rejects.toMatchObject({ ...tooMuch, values: { passed: 20, seconds: 22 } });
    await expect(add(-1)).rejects.toMatchObject(tooMuch);
    await add(20);
    await expect(add(20)).rejects.toMatchObject(tooMuch);
    expect(await add(0)).toEqual({ seconds: 20 });
  });

  test("of many that are said at once counts once", async () => {
    await add(0);
    await pass(15);
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => add(15)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await add(0)).toEqual({ seconds: 15 });
  });

  test("is noted by the locating radiologist alone, through the function alone, of subjects who take part", async () => {
    const { coordinator, reader, monitor, pathologist, locating_radiologist: radiologist } = study.members;
    await add(0);
    await pass(10);
    for (const actor of [coordinator, monitor]) await expect(add(1, actor)).rejects.toMatchObject({ code: "42501" });
    for (const actor of [reader, pathologist]) await expect(add(1, actor)).rejects.toThrow();
    for (const statement of [
      sql`update exam_time set seconds = 9`,
      sql`insert into exam_time (exam_id, study_id) values (${examId}, ${study.studyId})`,
      sql`delete from exam_time`,
    ])
      await expect(withActor(radiologist, (tx) => tx.execute(statement))).rejects.toMatchObject({ code: "42501" });
    for (const actor of [reader, pathologist])
      await expect(withActor(actor, (tx) => tx.execute(sql`select from exam_time`))).rejects.toMatchObject({
        code: "42501",
      });
    expect(await add(5), "control").toEqual({ seconds: 5 });
    await pass(10);
    await withdrawConsent(coordinator, { number, withdrawnOn: "2026-01-07", scope: "keep" });
    await expect(add(5)).rejects.toMatchObject({ constraint: "consent_withdrawn" });
  });

  test("is not noted after the lock, nor of an exam of another study", async () => {
    await add(0);
    const other = await makeStudy({ door, ownerUrl: database.owner });
    await expect(add(0, other.members.locating_radiologist)).rejects.toMatchObject({ code: "not_found" });
    await expect(
      withActor(other.members.locating_radiologist, (tx) =>
        tx.execute(sql`select nw.add_exam_time(${examId}::uuid, 0)`),
      ),
    ).rejects.toMatchObject({ code: "42501" });
    await pass(9);
    await admin`update study set state = 'locked' where id = ${study.studyId}`;
    await expect(add(5)).rejects.toMatchObject({ code: "NW001" });
  });

  test("stands in the table of sizes, beside each that this person measured in it", async () => {
    const { coordinator, locating_radiologist: radiologist } = study.members;
    const { uploadId } = await withActor(coordinator, (tx) =>
      beginUpload(tx, coordinator, { examId, source: "browser" }),
    );
    await takeFile(coordinator, { uploadId, ordinal: 1, bytes: slice({ PatientID: `H-${seeds}` }) });
    const [exam] = await withActor(radiologist, (tx) => listSeries(tx, radiologist, { number }));
    const { instanceId, plane } = exam?.series[0]?.stacks[0]?.frames[0] ?? {};
    if (!instanceId || !plane) throw new Error("The image lies nowhere.");
    const [x, y, z] = plane.position;
    await withActor(radiologist, (tx) =>
      measureNode(tx, radiologist, {
        ...{ nodeId, instanceId, frame: 1 },
        ends: [
          [x, y, z],
          [x + 1, y, z],
          [x, y, z],
          [x, y + 0.5, z],
        ],
      }),
    );
    await add(0);
    await pass(42);
    await add(41);
    const text = await withActor(coordinator, (tx) => measurementTable(tx, coordinator));
    const rows: Record<string, string>[] = parse(text, { columns: true, bom: true });
    expect(rows.map(({ instance, exam_active_s }) => [instance !== "", exam_active_s])).toEqual([
      [false, ""],
      [true, "41"],
    ]);
  });
});
