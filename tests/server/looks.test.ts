import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { refuseOneClassTraining } from "@/core/splits/groups";
import { type Said, sayIn } from "@/core/words";
import { saidOfError, toStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { freezeSweep, job, runLog, runMetric } from "@/db/schema";
import { record } from "@/server/audit";
import { commandLineActor } from "@/server/door";
import { type CasesInput, caseQuestion } from "@/server/schemas/cases";
import { takeScores } from "@/server/services/analysis/take-scores";
import { viewCases } from "@/server/services/analysis/view-cases";
import { compareRuns } from "@/server/services/model/compare-runs";
import { findRuns } from "@/server/services/model/find-runs";
import { findScoredCrops } from "@/server/services/model/find-scored-crops";
import { modelCard } from "@/server/services/model/model-card";
import { requestJudgedRuns } from "@/server/services/model/request-judged-runs";
import { runResult } from "@/server/services/model/run-result";
import { sweepResult } from "@/server/services/model/sweep-result";
import { takeModelCard } from "@/server/services/model/take-model-card";
import { viewRun } from "@/server/services/model/view-run";
import { computeAs, filledStudy, lockUnread, other, studyForRuns } from "@/tests/support/model-runs";

const { database, door, admin, study, scientist, act, asWorker, snapshot, makeRun } = await studyForRuns();
let first: string;
let second: string;

/** What the trail holds of looks since an event, the first look marked. */
async function trail(after = 0, studyId = study.studyId) {
  const events = await admin`
    select id::int, action, entity_id, person_id, detail from audit_event
     where study_id = ${studyId} and id > ${after}
       and action in ('study.unblinded', 'analysis.viewed', 'analysis.exported', 'figures.viewed', 'scores.exported', 'run.file_taken')
     order by id`;
  return [...events];
}
/** As if a quarter of an hour had gone by: to the same person the same figures are another look. */
const later = () =>
  admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update audit_event set at = at - interval '15 minutes 1 second'`;
  });
const now = async () => Number((await admin`select coalesce(max(id), 0) as id from audit_event`)[0]?.id);

async function compute(...runIds: string[]) {
  const { analysisId } = await act((tx) => requestJudgedRuns(tx, scientist, { runIds }));
  await computeAs(asWorker, analysisId);
}

beforeAll(async () => {
  const snapshotId = await snapshot();
  first = await makeRun({ snapshotId });
  second = await makeRun({ snapshotId, score: other });
});

test("figures that are not there yet are nothing to look at, and of two first looks at once one unblinds the study", async () => {
  expect(await act((tx) => runResult(tx, scientist, { runId: first }))).toMatchObject({ result: null });
  await act((tx) => viewRun(tx, scientist, { runId: first, afterLogId: 0 }));
  expect(await trail()).toEqual([]);
  await compute(first);

  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  let looked = () => {};
  const hasLooked = new Promise<void>((done) => {
    looked = done;
  });
  const slow = act(async (tx) => {
    await runResult(tx, scientist, { runId: first });
    looked();
    await released;
  });
  await hasLooked;
  const quick = takeScores(scientist, { runId: first });
  // Long enough to overtake the one that has not ended.
  await wait(500);
  release();
  await Promise.all([slow, quick]);

  const events = await trail();
  expect(events.map(({ action }) => action).toSorted()).toEqual([
    "figures.viewed",
    "scores.exported",
    "study.unblinded",
  ]);
  expect(events.find(({ action }) => action === "study.unblinded")).toMatchObject({
    entity_id: study.studyId,
    person_id: scientist.personId,
    detail: { by: "figures.viewed" },
  });
});

test("who goes through the cases looks once in a quarter of an hour, at the truth, every score and nothing of another study", async () => {
  const before = await now();
  const look = (asked: Partial<CasesInput> = {}) =>
    act((tx) => viewCases(tx, scientist, { ...caseQuestion.parse({}), runId: first, ...asked }));
  const shown = await look();
  expect(shown.nodes.map(({ result, images }) => [result, images.length])).toEqual(
    Array.from({ length: 6 }, (_, at) => [at % 2 === 0 ? "positive" : "negative", 3]),
  );
  const scores = shown.nodes.flatMap(({ images }) => images.map(({ network }) => network?.score ?? null));
  expect(scores).toEqual(
    (await act((tx) => findScoredCrops(tx, scientist, { runId: first }))).map(({ score }) => score),
  );
  await look({ show: "missed", network: "wrong" });
  await look({ page: 2 });
  const looks = async () =>
    (await trail(before)).filter(({ detail }) => detail?.input?.startsWith("cases")).map(({ detail }) => detail.input);
  expect(await looks()).toEqual([`cases ${first}`]);
  await look({ runId: second });
  await later();
  await look();
  expect(await looks()).toEqual([`cases ${first}`, `cases ${second}`, `cases ${first}`]);
  expect(await trail(before)).toContainEqual(
    expect.objectContaining({ action: "figures.viewed", person_id: scientist.personId, entity_id: study.studyId }),
  );
});

test("each look at what runs are worth is in the trail: alone, beside each other, as a sweep, on a card and image by image", async () => {
  const sweepId = randomUUID();
  const snapshotId = await snapshot();
  await act((tx) => tx.insert(freezeSweep).values({ id: sweepId, studyId: study.studyId, snapshotId }));
  const deep = await makeRun({ snapshotId, sweepId });
  await compute(first, second);
  await compute(deep);
  const looks: [string, (tx: Tx) => Promise<unknown>][] = [
    [first, (tx) => runResult(tx, scientist, { runId: first })],
    [`${first} ${second}`, (tx) => compareRuns(tx, scientist, { runIds: [first, second] })],
    [deep, (tx) => sweepResult(tx, scientist, { sweepId })],
    [first, (tx) => modelCard(tx, scientist, { runId: first, locale: "en" })],
    [first, (tx) => findScoredCrops(tx, scientist, { runId: first })],
  ];
  for (const [runs, look] of looks) {
    await later();
    const before = await now();
    await act(look);
    const [event, ...others] = await trail(before);
    expect(event).toMatchObject({ action: "figures.viewed", entity_id: runs, person_id: scientist.personId });
    expect(others, "no look is the first any more").toEqual([]);
  }
  await later();
  const before = await now();
  await takeModelCard(scientist, { runId: first, locale: "en" });
  expect((await trail(before)).map(({ action }) => action)).toEqual(["figures.viewed", "run.file_taken"]);
});

test("a page that stays open is one look a quarter of an hour, to each person, at the same figures", async () => {
  await later();
  const before = await now();
  const { principal_investigator: pi } = study.members;
  const look = (actor = scientist, runId = first) =>
    door.withActor(actor, (tx) => runResult(tx, actor, { runId })).then(() => undefined);
  await compute(second);
  for (const each of [look, look, () => look(pi), () => look(pi), () => look(scientist, second), later, look, look])
    await each();
  expect((await trail(before)).map(({ person_id, entity_id }) => [person_id, entity_id])).toEqual([
    [scientist.personId, first],
    [pi.personId, first],
    [scientist.personId, second],
    [scientist.personId, first],
  ]);
});

test("a look at a run is noted once anything of it comes from the truth, under way or done, and while its figures are still computed", async () => {
  const look = (runId: string) => act((tx) => viewRun(tx, scientist, { runId, afterLogId: 0 }));
  const underWay = await makeRun({ snapshotId: await snapshot(), state: "queued" });
  const before = await now();
  const about = { runId: underWay, studyId: study.studyId };
  await asWorker((tx) => tx.insert(runLog).values({ ...about, line: "On the portable engine." }));
  await look(underWay);
  expect(await trail(before), "how far it is tells nothing").toEqual([]);
  await asWorker((tx) => tx.insert(runMetric).values({ ...about, fold: 0, epoch: 1, loss: 1 }));
  await look(underWay);
  await look(underWay);
  expect(await trail(before)).toMatchObject([{ action: "figures.viewed", entity_id: underWay }]);

  const done = await makeRun({ snapshotId: await snapshot(), records: [{ fold: 0, tuningAuc: 0.7 }] });
  const after = await now();
  expect(await act((tx) => runResult(tx, scientist, { runId: done }))).toMatchObject({ result: null });
  expect(await trail(after), "control: what is still computed shows nothing").toEqual([]);
  expect((await look(done)).folds).toMatchObject([{ tuningAuc: 0.7 }]);
  expect(await trail(after)).toMatchObject([{ action: "figures.viewed", entity_id: done }]);
});

test("why a run failed is a look at truths where it names a patient by them", async () => {
  const failed = async (error: Said) => {
    const runId = await makeRun({ snapshotId: await snapshot(), state: "queued" });
    await asWorker((tx) =>
      tx
        .update(job)
        .set({ state: "failed", error: toStored(error) })
        .where(eq(job.id, runId)),
    );
    return runId;
  };
  const list = () => act((tx) => findRuns(tx, scientist));
  const [before] = [await now(), await failed({ key: "worker.process_ended", values: { code: 1, last: "x" } })];
  await list();
  expect(await trail(before), "control: a process that ended").toEqual([]);

  const items = [1, 0, 0].map((truth, fold) => ({ subject: `00${fold}`, truth: truth === 1 ? 1 : 0, fold }) as const);
  let refused: unknown;
  try {
    refuseOneClassTraining(items);
  } catch (error) {
    refused = error;
  }
  const runId = await failed(saidOfError(refused));
  expect(sayIn("en")((await list()).find(({ id }) => id === runId)?.error ?? { key: "errors.reason_unknown" })).toMatch(
    /^all positive images are of one patient \(000\)/,
  );
  await act((tx) => viewRun(tx, scientist, { runId, afterLogId: 0 }));
  expect(await trail(before)).toMatchObject([{ action: "figures.viewed", entity_id: runId }]);
});

test("a sweep tells the AUCs of its tuning parts before its figures are computed, and that look is noted", async () => {
  const sweepId = randomUUID();
  const snapshotId = await snapshot();
  await act((tx) => tx.insert(freezeSweep).values({ id: sweepId, studyId: study.studyId, snapshotId }));
  const before = await now();
  await makeRun({ snapshotId, sweepId });
  expect(await act((tx) => sweepResult(tx, scientist, { sweepId }))).toMatchObject({ depths: [{ tuningAuc: null }] });
  expect(await trail(before), "control: no AUC yet").toEqual([]);

  const tuned = await makeRun({ snapshotId, sweepId, records: [0, 1, 2].map((fold) => ({ fold, tuningAuc: 0.8 })) });
  const { depths, pending } = await act((tx) => sweepResult(tx, scientist, { sweepId }));
  expect(pending).not.toBeNull();
  expect(depths.map(({ result }) => result)).toEqual([null, null]);
  expect(depths.find(({ run }) => run.id === tuned)?.tuningAuc).toBeCloseTo(0.8);
  expect(await trail(before)).toMatchObject([{ action: "figures.viewed", entity_id: tuned }]);
});

test("the command line unblinds like a page, each study has its own first look, and none where somebody looked before there was the mark", async () => {
  const twin = await filledStudy(database);
  await lockUnread(door, twin);
  const { data_scientist: person } = twin.members;
  const commandLine = { ...commandLineActor, studyId: twin.studyId, personId: person.personId };
  await door.withActor(commandLine, (tx) => record(tx, "analysis.exported", { entity: "comparison" }));
  await door.withActor(person, (tx) => record(tx, "analysis.viewed", { entity: "comparison" }));
  expect((await trail(0, twin.studyId)).map(({ action, detail }) => [action, detail?.by])).toEqual([
    ["analysis.exported", undefined],
    ["study.unblinded", "analysis.exported"],
    ["analysis.viewed", undefined],
  ]);

  const older = await filledStudy(database);
  await lockUnread(door, older);
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`insert into audit_event (study_id, role, action) values (${older.studyId}, 'nw_data_scientist', 'analysis.viewed')`;
  });
  await door.withActor(older.members.data_scientist, (tx) => record(tx, "analysis.viewed", { entity: "comparison" }));
  expect((await trail(0, older.studyId)).map(({ action }) => action)).toEqual(["analysis.viewed", "analysis.viewed"]);
});
