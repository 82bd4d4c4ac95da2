import { eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { methodsVersion } from "@/core/stats/methods-version";
import { datasetItem } from "@/db/schema";
import { comparisonQuestion } from "@/server/services/analysis/comparison-question";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { freezeSnapshot } from "@/server/services/dataset/freeze-snapshot";
import { splitCrops } from "@/server/services/dataset/split-crops";
import { flowDiagram } from "@/server/services/enrolment/flow-diagram";
import { listSubjects } from "@/server/services/enrolment/list-subjects";
import { recordValues } from "@/server/services/enrolment/record-values";
import { subjectByNumber } from "@/server/services/enrolment/subject-by-number";
import { viewIdentity } from "@/server/services/enrolment/view-identity";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { addNode } from "@/server/services/imaging/add-node";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { findImage } from "@/server/services/imaging/find-image";
import { listNodes } from "@/server/services/imaging/list-nodes";
import { remeasureNode } from "@/server/services/imaging/remeasure-node";
import { lockStudy } from "@/server/services/lock/lock-study";
import { questionOfRuns } from "@/server/services/model/question-of-runs";
import { myLists } from "@/server/services/reading/my-lists";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { studyCounts } from "@/server/services/study/study-counts";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { type Deed, outcomesOfTwo } from "@/tests/support/outcome";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, readOf, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
let first: { number: string; nodeId: string };
let second: { number: string; nodeId: string };
/** No picture twice in the database: what studies share is not deleted. */
let pictures = 0;
beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  first = await addPatient(door, study, { name: "Alma", shortAxisMm: 5, positive: true, seed: ++pictures });
  second = await addPatient(door, study, { name: "Bruno", shortAxisMm: 7, positive: false, seed: ++pictures });
});

type Scope = Parameters<typeof withdrawConsent>[1]["scope"];
const withdraw = (scope: Scope, { number } = first, withdrawnOn = "2026-02-01") =>
  withdrawConsent(study.members.coordinator, { number, withdrawnOn, scope });
const lock = async () => {
  const pi = study.members.principal_investigator;
  await withActor(pi, (tx) => lockStudy(tx, pi, { reason: "As it is" }));
};
const imagesOf = ({ nodeId }: { nodeId: string }) => admin`select id, sha256 from crop where node_id = ${nodeId}`;
const nodesListed = async () => {
  const radiologist = study.members.locating_radiologist;
  return (await withActor(radiologist, (tx) => listNodes(tx, radiologist))).nodes.map(({ id }) => id);
};
const seen = async (sha256: string) => {
  const radiologist = study.members.locating_radiologist;
  return withActor(radiologist, (tx) => findImage(tx, radiologist, { sha256 })).then(
    () => true,
    () => false,
  );
};

