import { parse } from "csv-parse/sync";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toPatient } from "@/core/dicom/plane";
import type { PixelPoint } from "@/core/dicom/spacing";
import type { Vector } from "@/core/dicom/vector";
import { sizeAgreement } from "@/server/schemas/series";
import { agreeOnSizes } from "@/server/services/series/agree-on-sizes";
import { beginUpload } from "@/server/services/series/begin-upload";
import { listSeries } from "@/server/services/series/list-series";
import { measureNode } from "@/server/services/series/measure-node";
import { measurementTable } from "@/server/services/series/measurement-table";
import { takeFile } from "@/server/services/series/take-file";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";

/*
 * Sizes that were measured twice: the table of them, and how far they lie apart.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const [width, height] = [20, 16];
let study: MadeStudy;
const nodes: { number: string; nodeId: string }[] = [];

/** A patient whose node is measured in an image as often as there are numbers: rows across the short axis, which lie 0.5 mm apart. */
async function addMeasured(seed: number, rows: readonly number[]) {
  const { coordinator, locating_radiologist: radiologist } = study.members;
  const { number, nodeId } = await addPatient(door, study, {
    ...{ name: "Patient Sun", shortAxisMm: 5, positive: true, seed },
    only: [],
  });
  const [exam] =
    await admin`select e.id from exam e join subject s on s.id = e.subject_id where s.study_id = ${study.studyId} and s.number = ${number}`;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId: exam?.id, source: "browser" }),
  );
  const bytes = slice({
    ...{ PatientID: `H-${seed}`, SOPInstanceUID: `1.2.3.${seed}`, SeriesInstanceUID: `1.2.${seed}` },
    ...{ StudyInstanceUID: `1.${seed}`, Rows: height, Columns: width, PixelSpacing: [0.5, 0.75] },
    PixelData: Array.from({ length: width * height }, (_, at) => at + seed),
  });
  await takeFile(coordinator, { uploadId, ordinal: 1, bytes });
  const [listed] = await withActor(radiologist, (tx) => listSeries(tx, radiologist, { number }));
  const frame = listed?.series[0]?.stacks[0]?.frames[0];
  if (!frame) throw new Error("The image lies nowhere.");
  const { instanceId, plane } = frame;
  for (const down of rows) {
    const points: PixelPoint[] = [
      { x: 2, y: 3 },
      { x: 18, y: 3 },
      { x: 8, y: 1 },
      { x: 8, y: 1 + down },
    ];
    const ends = points.map((point) => toPatient(plane, point)) as unknown as readonly [Vector, Vector, Vector, Vector];
    await withActor(radiologist, (tx) => measureNode(tx, radiologist, { nodeId, instanceId, frame: 1, ends }));
  }
  nodes.push({ number, nodeId });
}

const agreement = () => {
  const { monitor } = study.members;
  return withActor(monitor, async (tx) => sizeAgreement.parse(await agreeOnSizes(tx, monitor)));
};

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  await addMeasured(1, [6, 8]);
  await addMeasured(2, [8, 8]);
});

test("two nodes measured twice tell no limits, three do, with the mean of their differences", async () => {
  expect(await agreement()).toEqual([]);
  await addMeasured(3, [10, 6]);
  const [repeats, ...others] = await agreement();
  expect(others).toEqual([]);
  expect(repeats).toMatchObject({ first: 1, second: 1, nodes: 3, subjects: 3 });
  // 3 less 4, 4 less 4 and 5 less 3 mm: mean 1/3, standard deviation 1.5275.
  expect(repeats?.bias.estimate).toBeCloseTo(1 / 3, 9);
  expect(repeats?.upperLimit.estimate).toBeCloseTo(1 / 3 + 1.959964 * 1.527525, 4);
  expect(repeats?.lowerLimit.estimate).toBeCloseTo(1 / 3 - 1.959964 * 1.527525, 4);
  expect(repeats?.cautions.length).toBeGreaterThan(0);
});

test("two persons are compared by the first measurement of each, and what was typed is of nobody", async () => {
  const { monitor } = study.members;
  // As nobody can but the installation: a second radiologist, who finds each first size 1 mm larger.
  await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into node_size (id, study_id, node_id, short_axis_mm, measured_by, measured_at)
      select gen_random_uuid(), m.study_id, m.node_id, z.short_axis_mm + 1, ${monitor.personId}, now() from measurement m join node_size z on z.id = m.size_id where m.repeat = 1 and m.study_id = ${study.studyId}`;
    await tx`insert into measurement (size_id, study_id, node_id, instance_id, frame, long_axis_mm, ends, row_spacing, column_spacing, spacing_source, repeat, measured_by, measured_at)
      select z.id, m.study_id, m.node_id, m.instance_id, m.frame, m.long_axis_mm, m.ends, m.row_spacing, m.column_spacing, m.spacing_source, 1, ${monitor.personId}, now()
        from measurement m join node_size z on z.node_id = m.node_id and z.measured_by = ${monitor.personId} where m.repeat = 1 and m.study_id = ${study.studyId}`;
  });
  const between = (await agreement()).find(({ first, second }) => first !== second);
  expect(between).toMatchObject({ first: 1, second: 2, nodes: 3, bias: { estimate: expect.closeTo(-1, 9) } });
});

test("the table has a row for each size, typed ones without an image, and no name of whoever measured", async () => {
  const { monitor } = study.members;
  const text = await withActor(monitor, (tx) => measurementTable(tx, monitor));
  const rows: Record<string, string>[] = parse(text, { columns: true, bom: true });
  expect(rows).toHaveLength(3 * 4);
  const [typed, first, second] = rows.filter(({ subject }) => subject === nodes[0]?.number);
  expect(typed).toMatchObject({ short_axis_mm: "5", long_axis_mm: "", instance: "", repeat: "", measurer: "1" });
  expect(first).toMatchObject({
    ...{ node: "1", exam: "2026-01-06", plane: "axial", frame: "1", short_axis_mm: "3", long_axis_mm: "12" },
    ...{ row_spacing_mm: "0.5", column_spacing_mm: "0.75", spacing_source: "patient", repeat: "1", counts: "0" },
    short_start_y_mm: "-19.5",
  });
  expect(second).toMatchObject({ short_axis_mm: "4", repeat: "2" });
  for (const secret of ["locating_radiologist", "monitor", "Sun"]) expect(text).not.toContain(secret);
});

test("who sees no sizes gets no table: a reader is refused, the investigator finds it empty until the lock", async () => {
  const { reader, principal_investigator: pi, coordinator } = study.members;
  await expect(withActor(reader, (tx) => measurementTable(tx, reader))).rejects.toThrow();
  await expect(withActor(reader, (tx) => agreeOnSizes(tx, reader))).rejects.toThrow();
  expect((await withActor(pi, (tx) => measurementTable(tx, pi))).trim().split("\n")).toHaveLength(1);
  expect(await withActor(pi, (tx) => agreeOnSizes(tx, pi))).toEqual([]);
  const seen = await withActor(coordinator, (tx) => measurementTable(tx, coordinator));
  expect(seen.trim().split("\n"), "control").toHaveLength(13);
});
