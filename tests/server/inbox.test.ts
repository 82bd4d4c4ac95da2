import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type Door, openDoor } from "@/db/actor";
import { studyRoles } from "@/db/schema/roles";
import type { StudyActor } from "@/server/door";
import { deleteUnnamedFiles } from "@/server/services/imaging/delete-unnamed-files";
import { countInbox } from "@/server/services/inbox/count-inbox";
import { listInbox } from "@/server/services/inbox/list-inbox";
import { matchByRule } from "@/server/services/inbox/match-by-rule";
import { matchInbox } from "@/server/services/inbox/match-inbox";
import { receiveImages } from "@/server/services/inbox/receive-images";
import { turnAwayInbox } from "@/server/services/inbox/turn-away-inbox";
import { lockStudy } from "@/server/services/lock/lock-study";
import { beginUpload } from "@/server/services/series/begin-upload";
import { takeFile } from "@/server/services/series/take-file";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { addPatient, type MadeStudy, makeStudy } from "@/tests/support/study";

/*
 * Images that a scanner sends of nobody who is known, or of a day without an exam: they wait for a coordinator of the site, or for the record.
 */

const database = await freshDatabase();
const { door, owner: ownerUrl, store } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
const workersDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 2 });
afterAll(async () => {
  await workersDoor.close();
  await admin.end();
});

/** The worker's own sweep, by its login. */
async function sweep(): Promise<void> {
  const process = globalThis as typeof globalThis & { nodewiseDoor?: Door };
  const before = process.nodewiseDoor;
  process.nodewiseDoor = workersDoor;
  await deleteUnnamedFiles().finally(() => Object.assign(process, { nodewiseDoor: before }));
}

let study: MadeStudy;
let coordinator: StudyActor;
let importer: StudyActor & { siteId: string };
let exam: { id: string; day: string };
let seeds = 80;

beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl });
  ({ coordinator } = study.members);
  await addPatient(door, study, { name: "Patient Sun", shortAxisMm: 5, positive: true, seed: ++seeds, only: [] });
  await admin`update subject set site_id = ${study.siteId} where study_id = ${study.studyId}`;
  const [row] = await admin`select id, performed_on::text as day from exam where study_id = ${study.studyId}`;
  exam = row as unknown as typeof exam;
  importer = { ...(await studyAsCommandLine(study.slug)).actor, siteId: study.siteId };
});

let images = 0;
/** An image of the subject of the exam, but of a number that nobody has yet. */
const image = (changes: Record<string, unknown> = {}) =>
  slice({
    ...{ PatientID: "Z-778899", PatientName: "Sun^Patient", PatientBirthDate: "19650301" },
    ...{ StudyDate: exam.day.replaceAll("-", ""), SOPInstanceUID: `1.2.3.${++images}` },
    ...{ SeriesInstanceUID: `1.2.9.${seeds}`, StudyInstanceUID: `1.2.8.${seeds}`, ...changes },
  });
async function receive(...files: Uint8Array[]) {
  const { take, end } = receiveImages(importer, { site: "Here", sender: "SCANNER" });
  const outcomes: string[] = [];
  for (const file of files) outcomes.push((await take(file)).outcome);
  await end();
  return outcomes;
}
const waiting = async (actor = coordinator) => (await listInbox(actor)).waiting;
const only = async () => {
  const [first] = await waiting();
  return first?.inboxId ?? "";
};
const rows = async () =>
  (
    await admin`select (select count(*) from image_instance where study_id = ${study.studyId})::int as images,
      (select count(*) from image_hold where study_id = ${study.studyId})::int as holds,
      (select count(*) from inbox_image where study_id = ${study.studyId})::int as received,
      (select count(*) from inbox_identity where study_id = ${study.studyId})::int as identities`
  )[0];
const stored = () =>
  readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => ({ name: each.name, text: readFileSync(join(each.parentPath, each.name), "latin1") }));
const deeds = async (action: string) =>
  (
    await admin`select detail, reason, role from audit_event where study_id = ${study.studyId} and action = ${action} order by id`
  ).map((row) => ({ ...row }));