describe("whatever was withdrawn", () => {
  test.each(["keep", "no_further_use", "destroy"] as const)(
    "(%s), nothing more is recorded of the subject",
    async (scope) => {
      await withdraw(scope);
      const { coordinator, locating_radiologist: radiologist } = study.members;
      const refused = { constraint: "consent_withdrawn", values: { subject: first.number } };
      const values = (number: string) =>
        withActor(coordinator, (tx) =>
          recordValues(tx, coordinator, { number, values: { age_years: 61 }, reason: "Typed wrongly" }),
        );
      const node = (number: string) =>
        withActor(radiologist, (tx) => addNode(tx, radiologist, { number, region: "mesorectal", shortAxisMm: 5 }));
      const size = (nodeId: string) =>
        withActor(radiologist, (tx) => remeasureNode(tx, radiologist, { nodeId, shortAxisMm: 5.5 }));
      await expect(values(first.number)).rejects.toMatchObject(refused);
      await expect(node(first.number)).rejects.toMatchObject(refused);
      await expect(size(first.nodeId)).rejects.toMatchObject(refused);
      await expect(report(door, study, first.nodeId, "positive")).rejects.toMatchObject(refused);
      await values(second.number);
      await node(second.number);
      await size(second.nodeId);
      await report(door, study, second.nodeId, "negative");
    },
  );

  test("it is a dated record with its scope, in the trail, and on the pages", async () => {
    await withdraw("keep");
    await withdraw("no_further_use", first, "2026-03-01");
    const { coordinator } = study.members;
    const detail = await withActor(coordinator, (tx) => subjectByNumber(tx, coordinator, first));
    expect(detail.withdrawals.map(({ withdrawnOn, scope, by }) => [withdrawnOn, scope, by])).toEqual([
      ["2026-03-01", "no_further_use", "coordinator"],
      ["2026-02-01", "keep", "coordinator"],
    ]);
    const subjects = await withActor(coordinator, (tx) => listSubjects(tx, coordinator));
    expect(subjects.map(({ withdrawn }) => withdrawn)).toEqual(["no_further_use", null]);
    const trail = await admin`
      select entity_id, detail from audit_event where study_id = ${study.studyId} and action = 'consent.withdrawn' order by id`;
    expect(trail).toEqual([
      { entity_id: first.number, detail: { scope: "keep", withdrawnOn: "2026-02-01" } },
      { entity_id: first.number, detail: { scope: "no_further_use", withdrawnOn: "2026-03-01" } },
    ]);
  });

  test("it is never given back, is dated after the consent and not in the future, and one of three that come together is written", async () => {
    await expect(withdraw("keep", first, "2026-01-04")).rejects.toThrow(/before the consent/);
    await expect(withdraw("keep", first, "2199-01-01")).rejects.toThrow(/future/);
    const together = await Promise.allSettled(
      ["no_further_use", "no_further_use", "no_further_use"].map((scope) => withdraw(scope as Scope)),
    );
    expect(together.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of together)
      if (outcome.status === "rejected") expect(outcome.reason.message).toMatch(/at least as much before/);
    await expect(withdraw("keep")).rejects.toThrow(/at least as much before/);
    // Past the service, the database says so itself.
    const { coordinator } = study.members;
    const keep = sql`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope)
      select study_id, id, '2026-02-01', 'keep' from subject where number = ${first.number}`;
    await expect(withActor(coordinator, (tx) => tx.execute(keep))).rejects.toMatchObject({
      constraint: "withdrawn_before",
    });
  });

  test("nothing is recorded that began while it was being written, and what began before is there first", async () => {
    const { coordinator, locating_radiologist: radiologist } = study.members;
    const both = outcomesOfTwo(door);
    for (const begins of ["withdrawal", "node"] as const) {
      const subject = begins === "withdrawal" ? first : second;
      const withdrawal: Deed = [
        coordinator,
        (tx) =>
          tx.execute(sql`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope)
            select study_id, id, '2026-02-01', 'keep' from subject where number = ${subject.number}`),
      ];
      const node: Deed = [
        radiologist,
        (tx) =>
          tx.execute(sql`insert into node (study_id, subject_id, label, ordinal)
            select study_id, id, 'LN9', 9 from subject where number = ${subject.number}`),
      ];
      expect(await (begins === "withdrawal" ? both(withdrawal, node) : both(node, withdrawal)), begins).toEqual(
        begins === "withdrawal" ? ["done", "consent_withdrawn"] : ["done", "done"],
      );
    }
  });

  test("it is recorded by the coordinator of the site, by nobody else", async () => {
    const write = sql`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope)
      select study_id, id, '2026-02-01', 'keep' from subject where number = ${first.number}`;
    const { coordinator, locating_radiologist, pathologist, principal_investigator, reader } = study.members;
    for (const actor of [locating_radiologist, pathologist, principal_investigator, reader])
      await expect(withActor(actor, (tx) => tx.execute(write))).rejects.toMatchObject({ code: "42501" });
    const [site] = await admin`insert into site (study_id, name) values (${study.studyId}, 'There') returning id`;
    const elsewhere = { ...coordinator, siteId: site?.id };
    expect((await withActor(elsewhere, (tx) => tx.execute(write))).count).toBe(0);
    expect((await withActor(coordinator, (tx) => tx.execute(write))).count).toBe(1);
  });
});

test("data that are kept are read and analysed as before", async () => {
  await report(door, study, first.nodeId, "positive");
  await draw(door, study);
  await withdraw("keep");
  expect(await readCases(door, study.members.reader, 100)).toHaveLength(2 * 2 * 3);
  expect(await nodesListed()).toContain(first.nodeId);
  await lock();
  const scientist = study.members.data_scientist;
  const crops = await withActor(scientist, (tx) => findLabelledCrops(tx, scientist));
  expect(crops.map(({ subject }) => subject)).toEqual([first, first, first].map(({ number }) => number));
  const { question } = await withActor(scientist, (tx) => comparisonQuestion(tx, scientist, {}));
  expect(question.methods, "what was computed before still answers").toBe(methodsVersion);
});

