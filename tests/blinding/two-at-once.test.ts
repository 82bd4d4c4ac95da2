import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tx } from "@/db/actor";
import { openCase } from "@/server/services/reading/open-case";
import { freshDatabase } from "../support/database";
import { addPatient, draw, type MadeStudy, makeStudy, submitBy } from "../support/study";

/*
 * One reader on several connections at once, who lets one of them go on to the next case and does not end it: no two cases are in hand at a time.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  for (const seed of [1, 2])
    await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 5, positive: true, seed });
  await draw(door, study);
});

const open = sql`select nw.open_case('current')`;
const submit = (slot: string) => submitBy("submit_read", slot);
const answer = (slot: string) => submitBy("submit_answer", slot);
/** The places in hand, as a transaction sees them. */
const inHand = async (tx: Tx): Promise<string[]> =>
  (await tx.execute<{ slot_id: string }>(sql`select slot_id from nw.current_case()`)).map(({ slot_id }) => slot_id);
/** How many places were noted as shown. */
const views = async () => Number((await admin`select count(distinct slot_id) from reading_view`)[0]?.count);

test("of many requests at once each has the same case, and it is noted as shown once", async () => {
  const shown = await Promise.all(Array.from({ length: 8 }, () => openCase(study.members.reader)));
  expect(new Set(shown.map((each) => each?.slotId)).size).toBe(1);
  expect(await views()).toBe(1);
  expect(await admin`select from reading_view`).toHaveLength(1);
});

test("while a transaction that read goes on, neither it nor another has the next case; control: once it has ended both have", async () => {
  const { reader } = study.members;
  const asReader = <T>(work: (tx: Tx) => Promise<T>) => door.withActor(reader, work);
  const first = (await openCase(reader))?.slotId ?? "";
  const before = await views();
  const seen = new Set<string>();
  const note = async (tx: Tx) => {
    for (const slot of await inHand(tx)) seen.add(slot);
  };
  const others: Promise<unknown>[] = [];
  const meanwhile: SQL[][] = [[], [open], [submit(first)], [submit(first), open], [answer(first), open]];
  await asReader(async (tx) => {
    for (const statement of [submit(first), open]) {
      await tx.execute(statement);
      await note(tx);
    }
    // Those that wait for it have to; what they see they see before it ends, or not at all.
    let ended = false;
    for (const statements of meanwhile)
      others.push(
        asReader(async (other) => {
          for (const statement of statements) await other.execute(statement);
          if (!ended) await note(other);
        }).catch(() => {}),
      );
    await new Promise((later) => setTimeout(later, 500));
    ended = true;
    expect([...seen]).toEqual([first]);
  });
  await Promise.all(others);
  expect(await views(), "the next is noted as shown, and no other").toBe(before + 1);
  const [next] = await Promise.all([openCase(reader), openCase(reader)]);
  expect(next?.slotId).not.toBe(first);
  expect(await asReader(inHand), "control").toEqual([next?.slotId]);
});
