import { readdirSync } from "node:fs";
import { join } from "node:path";
import { NextRequest } from "next/server";
import { expect, test, vi } from "vitest";
import type { StudyRole } from "@/db/actor";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { slice } from "@/tests/support/dicom";
import { readOf } from "@/tests/support/study";
import { signInAs } from "./asking";
import { leaksOf, plantedStudy } from "./planted-study";

/*
 * Every route handler there is, by the files of `app/api`, asked by a reader of Cohort 1 with ids that are there: nothing that is hidden stands in an answer or its headers,
 * and whatever comes of a case is of one length. Control: the same addresses give whoever may see it the file, and in Cohort 2 lengths differ.
 */

vi.mock("@/server/auth", async () => (await import("./asking")).auth);
vi.mock("next/headers", async () => (await import("./asking")).nextHeaders);

const { database, admin, study, secrets, ids } = await plantedStudy();
const { withActor } = database;
const { reader } = study.members;
const { nodeId, runId, instanceId, uploadId } = ids;
const unknown = "00000000-0000-4000-8000-000000000000";

interface Asked {
  /** What the parts of its address in brackets are. */
  params?: Record<string, string | string[]>;
  query?: string;
  method?: "POST";
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** What a reader is answered. */
  status: number;
  /** Who is given the file, and what stands in it. */
  control?: [role: StudyRole, what: string];
}

const ofInstance = { params: { instance: instanceId }, status: 403 };
const json = { "content-type": "application/json" };

/** How every route is asked, by its folder of `app/api`. A new one is added here. */
const routes: Record<string, Asked[]> = {
  "[...unknown]": [{ params: { unknown: ["x"] }, status: 404 }],
  // What the session holds is asked of next-auth, in a running server (`tests/server/guard.test.ts`, `tests/e2e/doors.spec.ts`).
  "auth/[...nextauth]": [{ params: { nextauth: ["error"] }, status: 404 }],
  health: [{ status: 200 }],
  "studies/[study]/bundles/[bundle]": [{ params: { bundle: unknown }, status: 403 }],
  "studies/[study]/comparison.csv": [{ status: 403 }, { query: `?run=${runId}`, status: 403 }],
  "studies/[study]/crops": [
    {
      method: "POST",
      ...{
        query: `?nodeId=${nodeId}&plane=axial&replaces=${ids.cropId}`,
        headers: { "x-file-name": "a.png" },
        body: "x",
      },
      status: 403,
    },
  ],
  "studies/[study]/deidentification-preview": [{ method: "POST", body: slice().slice(), status: 403 }],
  "studies/[study]/images/[sha256]": [
    { params: { sha256: ids.cropSha256 }, status: 403, control: ["locating_radiologist", "bytes of a crop"] },
  ],
  "studies/[study]/instances/[instance]": [
    { ...ofInstance, control: ["locating_radiologist", "UID of a series or an image"] },
  ],
  "studies/[study]/instances/[instance]/picture": [ofInstance],
  "studies/[study]/instances/[instance]/slice": [ofInstance],
  "studies/[study]/instances/[instance]/thumbnail": [
    { ...ofInstance, control: ["locating_radiologist", "file of a scan"] },
    { ...ofInstance, headers: { "if-none-match": "*" } },
  ],
  "studies/[study]/measurements.csv": [{ status: 403, control: ["locating_radiologist", "short axis"] }],
  "studies/[study]/reading/[slot]/ahead": [
    { params: { slot: ids.inHand }, status: 200 },
    { params: { slot: ids.ahead }, status: 204 },
    { params: { slot: ids.foreign }, status: 204 },
    { params: { slot: unknown }, status: 204 },
    { params: { slot: "x" }, status: 404 },
  ],
  "studies/[study]/reports/[report]": [{ params: { report: unknown }, query: "?format=pdf", status: 403 }],
  "studies/[study]/runs/[run]/card": [{ params: { run: runId }, status: 403 }],
  "studies/[study]/scores": [
    {
      method: "POST",
      headers: json,
      body: JSON.stringify({ fileName: "a.csv", csv: "subject,node,plane,score", provenance: "Somebody's network" }),
      status: 403,
    },
  ],
  "studies/[study]/tasks/[task]": [{ params: { task: unknown }, status: 403 }],
  "studies/[study]/uploads/[upload]/[ordinal]": [
    { params: { upload: uploadId, ordinal: "1" }, method: "POST", body: slice().slice(), status: 403 },
  ],
  // Each procedure behind it: `every-procedure.test.ts`.
  "trpc/[trpc]": [
    { params: { trpc: "imaging.list" }, query: `?input={"json":{"study":"${study.slug}"}}`, status: 403 },
  ],
};

type Handler = (request: NextRequest, context: { params: Promise<Record<string, unknown>> }) => Promise<Response>;
const methodsOf = (folder: string): Promise<Record<string, Handler>> =>
  import(/* @vite-ignore */ join(process.cwd(), "app/api", folder, "route.ts"));

