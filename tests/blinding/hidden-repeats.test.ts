import { sql } from "drizzle-orm";
import { NextRequest } from "next/server";
import postgres from "postgres";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { GET, POST } from "@/app/api/trpc/[trpc]/route";
import type { StudyActor } from "@/server/door";
import { lockStudy } from "@/server/services/lock/lock-study";
import { submitRead } from "@/server/services/reading/submit-read";
import { freshDatabase } from "../support/database";
import { protocolThatReads } from "../support/practice";
import { addPatient, draw, type MadeStudy, makeStudy, noSign, readOf } from "../support/study";
import { signInAs } from "./asking";

/*
 * A list has some cases twice, and its reader looks for them: by SQL of one's own, and in what the browser gets. Nothing but the picture itself is the same. Control: after the lock
 * whoever leads the study is told which they are.
 */

vi.mock("@/server/auth", async () => (await import("./asking")).auth);
vi.mock("next/headers", async () => (await import("./asking")).nextHeaders);

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

/** Five nodes of three planes, three of the fifteen images twice. */
const repeats = 3;
const total = 15 + repeats;
let study: MadeStudy;
let reader: StudyActor;

beforeEach(async () => {
  study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: await protocolThatReads(`repeats: { cases: ${repeats}, apart: 5 }`),
  });
  ({ reader } = study.members);
  for (let seed = 1; seed <= 5; seed++)
    await addPatient(door, study, { name: `Patient ${seed}`, shortAxisMm: 4 + seed, positive: seed % 2 === 0, seed });
  await draw(door, study);
});

/** The places of the reader's first list that are repeats, each with the one that it repeats. */
const repeated = () =>
  admin<{ first: number; again: number }[]>`
    select f.position as first, a.position as again from reading_list l join reading_slot a on a.list_id = l.id and a.occasion = 2
      join reading_slot f on f.list_id = l.id and f.case_id = a.case_id and f.occasion = 1
     where l.membership_id = ${reader.membershipId} and l.condition_key = 'cohort-1' order by a.position`;

/** What stands in an answer, by its path. */
function leavesOf(value: unknown, path = ""): [path: string, value: unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, `${path}.${name}`));
}

/** The paths at which two answers say the same, of those at which not all do. */
function sharedBy(answers: readonly unknown[], first: number, again: number): string[] {
  const leaves = answers.map((answer) => new Map(leavesOf(answer)));
  const [one, other] = [leaves[first - 1], leaves[again - 1]];
  if (!one || !other) throw new Error("there is no such place");
  return [...one.keys()].filter(
    (path) => one.get(path) === other.get(path) && new Set(leaves.map((each) => each.get(path))).size > 1,
  );
}

test("by SQL a case that is shown once more has nothing of the first time but its plane: no file, no hash, no id, no count", async () => {
  const ask = <Row extends Record<string, unknown>>(query: ReturnType<typeof sql>) =>
    door.withActor(reader, async (tx) => [...(await tx.execute<Row>(query))]);
  const answers = [];
  const said: unknown[] = [];
  for (let place = 1; place <= total; place++) {
    said.push(await ask(sql`select nw.open_case('current') as x`));
    const [shown] = await ask<{ slot_id: string }>(sql`select * from nw.current_case()`);
    answers.push(shown);
    expect(await ask(sql`select position, total from nw.current_case()`)).toEqual([{ position: place, total }]);
    expect(await ask(sql`select total, done, state from nw.my_lists() where condition_key = 'cohort-1'`)).toEqual([
      { total, done: place - 1, state: "open" },
    ]);
    said.push(
      await ask(sql`select nw.submit_read(${shown?.slot_id ?? null}::uuid, gen_random_uuid(), ${noSign}) as x`),
    );
    said.push(await ask(sql`select nw.open_case('previous') as x`));
  }
  const pairs = await repeated();
  expect(pairs).toHaveLength(repeats);
  for (const { first, again } of pairs)
    expect(sharedBy(answers, first, again).filter((path) => !path.endsWith(".plane"))).toEqual([]);
  // Each place is answered for alike, and each value that is no number of its place stands at one place alone.
  const keys = answers.map((answer) => leavesOf(answer).map(([path]) => path));
  expect(new Set(keys.map((each) => each.join())).size).toBe(1);
  expect(said).toEqual(
    Array.from({ length: total }, (_, at) => [[{ x: true }], [{ x: "accepted" }], [{ x: at + 1 < total }]]).flat(),
  );
  const [signing] = await ask<{ reads: number }>(sql`select reads from nw.my_signatures()`);
  expect(signing?.reads).toBe(total);
  // Control: were files handed out under their names, the repeats would be found by them.
  const files = await admin<{ sha256: string }[]>`
    select w.sha256 from reading_list l join reading_slot s on s.list_id = l.id join case_crop k on k.case_id = s.case_id join crop_canvas w on w.crop_id = k.crop_id
     where l.membership_id = ${reader.membershipId} and l.condition_key = 'cohort-1'`;
  expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(total - repeats);
  const names = answers.flatMap((answer) =>
    leavesOf(answer).flatMap(([path, x]) => (path.endsWith(".sha256") ? [x] : [])),
  );
  expect(new Set(names).size).toBe(total);
  expect(names.some((name) => files.some(({ sha256 }) => sha256 === name))).toBe(false);
});

