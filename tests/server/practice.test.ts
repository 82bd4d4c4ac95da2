import { rm } from "node:fs/promises";
import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { SubmitPractice } from "@/server/schemas/practice";
import { lockStudy } from "@/server/services/lock/lock-study";
import { beginPractice } from "@/server/services/practice/begin-practice";
import { findAnswer } from "@/server/services/practice/find-answer";
import { importPractice } from "@/server/services/practice/import-practice";
import { listPractice } from "@/server/services/practice/list-practice";
import { myPractice } from "@/server/services/practice/my-practice";
import { openPractice } from "@/server/services/practice/open-practice";
import { submitPractice } from "@/server/services/practice/submit-practice";
import { listProgress } from "@/server/services/reading/list-progress";
import { myLists } from "@/server/services/reading/my-lists";
import { openCase } from "@/server/services/reading/open-case";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { bringPractice, practisedProtocol } from "@/tests/support/practice";
import { drawnPractice, practiceFolder } from "@/tests/support/practice-folder";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, readOf } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;

/** Past every door: what really stands in the tables. */
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const first = "cohort-1";
const second = "cohort-2";
const cases = 4;

/** A study with two patients, its lists drawn, whose protocol asks for practice with three of four right. */
async function studyWith(practice?: string, source?: string): Promise<MadeStudy> {
  const made = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source ?? (await practisedProtocol(practice)),
  });
  for (const seed of [1, 2])
    await addPatient(door, made, { name: `Patient ${seed}`, shortAxisMm: 4 + seed, positive: seed === 1, seed });
  await draw(door, made);
  return made;
}

const states = async (reader: StudyActor) =>
  (await door.withActor(reader, (tx) => myLists(tx, reader))).map(({ state }) => state);
const standing = async (reader: StudyActor, condition = first) =>
  (await door.withActor(reader, (tx) => myPractice(tx, reader))).find((each) => each.condition.key === condition);
const open = (reader: StudyActor, condition = first) =>
  door.withActor(reader, (tx) => openPractice(tx, reader, { condition }));
const lastOf = async (reader: StudyActor, condition = first) =>
  (await door.withActor(reader, (tx) => openPractice(tx, reader, { condition, withLast: true }))).last;
const begin = (reader: StudyActor, condition = first) => door.withActor(reader, (tx) => beginPractice(tx, condition));
const submit = (reader: StudyActor, read: SubmitPractice) =>
  door.withActor(reader, (tx) => submitPractice(tx, reader, read));
const answerTo = (reader: StudyActor, slotId: string) => door.withActor(reader, (tx) => findAnswer(tx, slotId));
const followed = ({ members: { monitor } }: MadeStudy) => door.withActor(monitor, (tx) => listPractice(tx, monitor));

/** A read that calls a case so, with a reason where the rule says otherwise. */
const called = (slotId: string, call: "positive" | "negative", condition = first): SubmitPractice => ({
  ...readOf(slotId, { call, overrideReason: "It looks so" }),
  condition,
});

/** The truth of a practice case in hand, as only the tables know it. */
async function truthOf(slotId: string): Promise<"positive" | "negative"> {
  const [row] = await admin`
    select c.truth from practice_case c join practice_round r using (study_id, set_number) where nw.practice_slot(r.id, c.id) = ${slotId}`;
  return row?.truth;
}

/** Goes through a round with this many right calls; returns the places in their order. */
async function practise(reader: StudyActor, right: number, condition = first): Promise<string[]> {
  await begin(reader, condition);
  const slots: string[] = [];
  for (;;) {
    const { opened } = await open(reader, condition);
    if (!opened) return slots;
    const truth = await truthOf(opened.slotId);
    const wrong = truth === "positive" ? "negative" : "positive";
    await submit(reader, called(opened.slotId, slots.length < right ? truth : wrong, condition));
    slots.push(opened.slotId);
  }
}

