import { readdirSync } from "node:fs";
import { NextRequest } from "next/server";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { POST } from "@/app/api/studies/[study]/deidentification-preview/route";
import { readDicom } from "@/core/dicom/read";
import type { StudyActor } from "@/server/door";
import { largestPreviewFile, previewAnswer } from "@/server/schemas/preview";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { type MadeStudy, makeStudy } from "@/tests/support/study";
import { everyElement } from "../core/dicom/data";

/*
 * What would be taken out of a file: told to whoever brings images, of a file that is in their hands, and kept nowhere.
 */

const asking = vi.hoisted(() => ({ personId: "" }));
vi.mock("next/headers", () => ({ headers: async () => new Headers(), cookies: async () => ({ getAll: () => [] }) }));
vi.mock("@/server/auth", () => ({
  currentPerson: async () => ({ personId: asking.personId }),
  refuseForeignPassword: () => {},
}));

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
beforeAll(async () => {
  study = await makeStudy({ door: database.door, ownerUrl: database.owner });
});

async function ask({ personId }: StudyActor, body: Uint8Array) {
  asking.personId = personId ?? "";
  const request = new NextRequest("http://localhost/api/studies/x/deidentification-preview", {
    ...{ method: "POST", body: body.slice(), headers: { origin: "http://localhost", host: "localhost" } },
  });
  return POST(request, { params: Promise.resolve({ study: study.slug }) });
}

/** Every row of every table, as one line a table. */
async function everything(): Promise<Record<string, string>> {
  const tables = await admin`select tablename from pg_tables where schemaname = 'public' order by 1`;
  const lines: Record<string, string> = {};
  for (const { tablename } of tables) {
    const [row] =
      await admin`select count(*) || ' ' || coalesce(md5(string_agg(t::text, '' order by t::text)), '') as line from ${admin(tablename)} t`;
    lines[tablename] = row?.line;
  }
  return lines;
}
const files = () =>
  readdirSync(database.store, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());

const telling = {
  ...{ PatientName: "Mustermann^Erika", PatientID: "H-4711", StudyDate: "20240301", StationName: "AWP1" },
  ...{ InstitutionName: "Charitas Klinikum", SeriesDescription: "t2_tse_tra Mustermann" },
  RequestAttributesSequence: [{ ScheduledProcedureStepID: "H-4711", ScheduledProcedureStepDescription: "MR Erika" }],
  ReferencedPatientSequence: [{ ReferencedSOPInstanceUID: "1.2.276.0.2" }],
  ReferencedStudySequence: [{ ReferencedSOPInstanceUID: "1.2.276.0.1" }],
  ReferencedSeriesSequence: [{ SeriesInstanceUID: "1.2.276.0.3" }],
  ...{ "00190010 LO": "SIEMENS MR HEADER", "0019100C IS": "800", "00191001 LO": "Erika Mustermann" },
};

test("names every attribute that a file has, at every depth, with what is done, what decided it, and what stands there then", async () => {
  const bytes = slice(telling);
  const answer = await ask(study.members.coordinator, bytes);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toMatch(/no-store/);
  const rows = previewAnswer.parse(await answer.json());
  const { data, meta } = readDicom(bytes);
  const paths = [...everyElement(data), ...everyElement(meta)].map(([path]) => path);
  expect(paths.length).toBeGreaterThan(40);
  const listed = new Map(rows.map((row) => [row.path, row]));
  expect(paths.filter((path) => !listed.has(path) && !path.endsWith("0000"))).toEqual([]);
  expect(listed.size, "none twice").toBe(rows.length);
  const row = (path: string) => listed.get(path);
  expect(row("00100010")).toMatchObject({
    name: "PatientName",
    vr: "PN",
    before: "Mustermann^Erika",
    after: "EXAMPLE",
  });
  expect(row("00080080")).toMatchObject({
    before: "Charitas Klinikum",
    action: "replaced",
    after: "REMOVED",
    by: "profile",
  });
  expect(row("00400275[0].00400007")).toMatchObject({ before: "MR Erika", action: "cleaned", by: "cleanDescriptors" });
  expect(row("00081120[0].00081155")).toMatchObject({ before: "1.2.276.0.2", action: "removed", after: null });
  expect(row("00081110")).toMatchObject({ before: "[1]", action: "emptied", after: "[0]" });
  expect(row("00081110[0].00081155")).toMatchObject({ before: "1.2.276.0.1", action: "removed", after: null });
  const hashed = expect.stringMatching(/^2\.25\./);
  expect(row("00081115[0].0020000E")).toMatchObject({ before: "1.2.276.0.3", action: "hashed", after: hashed });
  expect(row("0019100C")).toMatchObject({ name: "SIEMENS MR HEADER", action: "kept", after: "800", by: "safePrivate" });
  expect(row("00191001")).toMatchObject({ before: "Erika Mustermann", action: "removed", by: "private" });
  expect(row("00120062")).toMatchObject({ before: null, after: "YES", action: "added", by: "result" });
  expect(row("7FE00010")).toMatchObject({
    before: "0\\100\\200\\300\\400\\500\\600\\700\\800\\900\\1000\\1100\\1200\\1300\\1400\\1500",
    action: "kept",
  });
  expect(JSON.stringify(rows.map(({ after }) => after))).not.toMatch(/Erika|Mustermann|4711|Charitas|20240301/);
});

test("draws a key for each file: what is shown is an example", async () => {
  const uid = async () => {
    const rows = previewAnswer.parse(await (await ask(study.members.coordinator, slice(telling))).json());
    return rows.find(({ name }) => name === "SOPInstanceUID")?.after;
  };
  expect(await uid()).not.toBe(await uid());
});

test("changes no row of any table and stores no file, whether a file is shown or refused", async () => {
  const before = await everything();
  expect(Object.keys(before).length).toBeGreaterThan(40);
  const stored = files().length;
  expect((await ask(study.members.coordinator, slice(telling))).status).toBe(200);
  expect((await ask(study.members.coordinator, slice({ ...telling, NumberOfFrames: 9000 }))).status).toBe(400);
  expect(await everything()).toEqual(before);
  expect(files()).toHaveLength(stored);
});

test("refuses a file that would not be taken, with the reason, and one that is too large", async () => {
  const message = async (bytes: Uint8Array) => (await (await ask(study.members.coordinator, bytes)).json()).message;
  expect(await message(Buffer.from("Dear Dr Sun"))).toMatch(/no DICOM file/);
  expect(await message(slice({ PixelData: [1] }))).toMatch(/breaks off/);
  const large = await ask(study.members.coordinator, new Uint8Array(largestPreviewFile + 1));
  expect([large.status, (await large.json()).message]).toEqual([413, expect.stringMatching("64 MB")]);
});

test("is for whoever brings images: readers and the locating radiologist are refused, and told nothing of the file", async () => {
  const { reader, locating_radiologist, monitor, coordinator } = study.members;
  for (const member of [reader, locating_radiologist, monitor]) {
    const answer = await ask(member, slice(telling));
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toMatch(/Erika|Mustermann|4711/);
  }
  const answer = await ask(coordinator, slice(telling));
  expect([answer.status, await answer.text()], "control").toEqual([200, expect.stringMatching("Mustermann")]);
});
