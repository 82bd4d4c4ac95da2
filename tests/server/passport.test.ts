import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toPatient } from "@/core/dicom/plane";
import type { PixelPoint } from "@/core/dicom/spacing";
import type { Vector } from "@/core/dicom/vector";
import { type StudyRole, studyRoles } from "@/db/actor";
import { roleFor } from "@/server/permissions";
import { type Passport, type PassportPart, passport, passportParts } from "@/server/schemas/passport";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { lockStudy } from "@/server/services/lock/lock-study";
import { partsSeen } from "@/server/services/passport/parts-seen";
import { viewPassport } from "@/server/services/passport/view-passport";
import { beginUpload } from "@/server/services/series/begin-upload";
import { cutCrop } from "@/server/services/series/cut-crop";
import { decideHold } from "@/server/services/series/decide-hold";
import { judgeQuality } from "@/server/services/series/judge-quality";
import { listSeries } from "@/server/services/series/list-series";
import { measureNode } from "@/server/services/series/measure-node";
import { takeFile } from "@/server/services/series/take-file";
import { actInStudy } from "@/server/services/study/act-in-study";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, report } from "@/tests/support/study";

/*
 * A passport tells each role of a node what that role sees elsewhere, and nothing more. Every part that one is refused is told to another.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const [width, height] = [20, 16];
const image = {
  ...{ Rows: height, Columns: width, PixelSpacing: [0.5, 0.75], SeriesDescription: "T2 tra" },
  PixelData: Array.from({ length: width * height }, (_, at) => 100 * Math.floor(at / width) + 7 * (at % width)),
};
const box = { left: 3, top: 2, width: 10, height: 9 };
const window = { low: 300, high: 1100 };

let study: MadeStudy;
let nodeId: string;
let number: string;
let instanceId: string;

/** Takes an image into the exam of the subject. */
async function bring(changes: Record<string, unknown> = {}): Promise<string> {
  const { coordinator } = study.members;
  const [exam] = await admin`select id from exam where study_id = ${study.studyId}`;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
  );
  await takeFile(coordinator, { uploadId, ordinal: 1, bytes: slice({ ...image, ...changes }) });
  const [found] = await admin`select instance_id from uploaded_file where upload_id = ${uploadId}`;
  return found?.instance_id as string;
}

const look = (role: keyof MadeStudy["members"], of = nodeId): Promise<Passport> =>
  withActor(study.members[role], async (tx) =>
    passport.parse(await viewPassport(tx, study.members[role], { nodeId: of })),
  );
const unseenBy = (seen: Passport) =>
  Object.fromEntries(
    passportParts.flatMap((part) => {
      const value = seen[part];
      return typeof value === "string" && value !== "seen" ? [[part, value]] : [];
    }),
  );
const every = <T>(part: readonly T[] | string): readonly T[] => {
  if (typeof part === "string") throw new Error(`This part is not seen: ${part}.`);
  return part;
};

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  const { locating_radiologist: radiologist } = study.members;
  ({ number, nodeId } = await addPatient(door, study, {
    ...{ name: "Patient Sun", shortAxisMm: 5, positive: true, seed: 1 },
    only: ["sagittal"],
  }));
  instanceId = await bring();
  const [exam] = await withActor(radiologist, (tx) => listSeries(tx, radiologist, { number }));
  const plane = exam?.series[0]?.stacks[0]?.frames[0]?.plane;
  if (!exam || !plane) throw new Error("The image lies nowhere.");
  const ends = (
    [
      { x: 2, y: 3 },
      { x: 14, y: 3 },
      { x: 8, y: 1 },
      { x: 8, y: 7 },
    ] satisfies PixelPoint[]
  ).map((point) => toPatient(plane, point)) as unknown as readonly [Vector, Vector, Vector, Vector];
  await withActor(radiologist, (tx) => measureNode(tx, radiologist, { nodeId, instanceId, frame: 1, ends }));
  await cutCrop(radiologist, { nodeId, plane: "axial", replaces: null, instanceId, frame: 1, box, window });
  await withActor(radiologist, (tx) =>
    judgeQuality(tx, radiologist, { examId: exam.id, verdict: "limited", reasons: ["motion"] }),
  );
  await draw(door, study);
  await readCases(door, study.members.reader, 2);
  await report(door, study, nodeId, "positive");
});

