import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { packed, textOf, unpacked } from "@/core/text/archive";
import { openDoor, type StudyRole } from "@/db/actor";
import { bundle } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { awaitComparison } from "@/server/services/analysis/await-comparison";
import { comparisonTables } from "@/server/services/analysis/comparison-tables";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { takeComparison } from "@/server/services/analysis/take-comparison";
import { bundleProgress } from "@/server/services/bundle/bundle-progress";
import { loadBundle } from "@/server/services/bundle/load-bundle";
import { makeBundle } from "@/server/services/bundle/make-bundle";
import { reproduceBundle } from "@/server/services/bundle/reproduce-bundle";
import { requestBundle } from "@/server/services/bundle/request-bundle";
import { takeBundle } from "@/server/services/bundle/take-bundle";
import { analysisProgress } from "@/server/services/computation/analysis-progress";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { importScores } from "@/server/services/model/import-scores";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { scoreFile, scoreRows } from "@/tests/support/model-runs";
import { killed, startWorker, until } from "@/tests/support/worker";

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
afterEach(killed);

const run = promisify(execFile);
const limit = 100_000_000;

let actor: StudyActor;
let asked: { runId: string };
let bundleId: string;
let archive: Uint8Array;
let files: ReadonlyMap<string, Uint8Array>;
const text = (name: string) => textOf(files.get(name) ?? new Uint8Array());

const act = <T>(fn: Parameters<typeof withActor<T>>[1]) => withActor(actor, fn);
const ended = (what: string, look: () => Promise<{ state: string; error: unknown }>) =>
  until(what, async () => {
    const job = await look();
    return ["done", "failed"].includes(job.state) && job;
  });
const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 1 });
afterAll(() => workerDoor.close());
const loaded = () =>
  workerDoor.withActor({ ...actor, role: "worker", personId: null }, (tx) =>
    loadBundle(tx, { studyId: actor.studyId, bundleId }),
  );
const typed = { region: "Mrs Li, left axilla", scanner: "Skyra of Union Hospital", site: "Union Hospital, Beijing" };
/** A member of the locked demonstration. */
const memberAs = async (role: StudyRole): Promise<StudyActor> => {
  const [member] =
    await admin`select id, person_id, site_id from membership where study_id = ${actor.studyId} and role = ${role} limit 1`;
  return {
    role,
    studyId: actor.studyId,
    personId: member?.person_id,
    siteId: member?.site_id,
    membershipId: member?.id,
  };
};

beforeAll(async () => {
  await seedDemonstration({ ownerUrl: database.owner });
  // No network is trained here: scores come from elsewhere.
  await admin`delete from pgboss.job`;
  ({ actor } = await studyAsCommandLine("Demonstration, locked"));
  // Of half of the patients, what people can type: a region that is none of the protocol's, a scanner and a hospital by their names.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    const half = run`select id from subject where study_id = ${actor.studyId} and number ~ '[02468]$'`;
    await run`update node set region = ${typed.region} where subject_id in (${half})`;
    await run`update exam set scanner = ${typed.scanner} where subject_id in (${half})`;
    const [other] = await run`
      insert into site select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'name', ${typed.site}::text))).* from site s
       where s.study_id = ${actor.studyId} returning id`;
    await run`update subject set site_id = ${other?.id} where id in (${half})`;
  });
  const crops = await act((tx) => findLabelledCrops(tx, actor));
  const rows = scoreRows(crops).map((row, i) => row.replace(/[^,]+$/, (((i * 37) % 101) / 101).toFixed(4)));
  asked = await importScores(actor, scoreFile(rows));
  await expect(
    act((tx) => requestBundle(tx, actor, asked)),
    "before the comparison is there",
  ).rejects.toMatchObject({
    code: "unavailable",
  });
  const { analysisId } = await act((tx) => requestComparison(tx, actor, asked));
  startWorker(database.worker);
  expect(await ended("the comparison", () => act((tx) => analysisProgress(tx, actor, { analysisId })))).toMatchObject({
    state: "done",
  });
  ({ bundleId } = await act((tx) => requestBundle(tx, actor, asked)));
  const before = Date.now();
  expect(await ended("the bundle", () => act((tx) => bundleProgress(tx, actor, { bundleId })))).toMatchObject({
    state: "done",
    error: null,
  });
  expect(Date.now() - before, "milliseconds for 60 patients, on a machine that does other work").toBeLessThan(20_000);
  const { stream, ...about } = await takeBundle(actor, { bundleId });
  archive = await buffer(stream);
  expect(about).toMatchObject({ name: "demonstration-locked-bundle-synthetic.zip", sha256: sha256(archive) });
  files = unpacked(archive, { limit });
}, 240_000);