describe("where the protocol asks for practice", () => {
  test("real reading waits in every condition until its practice is passed; others are told how it ended, and no call", async () => {
    const study = await studyWith();
    const { reader } = study.members;
    await bringPractice(study.slug, drawnPractice(cases));
    expect(await states(reader)).toEqual(["practice", "waiting"]);
    expect(await openCase(reader)).toBeNull();
    expect(await standing(reader)).toMatchObject({ passMark: 0.75, cases, round: 0, done: 0, passedRound: null });

    await practise(reader, 2);
    expect(await standing(reader)).toMatchObject({ round: 1, done: cases, correct: 2, passedRound: null });
    expect(await openCase(reader)).toBeNull();
    const readers = (await followed(study)).readers;
    expect(readers.map(({ readerCode, condition, rounds, passed }) => [readerCode, condition, rounds, passed])).toEqual(
      [
        ["R2", "Cohort 1", 1, null],
        ["R2", "Cohort 2", 0, null],
        ["R3", "Cohort 1", 0, null],
        ["R3", "Cohort 2", 0, null],
      ],
    );

    await practise(reader, 3);
    expect(await states(reader)).toEqual(["open", "waiting"]);
    expect(await openCase(reader)).not.toBeNull();
    expect((await followed(study)).readers[0]?.passed).toEqual({ round: 2, correct: 3, total: cases });

    await readCases(door, reader, 6);
    expect(await states(reader)).toEqual(["complete", "practice"]);
    expect(await openCase(reader)).toBeNull();
    await practise(reader, 4, second);
    expect(await states(reader)).toEqual(["complete", "open"]);
    expect(await openCase(reader)).not.toBeNull();
  });

  test("a case tells its truth once the read of it is stored, and not before", async () => {
    const study = await studyWith();
    const { reader, reader2 } = study.members;
    await bringPractice(study.slug, drawnPractice(cases));
    await begin(reader);
    const { opened } = await open(reader);
    if (!opened) throw new Error("no practice case is open");
    expect(JSON.stringify(opened)).not.toMatch(/truth|Why P|"P\d/);
    await expect(answerTo(reader, opened.slotId)).rejects.toThrow(AppError);
    const truth = await truthOf(opened.slotId);
    const read = called(opened.slotId, truth);
    await submit(reader, read);
    expect(await answerTo(reader, opened.slotId)).toEqual({
      criteria: { irregular_border: false, heterogeneous_signal: false, round_shape: false },
      truth,
      decided: truth,
      explanation: expect.stringMatching(/^Why P\d is what it is$/),
    });
    // Of one's own cases alone.
    await expect(answerTo(reader2, opened.slotId)).rejects.toThrow(AppError);
    // Sent twice it is one read, and it is not given otherwise.
    await submit(reader, read);
    expect(await answerTo(reader, opened.slotId)).toMatchObject({ truth });
    await expect(submit(reader, called(opened.slotId, "negative"))).rejects.toMatchObject({
      constraint: "practice_not_in_hand",
    });
    expect(await standing(reader)).toMatchObject({ done: 1 });
  });

  test("the case answered last is told once more to whoever opens practice anew, until the next is answered, and of the newest round alone", async () => {
    const study = await studyWith();
    const { reader, reader2 } = study.members;
    await bringPractice(study.slug, drawnPractice(cases));
    await begin(reader);
    await begin(reader2);
    expect(await lastOf(reader)).toBeNull();
    const { opened } = await open(reader);
    const truth = await truthOf(opened?.slotId ?? "");
    await submit(reader, called(opened?.slotId ?? "", truth));
    expect(await lastOf(reader)).toEqual({
      opened,
      answer: { criteria: expect.any(Object), truth, decided: truth, explanation: expect.stringMatching(/^Why P/) },
    });
    expect((await open(reader)).last).toBeNull();
    expect(await lastOf(reader, second)).toBeNull();
    expect(await lastOf(reader2)).toBeNull();
    const slots = await practise(reader, 0);
    expect((await lastOf(reader))?.opened.slotId).toBe(slots.at(-1));
    await begin(reader);
    expect(await lastOf(reader)).toBeNull();
  });

  test("is shown as its condition shows: on the canvas without the size, as it came with it", async () => {
    const study = await studyWith();
    const { reader } = study.members;
    await bringPractice(study.slug, drawnPractice(cases));
    await begin(reader);
    await begin(reader, second);
    const hidden = (await open(reader)).opened;
    const shown = (await open(reader, second)).opened;
    expect(hidden).toMatchObject({
      rendering: "canvas-300-cubic-30",
      condition: { shows: [] },
      position: 1,
      total: cases,
    });
    expect(hidden).not.toHaveProperty("shortAxisMm");
    expect(shown).toMatchObject({ rendering: null, condition: { shows: ["size"] } });
    expect(shown?.shortAxisMm).toBeGreaterThanOrEqual(5);
  });

  test("a round more has another order, all rounds are kept, and none follows once it was passed", async () => {
    const study = await studyWith();
    const { reader } = study.members;
    await bringPractice(study.slug, drawnPractice(8));
    const orders = [await practise(reader, 0), await practise(reader, 1), await practise(reader, 8)];
    const names = await Promise.all(
      orders.map(async (slots) => {
        const rows = await admin`
          select nw.practice_slot(r.id, c.id) as slot, c.name from practice_round r join practice_case c using (study_id, set_number)`;
        return slots.map((slot) => rows.find((row) => row.slot === slot)?.name).join(" ");
      }),
    );
    expect(new Set(names).size).toBe(3);
    await begin(reader);
    const kept = await admin`
      select r.number, count(*)::int as reads from practice_round r join practice_read p on p.round_id = r.id where r.membership_id = ${reader.membershipId} group by 1 order by 1`;
    expect(kept.map(({ number, reads }) => [number, reads])).toEqual([
      [1, 8],
      [2, 8],
      [3, 8],
    ]);
    const [deeds] = await admin`
      select array_agg(detail order by id) as details from audit_event where study_id = ${study.studyId} and action = 'practice.ended'`;
    expect(deeds?.details[2]).toEqual({ condition: first, round: 3, correct: 8, cases: 8 });
  });

  test("without practice cases nobody can begin, and real reading waits", async () => {
    const study = await studyWith();
    const { reader } = study.members;
    await begin(reader);
    expect(await open(reader)).toMatchObject({ opened: null, standing: { cases: 0, round: 0 } });
    expect(await states(reader)).toEqual(["practice", "waiting"]);
    expect(await followed(study)).toMatchObject({ passMark: 0.75, cases: 0 });
  });

  test("of one condition alone, the others open without", async () => {
    const study = await studyWith(`{ passMark: 1, conditions: [${second}] }`);
    const { reader } = study.members;
    expect(await states(reader)).toEqual(["open", "waiting"]);
    expect(await standing(reader)).toBeUndefined();
    await expect(open(reader)).rejects.toThrow(AppError);
    expect(await standing(reader, second)).toMatchObject({ passMark: 1 });
  });

  test("two of three are 66 % and not 67: a mark of 0.66 is met by them, one of 0.67 is not", async () => {
    for (const [passMark, passedRound] of [
      [0.66, 1],
      [0.67, null],
    ]) {
      const study = await studyWith(`{ passMark: ${passMark} }`);
      await bringPractice(study.slug, drawnPractice(3));
      await practise(study.members.reader, 2);
      expect(await standing(study.members.reader)).toMatchObject({ passMark, correct: 2, total: 3, passedRound });
    }
  });

  test("a share just below the mark passes nobody, and a case that cannot be judged counts as not right", async () => {
    const source = await practisedProtocol("{ passMark: 0.76 }");
    const study = await studyWith(
      undefined,
      source.replace("  ruleSet: esgar-2016\n", "  ruleSet: esgar-2016\n  notEvaluable: { reasons: [] }\n"),
    );
    const { reader } = study.members;
    await bringPractice(study.slug, drawnPractice(cases));
    await practise(reader, 3);
    expect(await standing(reader)).toMatchObject({ correct: 3, passedRound: null });
    expect(await states(reader)).toEqual(["practice", "waiting"]);

    await begin(reader);
    const { opened } = await open(reader);
    const slotId = opened?.slotId ?? "";
    await submit(reader, {
      ...readOf(slotId, { call: null, confidence: null, notEvaluable: "Blurred" }),
      condition: first,
    });
    expect(await answerTo(reader, slotId)).toMatchObject({ decided: null });
    expect(await standing(reader)).toMatchObject({ round: 2, done: 1, correct: 0 });
  });
});

describe("a protocol that asks for practice later", () => {
  test("lets whoever has begun go on; who has not practises first, and so does everybody in a condition not begun", async () => {
    const source = await practisedProtocol();
    const plain = source.replace(", practice: { passMark: 0.75 }", "");
    const study = await studyWith(undefined, plain);
    const { reader, reader2, principal_investigator: pi } = study.members;
    await readCases(door, reader, 2);
    await door.withActor(pi, (tx) =>
      addProtocolVersion(tx, pi, {
        source: source.replace(/^version: .*$/m, 'version: "practised"'),
        reason: "Readers are to be trained",
      }),
    );
    expect(await states(reader)).toEqual(["open", "waiting"]);
    expect(await states(reader2)).toEqual(["practice", "waiting"]);
    expect(await openCase(reader)).not.toBeNull();
    expect(await openCase(reader2)).toBeNull();
    expect((await followed(study)).readers.map(({ begun }) => begun)).toEqual([true, false, false, false]);
    await readCases(door, reader, 4);
    expect(await states(reader)).toEqual(["complete", "practice"]);
  });
});

describe("practice cases", () => {
  test("come in by a table, all or none; again they change nothing, and others take their place for rounds to come", async () => {
    const study = await studyWith();
    const { reader } = study.members;
    const drawn = drawnPractice(cases);
    expect(await bringPractice(study.slug, drawn)).toMatchObject({
      rows: 4,
      cases: 4,
      set: 1,
      unchanged: false,
      warnings: [],
    });
    expect(await bringPractice(study.slug, drawn)).toMatchObject({ set: 1, unchanged: true });
    await begin(reader);
    expect(await bringPractice(study.slug, drawnPractice(6, 600))).toMatchObject({
      cases: 6,
      set: 2,
      unchanged: false,
    });
    expect((await open(reader)).opened).toMatchObject({ total: 4 });
    await practise(reader, 0);
    await begin(reader);
    expect((await open(reader)).opened).toMatchObject({ total: 6 });
  });

  test("of which a row is wrong are refused with its number: an unknown plane, a name twice, no truth", async () => {
    const study = await studyWith();
    const folder = await practiceFolder(drawnPractice(2));
    const { actor } = await studyAsCommandLine(study.slug);
    const rows = [
      "P1,oblique,P1.png,1",
      "P2,axial,P2.png,0",
      "P2,axial,P1.png,0",
      "P3,axial,P1.png,",
      "P4,axial,no.png,1",
    ];
    const refused = await importPractice(actor, {
      table: Buffer.from(["case,plane,file,truth", ...rows].join("\n")),
      folder,
    }).catch((error: unknown) => error);
    if (!(refused instanceof AppError)) throw refused;
    const said = refused.in("en").problems.join("\n");
    for (const reason of [/row 2.*oblique/, /row 4.*P2.*already \(row 3\)/, /row 5.*truth/, /row 6.*no\.png/])
      expect(said).toMatch(reason);
    expect(await admin`select 1 from practice_case where study_id = ${study.studyId}`).toHaveLength(0);
    await rm(folder, { recursive: true });
  });

  test("are no pictures of the study, whichever comes first", async () => {
    const study = await studyWith();
    const node = { seed: 1, positive: true, shortAxisMm: 5 };
    const refused = await bringPractice(study.slug, [...drawnPractice(1), { name: "theirs", ...node }]).catch(
      (error: unknown) => error,
    );
    if (!(refused instanceof AppError)) throw refused;
    expect(refused.in("en").problems.join()).toMatch(/row 3.*subject .* plane axial of this study/);
    await bringPractice(study.slug, [{ name: "later", seed: 77, positive: true, shortAxisMm: 6 }]);
    await expect(
      addPatient(door, study, { name: "Late", shortAxisMm: 6, positive: true, seed: 77 }),
    ).rejects.toMatchObject({ constraint: "picture_is_practised" });
    // Control: another picture comes in.
    await addPatient(door, study, { name: "Later", shortAxisMm: 6, positive: true, seed: 78 });
  });

  test("and reads of them are in no case, list, count, read or result of the study", async () => {
    const study = await studyWith();
    const { reader, principal_investigator: pi } = study.members;
    const before = await counts(study);
    await bringPractice(study.slug, drawnPractice(cases));
    await practise(reader, 4);
    expect(await counts(study)).toEqual(before);
    const progress = await door.withActor(pi, (tx) => listProgress(tx, pi));
    expect(progress.lists.map(({ done, total }) => [done, total])).toEqual(progress.lists.map(() => [0, 6]));
    // Nothing but the tables of practice, the trail and the files names one: no key ties them to anything else.
    const tied = await admin`
      select distinct conrelid::regclass::text as "from" from pg_constraint
       where contype = 'f' and confrelid::regclass::text in ('practice_case', 'practice_image', 'practice_round', 'practice_read') order by 1`;
    expect(tied.map(({ from }) => from)).toEqual(["practice_image", "practice_read"]);
  });

  test("end with the lock", async () => {
    const study = await studyWith();
    const { reader, principal_investigator: pi } = study.members;
    await bringPractice(study.slug, drawnPractice(cases));
    await begin(reader);
    const { opened } = await open(reader);
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    expect(await standing(reader)).toBeUndefined();
    await expect(submit(reader, called(opened?.slotId ?? "", "positive"))).rejects.toMatchObject({
      constraint: "practice_not_in_hand",
    });
    await expect(bringPractice(study.slug, drawnPractice(2, 700))).rejects.toMatchObject({ code: "locked" });
  });
});

/** Rows of everything that reading, analysis, training and the lock go by. */
async function counts({ studyId }: MadeStudy) {
  const [row] = await admin`
    select (select count(*)::int from subject where study_id = ${studyId}) as subjects, (select count(*)::int from node where study_id = ${studyId}) as nodes,
           (select count(*)::int from crop where study_id = ${studyId}) as crops, (select count(*)::int from reading_case where study_id = ${studyId}) as cases,
           (select count(*)::int from reading_slot where study_id = ${studyId}) as slots, (select count(*)::int from read where study_id = ${studyId}) as reads,
           (select count(*)::int from reading_progress where study_id = ${studyId}) as progress, (select count(*)::int from reading_view where study_id = ${studyId}) as views`;
  return row;
}