describe("images of nobody here yet", () => {
  test("wait together, once each, without identity but in what coordinators are told", async () => {
    const files = [image(), image({ BurnedInAnnotation: "YES" })];
    expect(await receive(...files)).toEqual(["waiting", "waiting"]);
    expect(await receive(...files)).toEqual(["known", "known"]);
    // Of another patient, though of the same study: for itself.
    expect(await receive(image({ PatientName: "Moon^Other", PatientID: "Z-1" }))).toEqual(["waiting"]);
    expect(await rows()).toEqual({ images: 0, holds: 0, received: 3, identities: 2 });
    const told = await waiting();
    expect(told).toMatchObject([
      { name: "Moon^Other", hospitalNumber: "Z-1", images: 1 },
      { name: "Sun^Patient", hospitalNumber: "Z-778899", birthDate: "1965-03-01", images: 2 },
    ]);
    expect(await deeds("images.turned_away")).toEqual([]);
    const trail = JSON.stringify([
      await admin`select * from audit_event where study_id = ${study.studyId}`,
      await admin`select * from audit_change where study_id = ${study.studyId} and table_name like 'inbox%'`,
      await admin`select * from inbox_image where study_id = ${study.studyId}`,
      await admin`select * from inbox_study where study_id = ${study.studyId}`,
    ]);
    expect(trail).toContain("inbox_study");
    for (const word of ["Z-778899", "Sun^Patient", "Moon^Other", "1.2.8."])
      for (const place of [trail, ...stored().map(({ text }) => text)]) expect(place).not.toContain(word);
  });

  test("are told to a coordinator of their site once it is noted that somebody looks, and to nobody else", async () => {
    await receive(image());
    const [elsewhere] =
      await admin`insert into site (study_id, name) values (${study.studyId}, 'Elsewhere') returning id`;
    const at = (siteId: string) => async (actor: StudyActor) => {
      await admin`update membership set site_id = ${siteId} where id = ${actor.membershipId}`;
      return { ...actor, siteId };
    };
    const seen = (actor: StudyActor) =>
      door
        .withActor(actor, async (tx) => [...(await tx.execute(sql`select * from inbox_image`))].length)
        .catch(({ code }: { code?: string }) => code);
    const told = (actor: StudyActor) =>
      door
        .withActor(actor, async (tx) => [...(await tx.execute(sql`select * from nw.inbox()`))].length)
        .catch(({ code }: { code?: string }) => code);
    for (const role of studyRoles.filter((each) => each !== "coordinator")) {
      expect(await seen(study.members[role]), role).toBe("42501");
      expect(await told(study.members[role]), role).toBe("42501");
    }
    for (const role of [...studyRoles, "reader2"] as const)
      for (const table of ["inbox_identity", "inbox_identity::text"])
        expect(
          await door
            .withActor(study.members[role], (tx) =>
              tx.execute(sql.raw(`select ${table.includes(":") ? table : "*"} from inbox_identity`)),
            )
            .catch(({ code }: { code?: string }) => code),
        ).toBe("42501");
    // Before anybody looked.
    expect(await told(coordinator)).toBe(0);
    const far = await at((elsewhere as { id: string }).id)(coordinator);
    expect(await waiting(far)).toEqual([]);
    expect(await seen(far)).toBe(0);
    expect(await door.withActor(far, (tx) => countInbox(tx, far))).toBe(0);
    expect(await deeds("inbox.viewed")).toEqual([]);
    const near = await at(study.siteId)(coordinator);
    expect(await waiting(near)).toMatchObject([{ name: "Sun^Patient" }]);
    expect(await seen(near)).toBe(1);
    expect(await told(near)).toBe(1);
    expect(await door.withActor(near, (tx) => countInbox(tx, near))).toBe(1);
    expect(await deeds("inbox.viewed")).toHaveLength(1);
  });
});