test("over the wire nothing is the same but the picture, its plane and its sides, and no header and no length differs", async () => {
  signInAs(reader);
  const headers = { host: "localhost", origin: "http://localhost", "content-type": "application/json" };
  const of = { json: { study: study.slug } };
  const address = "http://localhost/api/trpc";
  const open = () =>
    POST(new NextRequest(`${address}/reading.open`, { method: "POST", headers, body: JSON.stringify(of) }), {});
  const mine = () =>
    GET(new NextRequest(`${address}/reading.mine?input=${encodeURIComponent(JSON.stringify(of))}`, { headers }), {});
  const answers = [];
  const outside = [];
  for (let place = 1; place <= total; place++) {
    const answer = await open();
    const text = await answer.text();
    const body = JSON.parse(text).result.data.json;
    const lists = JSON.parse(await (await mine()).text()).result.data.json;
    answers.push(body);
    outside.push(JSON.stringify([...answer.headers]));
    expect(body).toMatchObject({ position: place, total });
    expect(lists[0]).toMatchObject({ total, done: place - 1 });
    expect(text).not.toMatch(/repeat|occasion|again/i);
    await door.withActor(reader, (tx) => submitRead(tx, reader, readOf(body.slotId)));
  }
  for (const { first, again } of await repeated())
    expect(sharedBy(answers, first, again).filter((path) => !/\.plane$/.test(path))).toEqual([".crops.0.image"]);
  expect(new Set(outside).size).toBe(1);
  expect(new Set(answers.map((answer) => Object.keys(answer).join())).size).toBe(1);
  expect(new Set(answers.map(({ crops }) => crops[0].image.length)).size).toBe(1);
});

test("before the lock nobody is told which places are repeats, and after it whoever leads the study is", async () => {
  const { principal_investigator: pi, coordinator, monitor, data_scientist: scientist } = study.members;
  const places = sql`select count(*)::int as n from reading_slot where occasion = 2`;
  const seen = async (actor: StudyActor) => {
    try {
      return Number((await door.withActor(actor, (tx) => tx.execute(places)))[0]?.n);
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  const all = [reader, pi, coordinator, monitor, scientist];
  expect(await Promise.all(all.map(seen))).toEqual(["42501", 0, "42501", "42501", 0]);
  // What a draw, the trail and the progress say, they say of a list as a whole.
  const told = await door.withActor(pi, (tx) =>
    tx.execute<{ detail: unknown }>(sql`select detail from audit_event where action = 'schedule.drawn'`),
  );
  expect(told[0]?.detail).toMatchObject({ cases: total - repeats });
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
  expect(await Promise.all(all.map(seen))).toEqual(["42501", 4 * repeats, "42501", "42501", 4 * repeats]);
});