/** The answer of a route to whoever is signed in. */
async function ask(folder: string, { params = {}, query = "", method, headers, body }: Asked) {
  const parts = { study: study.slug, ...params };
  const path = folder.replaceAll(/\[(?:\.\.\.)?(\w+)\]/g, (_, part: keyof typeof parts) => String(parts[part]));
  const request = new NextRequest(`http://localhost/api/${path}${query}`, {
    method: method ?? "GET",
    headers: { host: "localhost", origin: "http://localhost", ...headers },
    ...(body && { body }),
  });
  const answer = await (await methodsOf(folder))[method ?? "GET"]?.(request, { params: Promise.resolve(parts) });
  if (!answer) throw new Error(`${folder} has no ${method ?? "GET"}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: [...answer.headers], bytes, text: textOf(answer, bytes) };
}

const textOf = ({ headers }: Response, bytes: Buffer) => `${JSON.stringify([...headers])}\n${bytes.toString("latin1")}`;

/** Beside what stands in texts: the beginning of a file, which no other has. */
const hidden = { ...secrets, "bytes of a crop": ["\u0089PNG"] };

test("every route is known here, with each handler that it has", async () => {
  const folders = readdirSync("app/api", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("route.ts"))
    .map((name) => name.replace(/\/route\.ts$/, ""));
  expect(folders.toSorted()).toEqual(Object.keys(routes).toSorted());
  for (const folder of folders) {
    const handlers = await methodsOf(folder);
    const asked = routes[folder]?.map(({ method }) => handlers[method ?? "GET"]);
    expect(new Set(asked), folder).toEqual(new Set(Object.values(handlers)));
  }
});

test("no route tells a reader what is hidden, in its answer or in a header", async () => {
  signInAs(reader);
  for (const [folder, asks] of Object.entries(routes))
    for (const asked of asks) {
      const { status, text } = await ask(folder, asked);
      expect(status, `${folder} ${JSON.stringify(asked)}: ${text.slice(0, 300)}`).toBe(asked.status);
      expect(leaksOf(text, hidden), folder).toEqual([]);
    }
});

test("control: the same addresses give whoever may see it what is hidden", async () => {
  const controls = Object.entries(routes).flatMap(([folder, asks]) =>
    asks.flatMap((asked) => (asked.control ? [{ folder, asked, control: asked.control }] : [])),
  );
  for (const { folder, asked, control } of controls) {
    signInAs(study.members[control[0]]);
    const { status, text } = await ask(folder, asked);
    expect(status, folder).toBe(200);
    expect(leaksOf(text, hidden), folder).toContain(control[1]);
  }
});

test("whatever comes of a case without its size is of one status, one length and the same headers, however large its images are; control: with it lengths differ", async () => {
  signInAs(reader);
  const open: Asked = {
    ...{ params: { trpc: "reading.open" }, method: "POST", headers: json, status: 200 },
    body: JSON.stringify({ json: { study: study.slug } }),
  };
  const frameOf = ({ status, headers, bytes }: Awaited<ReturnType<typeof ask>>) =>
    JSON.stringify({ status, headers, bytes: bytes.length });
  const seen: Record<string, { answers: string[]; sealed: string[] }> = {};
  // As if the practice of Cohort 2 had been passed.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`insert into practice_read (study_id, round_id, case_id, criteria, call, active_ms, idempotency_key)
      select r.study_id, r.id, c.id, '{}', c.truth, 1, gen_random_uuid() from practice_round r join practice_case c using (study_id, set_number)
       where not exists (select from practice_read p where p.round_id = r.id and p.case_id = c.id)`;
    await run`update practice_read p set call = c.truth from practice_case c where c.id = p.case_id`;
  });
  for (let current = await openCase(reader); current; current = await openCase(reader)) {
    const { slotId, position, total, crops } = current;
    const { answers, sealed } = seen[current.condition.key] ?? { answers: [], sealed: [] };
    seen[current.condition.key] = { answers, sealed };
    // The answer names the plane.
    answers.push(`${crops[0]?.plane} ${frameOf(await ask("trpc/[trpc]", open))}`);
    const ahead = { params: { slot: slotId }, status: 200 };
    if (position < total) sealed.push(frameOf(await ask("studies/[study]/reading/[slot]/ahead", ahead)));
    await withActor(reader, (tx) => submitRead(tx, reader, readOf(slotId)));
  }
  const { "cohort-1": without, "cohort-2": shown } = seen;
  expect([without?.answers.length, without?.sealed.length, shown?.answers.length]).toEqual([7, 6, 9]);
  expect(new Set(without?.answers).size, "one of each plane").toBe(3);
  for (const sealed of [without?.sealed, shown?.sealed]) expect(new Set(sealed).size).toBe(1);
  expect(new Set(shown?.answers).size, "control").toBeGreaterThan(3);
  // And the files that are read for it are of one length, too, so that no time can tell.
  const lengths = (column: string) =>
    admin.unsafe(`select distinct bytes from stored_object where sha256 in (select sha256 from ${column})`);
  expect(await lengths("crop_canvas")).toHaveLength(1);
  expect((await lengths("crop")).length, "control").toBeGreaterThan(3);
});