describe("a person who knows whose they are", () => {
  test("puts them into the exam, each as if it had come for it; who they said they are of is forgotten, and what waited is deleted", async () => {
    // Two of the number of the subject: one waits because its day has no exam.
    const own = { PatientID: `H-${seeds}`, StudyDate: "20260203" };
    const files = [image(own), image(own), image({ ...own, BurnedInAnnotation: "YES" })];
    expect(await receive(...files)).toEqual(["waiting", "waiting", "waiting"]);
    const before = (await admin`select sha256 from inbox_image where study_id = ${study.studyId}`).map(
      (row) => row.sha256,
    );
    const counts = await matchInbox(coordinator, { inboxId: await only(), examId: exam.id, by: "person" });
    expect(counts).toEqual({ accepted: 2, known: 0, held: 1, refused: 0 });
    expect(await rows()).toEqual({ images: 3, holds: 1, received: 3, identities: 0 });
    expect(await waiting()).toEqual([]);
    expect(await deeds("inbox.matched")).toMatchObject([
      { role: "nw_coordinator", detail: { by: "person", accepted: 2 } },
    ]);
    // The same bytes as if they had been dropped into the exam: the same file is known.
    const { uploadId } = await door.withActor(coordinator, (tx) =>
      beginUpload(tx, coordinator, { examId: exam.id, source: "browser" }),
    );
    for (const [at, bytes] of files.entries())
      expect(await takeFile(coordinator, { uploadId, ordinal: at + 1, bytes })).toMatchObject({ outcome: "known" });
    expect(await receive(...files)).toEqual(["known", "known", "known"]);
    const named = () => stored().map(({ name }) => name);
    expect(named()).toEqual(expect.arrayContaining(before));
    await sweep();
    expect(named().filter((name) => before.includes(name))).toEqual([]);
    const kept = await admin`select sha256 from image_instance where study_id = ${study.studyId}`;
    expect(named()).toEqual(expect.arrayContaining(kept.map(({ sha256 }) => sha256)));
  });

  test("sees those held that say they are of somebody else", async () => {
    await receive(image({ PatientName: "Moon^Other" }));
    expect(await matchInbox(coordinator, { inboxId: await only(), examId: exam.id, by: "person" })).toMatchObject({
      held: 1,
    });
  });

  test("loses none that comes meanwhile", async () => {
    const files = Array.from({ length: 12 }, () => image({ PatientID: `H-${seeds}`, StudyDate: "20260203" }));
    await receive(...files.slice(0, 4));
    const inboxId = await only();
    const [, outcomes] = await Promise.all([
      matchInbox(coordinator, { inboxId, examId: exam.id, by: "person" }),
      receive(...files.slice(4)),
    ]);
    expect(new Set(outcomes)).toEqual(new Set(["waiting"]));
    for (const { inboxId: left } of await waiting())
      await matchInbox(coordinator, { inboxId: left, examId: exam.id, by: "person" });
    expect(await rows()).toMatchObject({ images: files.length, identities: 0 });
  });

  test("puts them into one exam, and turns none away meanwhile; what broke off goes on into the same, and two who choose the same are both told", async () => {
    await receive(...Array.from({ length: 6 }, () => image({ PatientID: `H-${seeds}`, StudyDate: "20260203" })));
    const inboxId = await only();
    const [another] = await admin`insert into exam (study_id, subject_id, performed_on, scanner, recorded_by)
      select study_id, subject_id, '2026-03-03', scanner, recorded_by from exam where id = ${exam.id} returning id`;
    const match = (examId: string) => matchInbox(coordinator, { inboxId, examId, by: "person" });
    const turnAway = () =>
      door.withActor(coordinator, (tx) => turnAwayInbox(tx, coordinator, { inboxId, reason: "No patient of ours" }));
    const goesElsewhere = { constraint: "inbox_goes_elsewhere" };
    // As a process leaves it that is killed in the middle.
    await door.withActor(coordinator, (tx) =>
      tx.execute(sql`select nw.begin_match(${inboxId}, ${exam.id}, gen_random_uuid())`),
    );
    await expect(match(another?.id)).rejects.toMatchObject(goesElsewhere);
    await expect(turnAway()).rejects.toMatchObject(goesElsewhere);
    const both = await Promise.all([match(exam.id), match(exam.id)]);
    expect(both.map(({ accepted, known }) => accepted + known)).toEqual([6, 6]);
    expect(await rows()).toMatchObject({ images: 6, identities: 0 });
    const [left] = await admin`select count(*)::int as n from inbox_match where study_id = ${study.studyId}`;
    expect(left).toEqual({ n: 0 });
    expect(await deeds("inbox.matched")).toHaveLength(1);
  });

  test("is under way until the last of several who began is done; nobody ends what another began, and what broke off is nobody's an hour later", async () => {
    await receive(image());
    const inboxId = await only();
    const [first, theirs] = [crypto.randomUUID(), crypto.randomUUID()];
    const run = (actor: StudyActor, statement: SQL) => door.withActor(actor, (tx) => tx.execute(statement));
    const turnAway = () =>
      door.withActor(coordinator, (tx) => turnAwayInbox(tx, coordinator, { inboxId, reason: "No patient of ours" }));
    const goesElsewhere = { constraint: "inbox_goes_elsewhere" };
    await run(coordinator, sql`select nw.begin_match(${inboxId}, ${exam.id}, ${first})`);
    await run(importer, sql`select nw.begin_match(${inboxId}, ${exam.id}, ${theirs})`);
    await run(importer, sql`select nw.end_match(${inboxId}, ${theirs})`);
    await run(importer, sql`select nw.end_match(${inboxId}, ${first})`);
    await expect(turnAway()).rejects.toMatchObject(goesElsewhere);
    await admin`update inbox_match set begun_at = now() - interval '61 minutes' where inbox_id = ${inboxId}`;
    await turnAway();
    expect(await waiting()).toEqual([]);
    await expect(
      run(coordinator, sql`select nw.begin_match(${inboxId}, ${exam.id}, gen_random_uuid())`),
      "whoever looked before it was turned away",
    ).rejects.toMatchObject({ constraint: "inbox_is_decided" });
  });

  test("is said to be there by nobody who did not put it there", async () => {
    await receive(image(), image());
    const inboxId = await only();
    const say = () =>
      door.withActor(coordinator, (tx) =>
        tx.execute(
          sql`insert into inbox_outcome (inbox_id, study_id, outcome, exam_id) values (${inboxId}, ${study.studyId}, 'matched', ${exam.id})`,
        ),
      );
    await expect(say()).rejects.toMatchObject({ constraint: "inbox_not_in_exam" });
    await door.withActor(coordinator, (tx) => beginUpload(tx, coordinator, { examId: exam.id, source: "network" }));
    await expect(say()).rejects.toMatchObject({ constraint: "inbox_not_in_exam" });
    expect(await rows()).toMatchObject({ images: 0, identities: 1 });
    await matchInbox(coordinator, { inboxId, examId: exam.id, by: "person" });
    expect(await rows(), "control").toMatchObject({ images: 2, identities: 0 });
  });

  test("keeps what an exam refuses, which somebody may turn away then", async () => {
    const own = { PatientID: `H-${seeds}`, StudyDate: "20260203" };
    const file = image(own);
    await receive(file);
    const { uploadId } = await door.withActor(coordinator, (tx) =>
      beginUpload(tx, coordinator, { examId: exam.id, source: "browser" }),
    );
    // Other pixels under the name of the one that waits.
    const named = { ...own, SOPInstanceUID: `1.2.3.${images}`, PixelData: new Array(16).fill(7) };
    expect(await takeFile(coordinator, { uploadId, ordinal: 1, bytes: image(named) })).toMatchObject({
      outcome: "accepted",
    });
    const inboxId = await only();
    expect(await matchInbox(coordinator, { inboxId, examId: exam.id, by: "person" })).toMatchObject({ refused: 1 });
    expect(await waiting()).toHaveLength(1);
    await door.withActor(coordinator, (tx) => turnAwayInbox(tx, coordinator, { inboxId, reason: "Twice" }));
    expect(await waiting()).toEqual([]);
  });

  test("turns them away with a reason, once; sent again, they wait again", async () => {
    const file = image();
    await receive(file);
    const inboxId = await only();
    const turnAway = () =>
      door.withActor(coordinator, (tx) => turnAwayInbox(tx, coordinator, { inboxId, reason: "No patient of ours" }));
    await turnAway();
    expect(await rows()).toEqual({ images: 0, holds: 0, received: 1, identities: 0 });
    expect(await deeds("inbox.turned_away")).toMatchObject([{ reason: "No patient of ours", detail: { images: 1 } }]);
    await expect(turnAway()).rejects.toThrow(/decided/);
    await expect(matchInbox(coordinator, { inboxId, examId: exam.id, by: "person" })).rejects.toThrow(/do not wait/);
    await sweep();
    expect(await receive(file)).toEqual(["waiting"]);
    expect(await waiting()).toHaveLength(1);
  });

  test("puts none into an exam after the lock, and turns them away still, so that who they are of is forgotten", async () => {
    await receive(image());
    const inboxId = await only();
    const pi = study.members.principal_investigator;
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    await expect(matchInbox(coordinator, { inboxId, examId: exam.id, by: "person" })).rejects.toThrow(/locked/);
    await expect(receive(image())).rejects.toThrow(/locked/);
    expect(await rows()).toMatchObject({ images: 0, received: 1, identities: 1 });
    await door.withActor(coordinator, (tx) => turnAwayInbox(tx, coordinator, { inboxId, reason: "Too late" }));
    expect(await rows()).toMatchObject({ identities: 0 });
  });

  test("sees also those of which no image was stored in the end, and turns them away", async () => {
    await door.withActor(importer, (tx) =>
      tx.execute(sql`select nw.wait_in_inbox('2.25.9', 'x', 'Sun^Patient', 'Z-1', '', '')`),
    );
    expect(await waiting()).toMatchObject([{ name: "Sun^Patient", images: 0 }]);
    const inboxId = await only();
    await door.withActor(coordinator, (tx) => turnAwayInbox(tx, coordinator, { inboxId, reason: "Nothing came" }));
    expect(await rows()).toMatchObject({ identities: 0 });
  });

  test("puts them into no exam of another site", async () => {
    await receive(image());
    const inboxId = await only();
    const [elsewhere] =
      await admin`insert into site (study_id, name) values (${study.studyId}, 'Elsewhere') returning id`;
    await admin`update subject set site_id = ${(elsewhere as { id: string }).id} where study_id = ${study.studyId}`;
    await expect(matchInbox(coordinator, { inboxId, examId: exam.id, by: "person" })).rejects.toThrow(/another site/);
    expect(await rows()).toMatchObject({ images: 0, identities: 1 });
    await expect(
      door.withActor(coordinator, (tx) =>
        tx.execute(
          sql`insert into inbox_outcome (inbox_id, study_id, outcome, exam_id) values (${inboxId}, ${study.studyId}, 'matched', ${exam.id})`,
        ),
      ),
    ).rejects.toThrow(/another site/);
    // Of no site is whoever coordinators of every site screened: they see these alone.
    await admin`update subject set site_id = null where study_id = ${study.studyId}`;
    expect(await matchInbox(coordinator, { inboxId, examId: exam.id, by: "person" })).toMatchObject({ held: 1 });
  });
});

test("the rule puts them into their exam once it is recorded, and leaves what still fits none", async () => {
  await receive(
    image({ PatientID: `H-${seeds}`, StudyDate: "20260203" }),
    image({ PatientID: "Z-1", StudyInstanceUID: "1.2.8.1" }),
  );
  expect(await matchByRule(importer, new Set())).toBe(0);
  await admin`insert into exam (study_id, subject_id, performed_on, scanner, recorded_by)
    select study_id, subject_id, '2026-02-03', scanner, recorded_by from exam where id = ${exam.id}`;
  expect(await matchByRule(importer, new Set())).toBe(1);
  expect(await rows()).toEqual({ images: 1, holds: 0, received: 2, identities: 1 });
  expect(await waiting()).toMatchObject([{ hospitalNumber: "Z-1" }]);
  expect(await deeds("inbox.matched")).toMatchObject([{ role: "nw_importer", detail: { by: "rule", accepted: 1 } }]);
});
