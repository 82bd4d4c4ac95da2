import { randomUUID } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { markBeyondPlan } from "@/core/stats/comparison/beyond-plan";
import { analysis, analysisResult, job } from "@/db/schema";
import { withActor } from "@/server/door";
import { queueJob } from "@/server/jobs";
import { awaitComparison } from "@/server/services/analysis/await-comparison";
import { comparisonQuestion } from "@/server/services/analysis/comparison-question";
import { findComparison } from "@/server/services/analysis/find-comparison";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { takeScores } from "@/server/services/analysis/take-scores";
import { viewComparison } from "@/server/services/analysis/view-comparison";
import { analysisProgress } from "@/server/services/computation/analysis-progress";
import { compareRuns } from "@/server/services/model/compare-runs";
import { judgeRuns } from "@/server/services/model/judge-runs";
import { loadRuns } from "@/server/services/model/load-runs";
import { modelCard } from "@/server/services/model/model-card";
import { onceJudged } from "@/server/services/model/once-judged";
import { questionOfRuns } from "@/server/services/model/question-of-runs";
import { requestJudgedRuns } from "@/server/services/model/request-judged-runs";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { sha256 } from "@/server/sha256";
import { compare, other, studyForRuns } from "@/tests/support/model-runs";
import { saying } from "@/tests/support/said";
import { killed, startWorker, until } from "@/tests/support/worker";

const { database, admin, study, scientist, act, asWorker, snapshot, makeRun } = await studyForRuns();
afterEach(killed);

const ask = (runId?: string) => withActor(scientist, (tx) => requestComparison(tx, scientist, { runId }));
const find = (runId?: string) => act((tx) => findComparison(tx, scientist, { runId }));
const ended = (analysisId: string) =>
  until("the end of the analysis", async () => {
    const job = await act((tx) => analysisProgress(tx, scientist, { analysisId }));
    return ["done", "failed"].includes(job.state) && job;
  });

test("a comparison is computed once by the worker, whoever asks how often, and then found as it was computed", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  expect(await find()).toEqual({ job: null, stored: null });
  const asked = await Promise.all([ask(), ask(), ask(runId), ask()]);
  expect(new Set(asked.map(({ analysisId }) => analysisId)).size, "the newest run by itself and by its name").toBe(1);
  const { analysisId = "" } = asked[0] ?? {};
  const jobs = await admin`select 1 from pgboss.job where name = 'analyse' and data ->> 'jobId' = ${analysisId}`;
  expect(jobs).toHaveLength(1);
  expect(await find()).toMatchObject({ job: { id: analysisId, state: "queued" }, stored: null });

  startWorker(database.worker);
  expect(await ended(analysisId)).toMatchObject({ state: "done", error: null });
  const { stored } = await find();
  const computed = await act((tx) => compare(tx, scientist));
  expect(stored?.comparison).toEqual(markBeyondPlan(computed));
  expect(stored?.comparison.about.run?.id).toBe(runId);
  const input = await act(async (tx) => {
    const { question } = await comparisonQuestion(tx, scientist, {});
    return loadComparison(tx, scientist, question);
  });
  expect(stored?.inputSha256).toBe(sha256(canonicalJson(input)));
  expect(await ask()).toEqual({ analysisId });
  expect(await awaitComparison(scientist, {})).toEqual(stored);
  const events = await admin`
    select action, role, detail from audit_event where entity = 'analysis' and entity_id = ${analysisId} order by id`;
  expect(events.map(({ action, role }) => `${action} ${role}`)).toEqual([
    "analysis.queued nw_data_scientist",
    "analysis.computed nw_worker",
  ]);
  expect(events[1]?.detail).toEqual({ input: stored?.inputSha256 });

  // Another run speaks for the network now: another question.
  const newer = await makeRun({ snapshotId: await snapshot() });
  expect(await find()).toEqual({ job: null, stored: null });
  expect((await find(runId)).stored).toEqual(stored);
  const { analysisId: other } = await ask();
  expect(other).not.toBe(analysisId);
  expect(await ended(other)).toMatchObject({ state: "done" });
  expect((await find()).stored?.comparison.about.run?.id).toBe(newer);
}, 120_000);

test("each look at the analysis is in the trail, and each file of it; before there are numbers there is nothing to look at", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const look = () => act((tx) => viewComparison(tx, scientist, { runId }));
  const noted = async (after: number) =>
    (
      await admin`
        select action, person_id from audit_event where id > ${after} and action in ('analysis.viewed', 'analysis.exported', 'scores.exported') order by id`
    ).map(({ action, person_id }) => [action, person_id]);
  const [{ before } = { before: 0 }] = await admin`select coalesce(max(id), 0)::int as before from audit_event`;
  await look();
  expect(await noted(before)).toEqual([]);
  const { analysisId } = await ask(runId);
  startWorker(database.worker);
  expect(await ended(analysisId)).toMatchObject({ state: "done" });
  await look();
  await look();
  await awaitComparison(scientist, { runId });
  await takeScores(scientist, { runId });
  const deeds = ["analysis.viewed", "analysis.viewed", "analysis.exported", "scores.exported"];
  expect(await noted(before)).toEqual(deeds.map((deed) => [deed, scientist.personId]));
}, 120_000);