describe("data that are used no more", () => {
  test("leave the lists of the readers; the open case is refused; no page shows them", async () => {
    await draw(door, study);
    const { reader, coordinator } = study.members;
    let opened = await openCase(reader);
    const nodeOf = async (slotId: string) =>
      (
        await admin`select k.node_id from reading_slot s join reading_case k on k.id = s.case_id where s.id = ${slotId}`
      )[0]?.node_id;
    while (opened && (await nodeOf(opened.slotId)) !== first.nodeId) {
      const { slotId } = opened;
      await withActor(reader, (tx) => submitRead(tx, reader, readOf(slotId)));
      opened = await openCase(reader);
    }
    const slotId = opened?.slotId ?? "";
    const [image] = await imagesOf(first);
    expect(await seen(image?.sha256)).toBe(true);
    await withdraw("no_further_use");

    await expect(withActor(reader, (tx) => submitRead(tx, reader, readOf(slotId)))).rejects.toMatchObject({
      constraint: "case_left_study",
    });
    for (const shown of await readCases(door, reader, 100)) expect(await nodeOf(shown.slotId)).toBe(second.nodeId);
    expect((await withActor(reader, (tx) => myLists(tx, reader))).map(({ state }) => state)).toEqual([
      "complete",
      "complete",
    ]);
    expect(await nodesListed()).toEqual([second.nodeId]);
    expect(await seen(image?.sha256)).toBe(false);
    const { counts } = await withActor(coordinator, (tx) => studyCounts(tx, coordinator));
    expect(counts).toMatchObject({ nodes: 1, crops: 3, readsScheduled: 2 * 2 * 3 });
  });

  test("leave training and analysis, also when it is said after the lock", async () => {
    for (const positive of [true, false, true, false]) {
      const { nodeId } = await addPatient(door, study, { name: "More", shortAxisMm: 6, positive, seed: ++pictures });
      await report(door, study, nodeId, positive ? "positive" : "negative");
    }
    await report(door, study, first.nodeId, "positive");
    await report(door, study, second.nodeId, "negative");
    await draw(door, study);
    await readCases(door, study.members.reader, 100);
    await lock();
    const scientist = study.members.data_scientist;
    const version = await admin`select id from protocol_version where study_id = ${study.studyId}`;
    const subjects = async () => {
      const crops = await withActor(scientist, (tx) => findLabelledCrops(tx, scientist));
      const input = await withActor(scientist, (tx) =>
        loadComparison(tx, scientist, { runId: null, protocolVersionId: version[0]?.id }),
      );
      const split = await splitCrops(crops, { folds: 2, seed: 1, splitUnit: "patient" });
      const { snapshotId } = await withActor(scientist, (tx) => freezeSnapshot(tx, scientist, split));
      const items = await withActor(scientist, (tx) =>
        tx.select({ subject: datasetItem.subject }).from(datasetItem).where(eq(datasetItem.snapshotId, snapshotId)),
      );
      return {
        judged: new Set(crops.map(({ subject }) => subject)).size,
        reads: input.reads.length,
        trained: new Set(items.map(({ subject }) => subject)).size,
      };
    };
    const answered = () =>
      withActor(scientist, async (tx) => [
        (await comparisonQuestion(tx, scientist, {})).question.methods,
        (await questionOfRuns(tx, scientist, [])).methods,
      ]);
    expect(await subjects()).toEqual({ judged: 6, reads: 36, trained: 6 });
    expect(await answered()).toEqual([methodsVersion, methodsVersion]);
    await withdraw("no_further_use");
    expect(await subjects()).toEqual({ judged: 5, reads: 30, trained: 5 });
    expect(await answered(), "what was computed before answers no question any more").toEqual([
      `${methodsVersion}-1`,
      `${methodsVersion}-1`,
    ]);
  });
});