test("asked for again, it is the one that is there; fetching it is in the trail with its hash, and unblinds the study", async () => {
  expect(await act((tx) => requestBundle(tx, actor, asked))).toEqual({ bundleId });
  const events =
    await admin`select action, detail from audit_event where action in ('bundle.queued', 'bundle.taken', 'study.unblinded') order by id`;
  expect(events.map(({ action }) => action)).toEqual(["bundle.queued", "bundle.taken", "study.unblinded"]);
  expect(events[1]?.detail).toEqual({ sha256: sha256(archive) });
});

test("it holds what the issue of a paper needs, every file with its hash, and a line of the code book for every column", async () => {
  expect([...files.keys()]).toEqual([
    "README.md",
    "SHA256SUMS",
    "codebook.csv",
    "images.csv",
    "imrmc/study.imrmc",
    "mrmcaov/study.csv",
    "patients.csv",
    "plan.json",
    "protocol.json",
    "reads.csv",
    "reproduce.R",
    "reproduce.py",
    "results.json",
    "rjafroc/study.xlsx",
    "scores.csv",
    "settings.json",
    "versions.json",
  ]);
  const sums = [...files]
    .filter(([name]) => name !== "SHA256SUMS")
    .map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`);
  expect(text("SHA256SUMS")).toBe(sums.join(""));
  const columns = ["images", "reads", "scores", "patients"].flatMap((name) =>
    (text(`${name}.csv`).split("\n")[0] ?? "").split(",").map((column) => `${name}.csv,${column}`),
  );
  const described = text("codebook.csv").split("\n").slice(1, -1);
  expect(described.map((line) => line.split(",").slice(0, 2).join(","))).toEqual(columns);
  const { versions, protocol } = JSON.parse(text("versions.json"));
  expect(sha256(text("protocol.json"))).toBe(protocol.sha256);
  expect(versions).toMatchObject({ node: process.versions.node });
  const { comparison } = await act((tx) => takeComparison(tx, actor, asked));
  expect(canonicalJson(JSON.parse(text("results.json")))).toBe(canonicalJson(comparison));
});

test("nothing in it says who a patient is: no name, hospital number, date or typed word of the records, in no file of it", async () => {
  const identities = await admin`
    select i.name, i.hospital_number from subject_identity i join study s on s.id = i.study_id where s.name = 'Demonstration, locked' and i.name <> ''`;
  const dated = await admin`
    select performed_on::text as day from exam where study_id = ${actor.studyId} union select signed_on::text from consent where study_id = ${actor.studyId}
    union select value #>> '{}' from baseline_value where study_id = ${actor.studyId} and value #>> '{}' ~ '^\d{4}-\d\d-\d\d$'`;
  const ids =
    await admin`select id::text as id from subject where study_id = ${actor.studyId} union select id::text from crop where study_id = ${actor.studyId}
    union select id::text from node where study_id = ${actor.studyId} union select person_id::text from membership where study_id = ${actor.studyId}`;
  const secrets = [
    ...["Mrs Li", "Skyra", "Union Hospital"],
    ...identities.flatMap(({ name, hospital_number }) => [name, hospital_number]),
    ...dated.map(({ day }) => day),
    ...ids.map(({ id }) => id),
  ].filter((secret) => secret.length > 3);
  expect(identities.length).toBeGreaterThan(20);
  expect(dated.length).toBeGreaterThan(20);
  const workbook = unpacked(files.get("rjafroc/study.xlsx") ?? new Uint8Array(), { limit });
  const everything = [...files, ...workbook].map(([name, bytes]) => name + textOf(bytes)).join("\n");
  expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
  // Control: what it does hold is found so.
  const [first] = await admin`select number from subject where study_id = ${actor.studyId} order by number limit 1`;
  expect(everything).toContain(first?.number);
  expect(text("images.csv")).toMatch(/^image,.*,group_site,group_scanner\n/);
  expect(text("codebook.csv")).toMatch(/images\.csv,group_site,category,,.*a name can tell who somebody is.*,1; 2\n/);
});

