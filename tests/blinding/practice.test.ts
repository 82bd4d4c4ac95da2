import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { freshDatabase } from "../support/database";
import { bringPractice, practisedProtocol } from "../support/practice";
import { drawnPractice } from "../support/practice-folder";
import { addPatient, draw, type MadeStudy, makeStudy } from "../support/study";

/*
 * A reader who practises with raw SQL: the truth of a case before it is answered for good, real reading before the practice is passed. Control: the same statements, each in a
 * transaction that ended, tell the truth and open the list.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const cases = 3;
let study: MadeStudy;
let reader: StudyActor;

beforeEach(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner, source: await practisedProtocol("{ passMark: 1 }") });
  ({ reader } = study.members);
  await addPatient(door, study, { name: "Patient 1", shortAxisMm: 5, positive: false, seed: 1 });
  await draw(door, study);
  await bringPractice(study.slug, drawnPractice(cases));
  await door.withActor(reader, (tx) => tx.execute(sql`select nw.begin_practice('cohort-1')`));
});

const inHand = async (tx: Tx) => {
  const [shown] = await tx.execute<{ slot_id: string }>(sql`select slot_id from nw.practice_in_hand('cohort-1')`);
  return shown?.slot_id ?? null;
};
const answeredLast = async (tx: Tx) => {
  const [shown] = await tx.execute<{ slot_id: string }>(sql`select slot_id from nw.practice_answered_last('cohort-1')`);
  return shown?.slot_id ?? null;
};
/** No sign is present, so the rule proposes a negative call. */
const noSign = `{"irregular_border": false, "heterogeneous_signal": false, "round_shape": false}`;
const submit = (slot: string, call: string) =>
  sql`select nw.submit_practice('cohort-1', ${slot}::uuid, ${randomUUID()}::uuid, ${noSign}::jsonb, 'esgar-2016', 'negative', ${call}::call, 'why', 50, 10, null, null)`;
const answers = (slot: string) => sql`select * from nw.practice_answer(${slot}::uuid)`;
const truthOf = async (slot: string) => {
  const [row] =
    await admin`select c.truth from practice_case c join practice_round r using (study_id, set_number) where nw.practice_slot(r.id, c.id) = ${slot}`;
  return String(row?.truth);
};
const stateOf = async (tx: Tx) => {
  const [list] = await tx.execute<{ state: string }>(
    sql`select state from nw.my_lists() where condition_key = 'cohort-1'`,
  );
  return list?.state;
};

const undone = new Error("undone");
const andUndo = (work: (tx: Tx) => Promise<void>) =>
  door
    .withActor(reader, async (tx) => {
      await work(tx);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });

test("in the transaction that answers, or one that is undone, no truth is told; control: it is in the next", async () => {
  let slot = "";
  await andUndo(async (tx) => {
    slot = (await inHand(tx)) ?? "";
    expect([...(await tx.execute(answers(slot)))], "not answered").toEqual([]);
    await tx.execute(submit(slot, "positive"));
    expect([...(await tx.execute(answers(slot)))], "answered here").toEqual([]);
    expect(await answeredLast(tx), "it is shown again, without what it is").toBe(slot);
    await tx
      .transaction(async (savepoint) => {
        await savepoint.execute(submit((await inHand(savepoint)) ?? "", "negative"));
        expect([...(await savepoint.execute(answers(slot)))], "in a savepoint").toEqual([]);
        throw undone;
      })
      .catch(() => {});
  });
  expect(await door.withActor(reader, (tx) => inHand(tx)), "nothing was answered").toBe(slot);
  await door.withActor(reader, (tx) => tx.execute(submit(slot, "positive")));
  const told = await door.withActor(reader, async (tx) => [...(await tx.execute(answers(slot)))]);
  expect(told).toEqual([
    { criteria: JSON.parse(noSign), truth: await truthOf(slot), decided: "positive", explanation: expect.any(String) },
  ]);
});

test("of two that answer at once one is taken, and the answer is not given otherwise once it is told", async () => {
  const slot = (await door.withActor(reader, (tx) => inHand(tx))) ?? "";
  const both = await Promise.allSettled(
    ["positive", "negative"].map((call) => door.withActor(reader, (tx) => tx.execute(submit(slot, call)))),
  );
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  await expect(door.withActor(reader, (tx) => tx.execute(submit(slot, "negative")))).rejects.toMatchObject({
    constraint: "practice_not_in_hand",
  });
});

test("practice that is passed in a transaction opens nothing in it; control: the next opens the list", async () => {
  const passAll = async (tx: Tx) => {
    for (let slot = await inHand(tx); slot; slot = await inHand(tx))
      await tx.execute(submit(slot, await truthOf(slot)));
  };
  await andUndo(async (tx) => {
    await passAll(tx);
    expect(await stateOf(tx)).toBe("practice");
    const [opened] = await tx.execute<{ there: boolean }>(sql`select nw.open_case('current') as there`);
    expect(opened?.there).toBe(false);
  });
  expect(await door.withActor(reader, stateOf)).toBe("practice");
  await door.withActor(reader, passAll);
  expect(await door.withActor(reader, stateOf)).toBe("open");
  const [opened] = await door.withActor(reader, (tx) =>
    tx.execute<{ there: boolean }>(sql`select nw.open_case('current') as there`),
  );
  expect(opened?.there).toBe(true);
});

test("before it is passed no function hands out a case of the study, by whatever name of it", async () => {
  const places = await admin`
    select s.id from reading_slot s join reading_list l on l.id = s.list_id where l.membership_id = ${reader.membershipId}`;
  expect(places.length).toBeGreaterThan(0);
  await door.withActor(reader, async (tx) => {
    for (const turn of ["current", "previous"])
      expect([...(await tx.execute(sql`select nw.open_case(${turn}) as there`))]).toEqual([{ there: false }]);
    for (const call of ["current_case()", "previous_case()", ...places.map(({ id }) => `case_in_hand('${id}')`)])
      expect([...(await tx.execute(sql.raw(`select * from nw.${call}`)))], call).toEqual([]);
  });
  expect(await admin`select 1 from reading_view where study_id = ${study.studyId}`).toHaveLength(0);
});

test("of a round of another, nothing is told or taken", async () => {
  const { reader2 } = study.members;
  const slot = (await door.withActor(reader, (tx) => inHand(tx))) ?? "";
  await door.withActor(reader, (tx) => tx.execute(submit(slot, "positive")));
  expect(await door.withActor(reader2, async (tx) => [...(await tx.execute(answers(slot)))])).toEqual([]);
  expect(await door.withActor(reader2, answeredLast)).toBeNull();
  expect(await door.withActor(reader, answeredLast), "control").toBe(slot);
  const next = (await door.withActor(reader, (tx) => inHand(tx))) ?? "";
  await expect(door.withActor(reader2, (tx) => tx.execute(submit(next, "positive")))).rejects.toMatchObject({
    constraint: "practice_not_in_hand",
  });
});