test("the flow of participants has a box of who withdrew, by what may still be done with the data, and its boxes add up", async () => {
  const { coordinator, locating_radiologist: radiologist } = study.members;
  const flow = () => withActor(coordinator, (tx) => flowDiagram(tx, coordinator, { locked: false }));
  const patient = (name: string) =>
    addPatient(door, study, { name, shortAxisMm: 6, positive: false, seed: ++pictures, only: ["axial"] });
  const [third, fourth] = [await patient("Carla"), await patient("Dora")];
  const exclude = ({ nodeId }: { nodeId: string }) =>
    withActor(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId, reason: "Cut by the edge" }));
  await exclude(third);
  await exclude(fourth);
  const all = { enrolled: 4, nodesLocated: 4, nodesExcluded: 2, nodes: 2, crops: 6 };
  expect(await flow()).toMatchObject({ ...all, withdrawn: { keep: 0, no_further_use: 0, destroy: 0 }, inUse: 4 });

  await withdraw("keep");
  expect(await flow()).toMatchObject({ ...all, withdrawn: { keep: 1, no_further_use: 0, destroy: 0 }, inUse: 4 });
  // The widest scope counts, and the nodes of whoever wants them used no more count nowhere: the excluded ones neither.
  await withdraw("keep", second);
  await withdraw("no_further_use", second);
  await withdraw("destroy", fourth);
  expect(await flow()).toMatchObject({
    enrolled: 4,
    withdrawn: { keep: 1, no_further_use: 1, destroy: 1 },
    inUse: 2,
    nodesLocated: 2,
    nodesExcluded: 1,
    nodes: 1,
    crops: 3,
  });
});

test("who is to be forgotten has no name and no image here any more, also after the lock; what others share stays", async () => {
  const { coordinator, locating_radiologist } = study.members;
  const images = await imagesOf(first);
  const [shared, ...own] = images.map(({ sha256 }) => sha256 as string);
  // The same picture stands for another subject, too.
  await admin`insert into crop (study_id, node_id, plane, sha256, original_sha256, bit_depth, pixel_sha256, width, height, created_by)
    select study_id, ${second.nodeId}, 'oblique', sha256, original_sha256, bit_depth, pixel_sha256, width, height, created_by from crop where sha256 = ${shared ?? ""} and node_id = ${first.nodeId}`;
  await admin`insert into crop_canvas (study_id, crop_id, rendering, sha256)
    select c.study_id, o.id, w.rendering, w.sha256 from crop c join crop_canvas w on w.crop_id = c.id join crop o on o.plane = 'oblique' and o.sha256 = c.sha256
     where c.sha256 = ${shared ?? ""} and c.node_id = ${first.nodeId}`;
  const canvasesOf = (hashes: readonly string[]) =>
    admin`select distinct w.sha256 from crop_canvas w join crop c on c.id = w.crop_id where c.sha256 in ${admin(hashes)}`;
  const drawn = async (hashes: readonly string[]) =>
    Promise.all((await canvasesOf(hashes)).map(({ sha256 }) => store.has(sha256)));
  expect(await drawn([shared ?? "", ...own])).toEqual([true, true, true]);
  const identity = (number: string) => viewIdentity(coordinator, { number });
  expect(await identity(first.number)).toMatchObject({ name: "Alma" });
  await lock();
  expect(await withdraw("destroy")).toEqual({ deleted: 4 });
  await expect(identity(first.number)).rejects.toMatchObject({ code: "not_found" });
  expect(await identity(second.number)).toMatchObject({ name: "Bruno" });
  expect(
    await admin`select name, hospital_number from subject_identity where study_id = ${study.studyId} and (name = '' or hospital_number = '')`,
  ).toEqual([{ name: "", hospital_number: "" }]);
  expect(await Promise.all(own.map((sha256) => store.has(sha256)))).toEqual([false, false]);
  expect(await store.has(shared ?? "")).toBe(true);
  expect([await drawn(own), await drawn([shared ?? ""])]).toEqual([[false, false], [true]]);
  expect(await nodesListed()).toEqual([second.nodeId]);
  // Asked for once more, it is deleted once more, should something have stood in the way, and nothing is written.
  await expect(withdraw("destroy")).resolves.toEqual({ deleted: 4 });
  expect(
    await admin`select id from consent_withdrawal where study_id = ${study.studyId} and scope = 'destroy'`,
  ).toHaveLength(1);
  await expect(
    withActor(locating_radiologist, (tx) => tx.execute(sql`select * from nw.images_to_delete(${first.nodeId})`)),
  ).rejects.toMatchObject({ code: "42501" });
});
