import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, expect, test } from "vitest";
import { withExactTests } from "@/core/report/baseline";
import { type ReportRecords, reportRecords } from "@/core/report/records";
import { report } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { queueJob } from "@/server/jobs";
import { findComparison } from "@/server/services/analysis/find-comparison";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { findReport } from "@/server/services/report/find-report";
import { loadReportRecords } from "@/server/services/report/load-report-records";
import { newestReport } from "@/server/services/report/newest-report";
import { requestReport } from "@/server/services/report/request-report";
import { takeReport } from "@/server/services/report/take-report";
import { store } from "@/server/store";
import { numeralsOf, writtenNumbers } from "@/tests/core/report/numerals";
import { filledStudy, studyForRuns } from "@/tests/support/model-runs";
import { saying } from "@/tests/support/said";
import { killed, startWorker, until } from "@/tests/support/worker";

const { database, admin, study, scientist, crops, act, snapshot, makeRun } = await studyForRuns();
const { door } = database;
afterEach(killed);

const ask = (actor: StudyActor, language: "en" | "zh" = "en", runId?: string) =>
  door.withActor(actor, (tx) => requestReport(tx, actor, { runId, language }));
const ended = (reportId: string) =>
  until("the end of the report", async () => {
    const job = await act((tx) => findReport(tx, scientist, { reportId }));
    return ["done", "failed"].includes(job.state) && job;
  });
const bytesOf = async (reportId: string, format: "docx" | "pdf") => {
  const { stream, ...about } = await takeReport(scientist, { reportId, format });
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { ...about, bytes: Buffer.concat(chunks) };
};
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("a report is refused before the lock and to whoever sees no results, and the same people get it where they may", async () => {
  const open = await filledStudy(database);
  await expect(ask(open.members.principal_investigator)).rejects.toMatchObject({
    code: "conflict",
    said: saying(/made once the principal investigator has locked the database/),
  });
  const { members } = study;
  for (const role of [
    "reader",
    "coordinator",
    "locating_radiologist",
    "pathologist",
    "monitor",
    "administrator",
  ] as const)
    await expect(ask(members[role]), role).rejects.toThrow();
  expect(await act((tx) => tx.$count(report))).toBe(0);
  await makeRun({ snapshotId: await snapshot() });
  await expect(ask(members.principal_investigator)).resolves.toHaveProperty("reportId");
});