test("made again from the same records it is the same to the byte, and from other records it is not made", async () => {
  const scripts = { "reproduce.R": text("reproduce.R"), "reproduce.py": text("reproduce.py") };
  const records = await loaded();
  expect(sha256(makeBundle({ ...records, trail: JSON.parse(text("versions.json")).auditTrail }, { scripts }))).toBe(
    sha256(archive),
  );
  const [read, ...others] = records.input.reads;
  const input = {
    ...records.input,
    reads: read ? [{ ...read, call: read.call === 1 ? 0 : 1 } as typeof read, ...others] : [],
  };
  expect(() => makeBundle({ ...records, input }, { scripts })).toThrow(/no longer those/);
});

describe("recomputed from its tables alone", () => {
  /** The bundle with one file changed. */
  const changed = (name: string, change: (text: string) => string) =>
    packed(new Map([...files]).set(name, new TextEncoder().encode(change(text(name)))));

  test("the results are those of the bundle, byte for byte", async () => {
    const { identical, differences, results } = await reproduceBundle(archive);
    expect(differences).toEqual([]);
    expect(identical).toBe(true);
    expect(results).toBe(text("results.json"));
  });

  test("a changed read, a changed number and a missing file are told", async () => {
    const flipped = changed("reads.csv", (csv) =>
      csv.replace(/\nR2,((?:[^,]*,){7})([01])/, (_, before, call) => `\nR2,${before}${1 - Number(call)}`),
    );
    const read = await reproduceBundle(flipped);
    expect(read.identical).toBe(false);
    expect(read.differences).toContainEqual({ key: "bundle.differs.file", values: { file: "reads.csv" } });
    expect(read.differences.length, "numbers that follow from it").toBeGreaterThan(1);
    const number = await reproduceBundle(changed("results.json", (json) => json.replace(/"tp": \d+/, '"tp": 1')));
    expect(number.differences).toMatchObject([
      { values: { file: "results.json" } },
      { values: { path: "rows.0.tp", stored: "1" } },
    ]);
    const without = new Map([...files]);
    without.delete("images.csv");
    await expect(reproduceBundle(packed(without))).rejects.toMatchObject({ code: "invalid" });
    await expect(reproduceBundle(new Uint8Array(100))).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("the scripts recompute accuracy table, primary contrast and subgroups, and find a changed number", () => {
  const programs = [
    { name: "reproduce.R", command: "Rscript", probe: ["-e", "1"] },
    { name: "reproduce.py", command: "python3", probe: ["-c", "import numpy"] },
  ];
  test.each(programs)("$name", async ({ name, command, probe }) => {
    const there = await run(command, probe).then(
      () => true,
      () => false,
    );
    if (!there) return console.warn(`${name} was not run: ${command} ${probe.join(" ")} does not work here.`);
    const folder = await mkdtemp(join(tmpdir(), "nodewise-bundle-"));
    try {
      for (const [file, bytes] of files) {
        await mkdir(dirname(join(folder, file)), { recursive: true });
        await writeFile(join(folder, file), bytes);
      }
      const { stdout } = await run(command, [join(folder, name)], { maxBuffer: 10_000_000 });
      expect(stdout).toContain("Every number is that of results.json.");
      expect(stdout).not.toContain("DIFFERENT");
      // 5 parties: four readings and the network; counts, five shares and an area with their limits; the contrast with df and P.
      expect(stdout.match(/^ok /gm)?.length).toBeGreaterThanOrEqual(5 * (4 + 6 * 3) + 5);
      const wrong = JSON.parse(text("results.json"));
      wrong.rows[0].auc.lower += 2e-6;
      await writeFile(join(folder, "results.json"), JSON.stringify(wrong));
      await expect(run(command, [join(folder, name)], { maxBuffer: 10_000_000 })).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/DIFFERENT .*auc lower/),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test("readers and coordinators neither ask for it nor fetch it, and nobody says that they made one", async () => {
  for (const role of ["reader", "coordinator", "pathologist", "locating_radiologist", "monitor"] as const) {
    const member = await memberAs(role);
    await expect(
      withActor(member, (tx) => requestBundle(tx, member, asked)),
      role,
    ).rejects.toThrow();
    await expect(takeBundle(member, { bundleId }), role).rejects.toThrow();
  }
  const pi = await memberAs("principal_investigator");
  await expect(
    withActor(pi, (tx) => requestBundle(tx, pi, asked)),
    "control",
  ).resolves.toEqual({ bundleId });
  const [{ analysisId } = { analysisId: "" }] = await withActor(pi, (tx) =>
    tx.select({ analysisId: bundle.analysisId }).from(bundle),
  );
  await expect(
    withActor(pi, (tx) => tx.insert(bundle).values({ id: asked.runId, studyId: pi.studyId, analysisId })),
    "with the job of a run",
  ).rejects.toThrow();
  await expect(withActor(pi, (tx) => tx.update(bundle).set({ sha256: null }))).rejects.toMatchObject({ code: "42501" });
});

test("page and command line hand out the same tables to the byte, with the same columns whatever the study has", async () => {
  const pi = { ...(await memberAs("principal_investigator")), locale: "zh" as const };
  const page = comparisonTables(await awaitComparison(pi, asked), {
    sizes: await withActor(pi, (tx) => sizesThatDiffer(tx, { ...pi, locale: "en" })),
    synthetic: true,
  });
  const stored = await act((tx) => takeComparison(tx, actor, asked));
  const command = comparisonTables(stored, { sizes: await act((tx) => sizesThatDiffer(tx, actor)), synthetic: true });
  expect(page).toEqual(command);
  expect(page["comparison.csv"].split("\n").length).toBeGreaterThan(5);

  const { comparison } = stored;
  const bare = comparisonTables(
    {
      ...stored,
      comparison: {
        ...comparison,
        ...{ rows: [], agreement: [], jointAgreement: [], comparisons: [], averages: [], reads: [], notEvaluable: [] },
        ...{ secondary: [], units: [], subgroups: [], readings: [], network: null },
        ...{ primary: null, flow: [], otherClusterings: [] },
      },
    },
    { sizes: [], synthetic: false },
  );
  const header = (csv: string) => csv.split("\n")[0];
  for (const [name, csv] of Object.entries(bare)) {
    expect(csv, name).toBe(`${header(csv)}\n`);
    expect(header(command[name as keyof typeof command]), name).toBe(header(csv));
  }
});

test("one whose file is lost is made again when it is asked for", async () => {
  const lost = await act((tx) => tx.select({ sha256: bundle.sha256 }).from(bundle));
  await store.delete(lost[0]?.sha256 ?? "");
  await expect(takeBundle(actor, { bundleId })).rejects.toMatchObject({ code: "unavailable" });
  expect(await act((tx) => requestBundle(tx, actor, asked))).toEqual({ bundleId });
  startWorker(database.worker);
  const job = await ended("the second bundle", () => act((tx) => bundleProgress(tx, actor, { bundleId })));
  expect(job).toMatchObject({ state: "done" });
  const { stream } = await takeBundle(actor, { bundleId });
  const again = unpacked(await buffer(stream), { limit });
  expect(textOf(again.get("results.json") ?? new Uint8Array())).toBe(text("results.json"));
  expect(await act((tx) => requestBundle(tx, actor, asked)), "which is there now").toEqual({ bundleId });
  expect((await act((tx) => bundleProgress(tx, actor, { bundleId }))).state).toBe("done");
}, 120_000);

test("before the lock there is none", async () => {
  const running = await studyAsCommandLine("Demonstration, running");
  await expect(withActor(running.actor, (tx) => requestBundle(tx, running.actor))).rejects.toMatchObject({
    code: "unavailable",
  });
});

test("once a patient has withdrawn, the bundle that has their data is not handed out, and the next one has them no more", async () => {
  const [patient] =
    await admin`select id, number from subject where study_id = ${actor.studyId} and status = 'enrolled' order by number limit 1`;
  expect(text("images.csv")).toContain(`,${patient?.number},`);
  await admin`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope, recorded_by)
    select study_id, id, '2026-01-01', 'no_further_use', created_by from subject where id = ${patient?.id}`;
  await expect(takeBundle(actor, { bundleId })).rejects.toMatchObject({ code: "conflict" });
  await expect(act((tx) => requestBundle(tx, actor, asked))).rejects.toMatchObject({ code: "unavailable" });
});