describe("before the lock", () => {
  test("the locating radiologist sees the way from the patient to the slice, and neither reads nor truth", async () => {
    const seen = await look("locating_radiologist");
    expect(unseenBy(seen)).toEqual({ reads: "role", pathology: "role", network: "role" });
    expect(seen).toMatchObject({ isLocked: false, role: "locating_radiologist", subject: { number } });
    expect(seen.node).toMatchObject({ label: "N1", by: "locating_radiologist", excluded: null });
    expect(every(seen.exams)).toMatchObject([
      {
        ...{ performedOn: "2026-01-06", scanner: "3 T", by: "coordinator", images: { series: 1, images: 1 } },
        quality: { verdict: "limited", reasons: ["Motion"], by: "locating_radiologist" },
      },
    ]);
    const [measured, typed] = every(seen.sizes);
    expect(typed).toMatchObject({ shortAxisMm: 5, counts: false, measured: null, by: "locating_radiologist" });
    expect(measured).toMatchObject({
      ...{ shortAxisMm: 3, counts: true, by: "locating_radiologist" },
      measured: {
        ...{ longAxisMm: 9, repeat: 1, spacing: { rows: 0.5, columns: 0.75 }, spacingSource: "patient" },
        slice: { instanceId, frame: 1, frames: 1, exam: "2026-01-06", series: 4, number: 1, orientation: "axial" },
        // The centre of a pixel lies half a pixel from its edge.
        axes: {
          long: [
            { x: expect.closeTo(2.5, 6), y: expect.closeTo(3.5, 6) },
            { x: expect.closeTo(14.5, 6), y: expect.closeTo(3.5, 6) },
          ],
          short: [{ x: expect.closeTo(8.5, 6) }, { y: expect.closeTo(7.5, 6) }],
        },
      },
    });
    expect(measured?.measured?.ends).toHaveLength(12);
    expect(every(seen.crops).map(({ plane, source }) => [plane, source !== null])).toEqual([
      ["axial", true],
      ["sagittal", false],
    ]);
    expect(every(seen.crops)[0]?.source).toMatchObject({
      ...{ box, window, spacing: { rows: 0.5, columns: 0.75 }, by: "locating_radiologist" },
      slice: { instanceId, width, height, picture: "shown", by: "coordinator" },
    });
  });

  test("the pathologist sees truth, sizes and crops, and not where in which image they are from", async () => {
    const seen = await look("pathologist");
    expect(unseenBy(seen)).toEqual({ sources: "role", reads: "role", network: "role" });
    expect(every(seen.sizes).map(({ shortAxisMm, measured }) => [shortAxisMm, measured])).toEqual([
      [3, null],
      [5, null],
    ]);
    expect(every(seen.crops).map(({ source }) => source)).toEqual([null, null]);
    expect(every(seen.exams)).toMatchObject([{ images: null, quality: null }]);
    expect(every(seen.pathology)).toMatchObject([
      {
        ...{ result: "positive", counts: true, by: "pathologist" },
        specimen: { label: "S1", by: "pathologist", match: { confidence: "certain", by: "pathologist" } },
      },
    ]);
  });

  test("the monitor sees all but reads and scores, the coordinator no truth either", async () => {
    expect(unseenBy(await look("monitor"))).toEqual({ reads: "role", network: "role" });
    expect(unseenBy(await look("coordinator"))).toEqual({ reads: "role", pathology: "role", network: "role" });
  });

  test("the investigator sees which node of which patient it is, and that the rest opens with the lock", async () => {
    const seen = await look("principal_investigator");
    expect(unseenBy(seen)).toEqual(Object.fromEntries(passportParts.map((part) => [part, "lock"])));
    expect(seen).toMatchObject({ subject: { number }, node: { label: "N1" } });
    await expect(look("data_scientist")).rejects.toThrow("not in the study");
  });

  test("a reader is refused, by action and by the database, and the refusal is noted", async () => {
    const { reader, monitor } = study.members;
    const ask = (personId: string | null) =>
      actInStudy({ personId: personId ?? "", slug: study.slug, action: "passport.view", locale: "en" });
    await expect(ask(reader.personId)).rejects.toThrow("not open");
    expect((await ask(monitor.personId)).actor.role, "control").toBe("monitor");
    await expect(look("reader")).rejects.toThrow();
    await expect(look("administrator")).rejects.toThrow();
    const [noted] =
      await admin`select count(*)::int from audit_event where study_id = ${study.studyId} and person_id = ${reader.personId} and action = 'access.refused'`;
    expect(noted?.count).toBe(1);
  });

  test("an image that waits for a decision is not shown, and is once it was cleared", async () => {
    const { coordinator } = study.members;
    const pictures = async () =>
      every((await look("coordinator")).crops).flatMap(({ source }) => source?.slice.picture ?? []);
    expect(await pictures()).toEqual(["shown"]);
    // As nobody can but the installation: what is held is not cut.
    await admin`insert into image_hold (study_id, instance_id, reason, boxes) values (${study.studyId}, ${instanceId}, 'burned_in_flag', '[]')`;
    expect(await pictures()).toEqual(["held"]);
    await withActor(coordinator, (tx) =>
      decideHold(tx, coordinator, { instanceId, decision: "cleared", reason: "No letters in it" }),
    );
    expect(await pictures()).toEqual(["shown"]);
  });
});