test("Word and PDF come out of a comparison that nobody had asked for, with no number that is not in the records, and each file taken is a look", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const { reportId } = await ask(scientist);
  expect(await ask(scientist), "while it is being made").toEqual({ reportId });
  await expect(takeReport(scientist, { reportId, format: "pdf" })).rejects.toMatchObject({
    code: "conflict",
    said: saying(/still being made/),
  });
  startWorker(database.worker);
  expect(await ended(reportId)).toMatchObject({ state: "done", error: null, done: 4, total: 4, language: "en" });

  const { job, stored } = await act((tx) => findComparison(tx, scientist));
  expect(stored?.comparison.about.run?.id).toBe(runId);
  expect((await act((tx) => newestReport(tx, scientist, { analysisId: job?.id ?? "" })))?.id).toBe(reportId);

  const word = await bytesOf(reportId, "docx");
  expect(word.name).toMatch(/-report-en\.docx$/);
  const xml = strFromU8(unzipSync(word.bytes)["word/document.xml"] ?? new Uint8Array());
  const text = [...xml.matchAll(/<w:t(?: [^>]*)?>([^<]*)<\/w:t>|<\/w:p>/g)].map(([, piece]) => piece ?? "\n").join("");
  expect(text).toMatch(/Table 2\. Diagnostic accuracy/);
  const results = text.slice(text.indexOf("Results"), text.indexOf("Reporting checklists"));
  const [row] = await act((tx) => tx.select({ records: report.records }).from(report));
  const { baseline } = reportRecords.parse(row?.records);
  const known = writtenNumbers([row?.records, stored, Object.values(baseline).map(withExactTests)]);
  const words = numeralsOf("95 % 2 (Table 2) 1 1a 1b Figure 1 2 3 STARD 2015 2009 0 R2 R3");
  const stray = numeralsOf(results).filter((numeral) => !known.has(numeral) && !words.includes(numeral));
  expect(stray).toEqual([]);
  expect(numeralsOf(results).length).toBeGreaterThan(100);

  const pdf = await bytesOf(reportId, "pdf");
  expect(pdf.bytes.subarray(0, 5).toString()).toBe("%PDF-");
  const events = await admin`
    select action, role, detail from audit_event where entity = 'report' and entity_id = ${reportId} order by id`;
  expect(events.map(({ action, role }) => `${action} ${role}`)).toEqual([
    "report.queued nw_data_scientist",
    "report.made nw_worker",
    "analysis.exported nw_data_scientist",
    "analysis.exported nw_data_scientist",
  ]);
  expect(events[2]?.detail).toMatchObject({ input: stored?.inputSha256, format: "docx", sha256: sha256(word.bytes) });

  // Asked for again it is that one; where a file is lost it is made again, of the same records: the same bytes.
  expect(await ask(scientist)).toEqual({ reportId });
  await store.delete(sha256(pdf.bytes));
  const { reportId: again } = await ask(scientist);
  expect(again).not.toBe(reportId);
  expect(await ended(again)).toMatchObject({ state: "done" });
  expect(sha256((await bytesOf(again, "docx")).bytes)).toBe(sha256(word.bytes));
  expect(sha256((await bytesOf(again, "pdf")).bytes)).toBe(sha256(pdf.bytes));

  const { reportId: chinese } = await ask(scientist, "zh");
  expect(await ended(chinese)).toMatchObject({ state: "done", language: "zh" });
  const chineseXml = strFromU8(
    unzipSync((await bytesOf(chinese, "docx")).bytes)["word/document.xml"] ?? new Uint8Array(),
  );
  expect(chineseXml).toMatch(/诊断准确性/);
}, 240_000);

test("a report whose comparison fails says so, and is made when it is asked for again", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const { reportId } = await ask(scientist, "en", runId);
  // No role of the product can do this: a run becomes a control.
  const spoil = (isControl: boolean) => admin`
    update model_run set config = jsonb_set(config, '{shuffledLabels}', to_jsonb(${isControl}::boolean)) where id = ${runId}`;
  await spoil(true);
  startWorker(database.worker);
  expect(await ended(reportId)).toMatchObject({
    state: "failed",
    error: saying(/comparison that the report tells was not computed/),
  });
  await expect(takeReport(scientist, { reportId, format: "pdf" })).rejects.toMatchObject({ code: "conflict" });
  await spoil(false);
  expect(await ask(scientist, "en", runId), "the same records").toEqual({ reportId });
  expect(await ended(reportId)).toMatchObject({ state: "done" });
}, 240_000);

test("a report that stands in no queue any more is taken up again when it is asked for", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const { reportId } = await ask(scientist, "en", runId);
  await admin`delete from pgboss.job where name = 'report'`;
  expect(await ask(scientist, "en", runId)).toEqual({ reportId });
  startWorker(database.worker);
  expect(await ended(reportId)).toMatchObject({ state: "done" });
  const events =
    await admin`select action from audit_event where entity = 'report' and entity_id = ${reportId} order by id`;
  expect(events.map(({ action }) => action)).toEqual(["report.queued", "report.queued", "report.made"]);
}, 240_000);

test("a report that waits for its comparison holds no other up, and ends when that stands in no queue", async () => {
  const snapshotId = await snapshot();
  const ready = await makeRun({ snapshotId });
  const slow = await makeRun({ snapshotId });
  const { analysisId } = await act((tx) => requestComparison(tx, scientist, { runId: slow }));
  // As if another worker computed it for an hour.
  await admin`delete from pgboss.job where name = 'analyse'`;
  await admin`update job set state = 'running', heartbeat_at = now() + interval '1 hour' where id = ${analysisId}`;
  const { reportId: waiting } = await ask(scientist, "en", slow);
  const { reportId: other } = await ask(scientist, "en", ready);
  startWorker(database.worker);
  expect(await ended(other)).toMatchObject({ state: "done" });
  expect(await act((tx) => findReport(tx, scientist, { reportId: waiting }))).toMatchObject({ state: "queued" });

  await admin`update job set state = 'queued' where id = ${analysisId}`;
  expect(await ended(waiting)).toMatchObject({
    state: "failed",
    error: saying(/comparison that the report tells was not computed/),
  });
  expect(await ask(scientist, "en", slow)).toEqual({ reportId: waiting });
  expect(await ended(waiting)).toMatchObject({ state: "done" });
}, 240_000);