test("what cannot be computed says why, and is computed when it is asked for again", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const { analysisId } = await ask(runId);
  // No role of the product can do this: a run becomes a control.
  const spoil = (isControl: boolean) => admin`
    update model_run set config = jsonb_set(config, '{shuffledLabels}', to_jsonb(${isControl}::boolean)) where id = ${runId}`;
  await spoil(true);
  startWorker(database.worker);
  expect(await ended(analysisId)).toMatchObject({
    state: "failed",
    error: saying(/is a control: it learned exchanged labels/),
  });
  await spoil(false);
  expect(await find(runId)).toMatchObject({ job: { state: "failed" }, stored: null });
  await expect(awaitComparison(scientist, { runId })).resolves.toMatchObject({
    comparison: { about: { run: { id: runId } } },
  });
}, 120_000);

test("a question that names other methods than the worker's fails in words, and no result stands under it", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const id = await act(async (tx) => {
    const { question } = await comparisonQuestion(tx, scientist, { runId });
    const id = await queueJob(tx, scientist, { kind: "analyse" });
    await tx.insert(analysis).values({ ...question, id, methods: "older" });
    return id;
  });
  startWorker(database.worker);
  expect(await ended(id)).toMatchObject({ state: "failed", error: saying(/version older of the methods.*ask again/) });
  expect(await admin`select from analysis_result where analysis_id = ${id}`).toHaveLength(0);
  const { analysisId } = await ask(runId);
  expect(await ended(analysisId), "the worker's own methods").toMatchObject({ state: "done" });
}, 120_000);

test("a question whose job stands in no queue is queued when it is asked", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const id = randomUUID();
  await act(async (tx) => {
    const { question } = await comparisonQuestion(tx, scientist, { runId });
    await tx.insert(job).values({ id, studyId: study.studyId, kind: "analyse" });
    await tx.insert(analysis).values({ ...question, id });
  });
  expect(await Promise.all([ask(runId), ask(runId)])).toEqual([{ analysisId: id }, { analysisId: id }]);
  const waiting = await admin`select from pgboss.job where name = 'analyse' and data ->> 'jobId' = ${id}`;
  expect(waiting, "and once").toHaveLength(1);
});

test("nobody but the worker writes a result, once, and nobody changes it", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const { analysisId } = await ask(runId);
  const row = { analysisId, studyId: study.studyId, inputSha256: "0".repeat(64), result: { rows: [] } };
  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => "done",
      (error: { code?: string }) => error.code,
    );
  expect(await outcome(act((tx) => tx.insert(analysisResult).values(row)))).toBe("42501");
  expect(await outcome(asWorker((tx) => tx.insert(analysisResult).values(row)))).toBe("done");
  expect(await outcome(asWorker((tx) => tx.insert(analysisResult).values(row)))).toBe("23505");
  expect(await outcome(asWorker((tx) => tx.update(analysisResult).set({ result: {} })))).toBe("42501");
});

test("what runs are worth is computed once by the worker and then found as it was computed; asked with another run it is another question", async () => {
  const snapshotId = await snapshot();
  const [first, second] = [await makeRun({ snapshotId }), await makeRun({ snapshotId, score: other })];
  const beside = (...runIds: string[]) => act((tx) => compareRuns(tx, scientist, { runIds }));
  const before = await beside(first, second);
  expect(before).toMatchObject({ differences: [], pending: { runIds: [first, second], job: null } });
  expect(before.rows.map(({ result }) => result)).toEqual([null, null]);
  const asked = await Promise.all(
    [1, 2].map(() => act((tx) => requestJudgedRuns(tx, scientist, { runIds: [first, second] }))),
  );
  expect(asked[0]).toEqual(asked[1]);
  const { analysisId = "" } = asked[0] ?? {};
  expect((await beside(first, second)).pending).toMatchObject({ job: { id: analysisId, state: "queued" } });

  startWorker(database.worker);
  expect(await ended(analysisId)).toMatchObject({ state: "done", error: null });
  const { rows, differences, pending } = await beside(first, second);
  const input = await act((tx) => loadRuns(tx, scientist, { runIds: [first, second] }));
  expect({ results: rows.map(({ run, result }) => ({ runId: run.id, result })), differences, nested: null }).toEqual(
    judgeRuns(input),
  );
  expect(rows[0]?.result?.n).toBe(18);
  expect(pending).toBeNull();
  const [stored] = await admin`select input_sha256 from analysis_result where analysis_id = ${analysisId}`;
  expect(stored?.input_sha256).toBe(sha256(canonicalJson(input)));
  expect((await beside(first)).pending, "one alone").toMatchObject({ runIds: [first], job: null });
  const { card } = await onceJudged(scientist, (tx) => modelCard(tx, scientist, { runId: first, locale: "en" }));
  expect(card.markdown).toContain(first);
}, 120_000);

test("a question about a run that is not done, or of another study, is refused, and no role can write one", async () => {
  const done = await makeRun({ snapshotId: await snapshot() });
  const queued = await makeRun({ snapshotId: await snapshot(), state: "queued" });
  const about = (runId: string) => act((tx) => requestJudgedRuns(tx, scientist, { runIds: [done, runId] }));
  await expect(about(queued)).rejects.toMatchObject({ code: "conflict" });
  await expect(about(randomUUID())).rejects.toMatchObject({ code: "not_found" });
  const write = (runIds: string[]) =>
    act(async (tx) => {
      const id = await queueJob(tx, scientist, { kind: "analyse" });
      await tx
        .insert(analysis)
        .values({ ...(await questionOfRuns(tx, scientist, runIds)), id, methods: `other ${Math.random()}` });
    });
  await expect(write([done, randomUUID()])).rejects.toMatchObject({ code: "NW007" });
  await expect(write([])).rejects.toMatchObject({ code: "23514" });
  await expect(write([done])).resolves.toBeUndefined();
});