describe("after the lock", () => {
  beforeAll(async () => {
    const { principal_investigator: pi } = study.members;
    await withActor(pi, (tx) => lockStudy(tx, pi, { reason: "One read is missing" }));
  });

  test("the investigator and the data scientist see every part, but for the pictures of the scanner, and their look is noted", async () => {
    for (const role of ["principal_investigator", "data_scientist"] as const) {
      const seen = await look(role);
      expect(unseenBy(seen), role).toEqual({});
      expect(every(seen.reads)).toHaveLength(2);
      expect(every(seen.reads)).toMatchObject([
        { reader: "R2", call: "negative", confidence: 70, signs: [], source: "reader", counts: true },
        { reader: "R2", planes: [expect.any(String)] },
      ]);
      expect(every(seen.pathology)).toMatchObject([{ result: "positive" }]);
      expect(seen.network).toEqual({ run: null, scores: [] });
      expect(every(seen.crops)[0]?.source?.slice).toMatchObject({ picture: "role", by: null, series: 4 });
      await look(role);
    }
    const [noted] =
      await admin`select count(*)::int from audit_event where study_id = ${study.studyId} and action = 'figures.viewed'`;
    expect(noted?.count, "one look each within a quarter of an hour").toBe(2);
  });

  test("the locating radiologist and the pathologist see what they saw before", async () => {
    expect(unseenBy(await look("locating_radiologist"))).toEqual({
      ...{ reads: "role", pathology: "role", network: "role" },
    });
    expect(unseenBy(await look("pathologist"))).toEqual({ sources: "role", reads: "role", network: "role" });
    await expect(look("reader")).rejects.toThrow();
  });
});

test("a part is asked of a role where the database grants its tables, and of nobody else", async () => {
  const tables: Record<PassportPart, string[]> = {
    exams: ["exam"],
    sizes: ["node_size"],
    crops: ["crop"],
    sources: ["measurement", "crop_source", "image_instance", "image_series", "image_quality"],
    reads: ["read", "reading_case", "case_crop"],
    pathology: ["pathology_report", "node_match", "specimen"],
    network: ["crop_score", "model_run"],
  };
  const granted = async (role: StudyRole, table: string) => {
    const [row] = await admin`select has_any_column_privilege(${`nw_${role}`}, ${table}, 'select') as may`;
    return row?.may as boolean;
  };
  const pairs = studyRoles
    .filter((role) => roleFor("passport.view", [role]))
    .flatMap((role) => passportParts.map((part) => ({ role, part })));
  expect(pairs).toHaveLength(6 * passportParts.length);
  for (const { role, part } of pairs)
    for (const table of tables[part])
      expect(await granted(role, table), `${role}, ${table}`).toBe(
        partsSeen({ role, isLocked: true })(part) === "seen",
      );
});

test("a node of another study, and one whose patient withdrew, has no passport", async () => {
  const other = await makeStudy({ door, ownerUrl: database.owner });
  const { coordinator, locating_radiologist: radiologist } = other.members;
  const { number: leaver, nodeId: left } = await addPatient(door, other, {
    ...{ name: "Patient Moon", shortAxisMm: 4, positive: false, seed: 2 },
    only: [],
  });
  const lookThere = (of: string) => withActor(radiologist, (tx) => viewPassport(tx, radiologist, { nodeId: of }));
  expect((await lookThere(left)).subject.number, "control").toBe(leaver);
  await expect(lookThere(nodeId)).rejects.toThrow("not in the study");
  await expect(look("monitor", left)).rejects.toThrow("not in the study");
  await withdrawConsent(coordinator, { number: leaver, scope: "no_further_use", withdrawnOn: "2026-02-01" });
  await expect(lookThere(left)).rejects.toThrow("not in the study");
});