test("once a patient has withdrawn, the report that has their data is not handed out, and the next one has them no more", async () => {
  const { reportId } = await ask(scientist);
  startWorker(database.worker);
  expect(await ended(reportId)).toMatchObject({ state: "done" });
  await bytesOf(reportId, "pdf");
  const number = crops[0]?.subject ?? "";
  await withdrawConsent(study.members.coordinator, { number, withdrawnOn: "2026-02-01", scope: "no_further_use" });
  await expect(takeReport(scientist, { reportId, format: "pdf" })).rejects.toMatchObject({
    code: "conflict",
    said: saying(/made before a patient withdrew/),
  });
  const { reportId: next } = await ask(scientist);
  expect(next).not.toBe(reportId);
  expect(await ended(next)).toMatchObject({ state: "done" });
  expect((await bytesOf(next, "pdf")).bytes.length).toBeGreaterThan(1000);
}, 240_000);

test("a row that is no report of a comparison of its study is refused, and a file of a report is written by the worker alone", async () => {
  await expect(
    act((tx) =>
      tx.insert(report).values({
        id: crypto.randomUUID(),
        studyId: study.studyId,
        analysisId: crypto.randomUUID(),
        language: "en",
        records: {},
      }),
    ),
  ).rejects.toThrow();
});

test("after the lock nobody changes the baseline, and a report asked for by SQL with another one is not made", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const investigator = study.members.principal_investigator;
  const [patient] = await admin`select id from subject where study_id = ${study.studyId} limit 1`;
  const [version] = await admin`select protocol_version_id as id from study where id = ${study.studyId}`;
  const refused = { coordinator: { constraint: "study_is_locked" }, principal_investigator: { code: "42501" } };
  for (const role of ["coordinator", "principal_investigator"] as const) {
    const actor = study.members[role];
    await expect(
      door.withActor(actor, (tx) =>
        tx.execute(sql`insert into baseline_value (study_id, subject_id, protocol_version_id, item_key, value)
          values (${study.studyId}, ${patient?.id}, ${version?.id}, 'age_years', '50')`),
      ),
      role,
    ).rejects.toMatchObject(refused[role]);
  }

  /** What the investigator's role may write, with the records changed. */
  const askedBySql = (change: (records: ReportRecords) => ReportRecords) =>
    door.withActor(investigator, async (tx) => {
      const records = change(await loadReportRecords(tx, investigator, { runId }));
      const { analysisId } = await requestComparison(tx, investigator, { runId });
      const id = await queueJob(tx, investigator, { kind: "report" });
      await tx.insert(report).values({ id, studyId: study.studyId, analysisId, language: "en", records });
      return id;
    });
  const forged = await askedBySql((records) => {
    const [first, ...others] = records.baseline.lesions.rows;
    if (!first) throw new Error("Table 1 has no row.");
    return {
      ...records,
      baseline: {
        ...records.baseline,
        lesions: { ...records.baseline.lesions, rows: [{ ...first, smd: 9 }, ...others] },
      },
    };
  });
  const honest = await askedBySql((records) => records);
  startWorker(database.worker);
  expect(await ended(forged)).toMatchObject({
    state: "failed",
    error: saying(/table of baseline .* is not that of the records/),
  });
  await expect(takeReport(scientist, { reportId: forged, format: "pdf" })).rejects.toMatchObject({ code: "conflict" });
  expect(await ended(honest), "control").toMatchObject({ state: "done", error: null });
}, 240_000);
