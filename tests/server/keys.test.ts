import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { personActor } from "@/server/door";
import { chooseKeysInput } from "@/server/schemas/account";
import { chooseKeys } from "@/server/services/account/choose-keys";
import { findKeys } from "@/server/services/account/find-keys";
import { freshDatabase } from "@/tests/support/database";
import { type MadeStudy, makeStudy } from "@/tests/support/study";

/*
 * The keys that a person chose for the pages: of that person alone.
 */

const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
});

const name = "viewer_keys";
const keysOf = (personId: string) => withActor(personActor(personId), (tx) => findKeys(tx, { personId }, { name }));
const choose = (personId: string, keys: Record<string, string[]>) =>
  withActor(personActor(personId), (tx) => chooseKeys(tx, { name, keys }));

test("are remembered for the person, and the last choice counts", async () => {
  const { personId } = study.members.locating_radiologist;
  expect(await keysOf(personId)).toEqual({});
  await choose(personId, { next: ["j"], previous: ["k"] });
  await Promise.all([choose(personId, { next: ["d"] }), choose(personId, { next: ["e"] })]);
  expect([["d"], ["e"]]).toContainEqual((await keysOf(personId)).next);
  await choose(personId, { next: ["j"] });
  expect(await keysOf(personId)).toEqual({ next: ["j"] });
  expect(await keysOf(study.members.coordinator.personId)).toEqual({});
});

test("of two pages are two choices, and a page that is none has no keys", async () => {
  const { personId } = study.members.reader;
  const of = (page: "viewer_keys" | "reading_keys") =>
    withActor(personActor(personId), (tx) => findKeys(tx, { personId }, { name: page }));
  await withActor(personActor(personId), (tx) => chooseKeys(tx, { name: "reading_keys", keys: { positive: ["j"] } }));
  expect(await of("reading_keys")).toEqual({ positive: ["j"] });
  expect(await of("viewer_keys")).toEqual({});
  const insert = (page: string) =>
    withActor(personActor(personId), (tx) =>
      tx.execute(sql`insert into person_setting (name, value) values (${page}, '{}')`),
    );
  await insert("viewer_keys");
  await expect(insert("other_keys")).rejects.toMatchObject({ code: "23514" });
  expect(chooseKeysInput.safeParse({ name: "other_keys", keys: {} }).success).toBe(false);
});

test("do one thing each", async () => {
  const { personId } = study.members.monitor;
  await expect(choose(personId, { next: ["j"], previous: ["k", "j"] })).rejects.toMatchObject({
    code: "conflict",
    said: { key: "errors.key_given_twice", values: { key: "j" } },
  });
  await choose(personId, { next: ["j"], previous: ["k"] });
  expect(await keysOf(personId), "control").toEqual({ next: ["j"], previous: ["k"] });
});

test("are bounded in number and length, and what cannot be read counts as none", async () => {
  const given = (keys: unknown) => chooseKeysInput.safeParse({ name, keys }).success;
  expect(given({ next: ["j"] }), "control").toBe(true);
  expect(given({ next: [] })).toBe(false);
  expect(given({ next: ["j".repeat(21)] })).toBe(false);
  for (const deed of ["<b>", "constructor", "prototype"])
    expect(given(JSON.parse(`{ "${deed}": ["j"] }`)), deed).toBe(false);
  expect(
    given(Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x${"y".repeat(at % 40)}${at}`, ["j"]]))),
  ).toBe(false);
  const many = Object.fromEntries(Array.from({ length: 19_000 }, (_, at) => [String(at), 0]));
  const refused = chooseKeysInput.safeParse({ name, keys: many });
  expect(refused.error?.issues, "of very many none is looked at").toHaveLength(1);
  const { personId } = study.members.pathologist;
  await choose(personId, { next: ["j"] });
  await admin`update person_setting set value = '["j"]' where person_id = ${personId}`;
  expect(await keysOf(personId)).toEqual({});
  await expect(
    withActor(personActor(personId), (tx) =>
      tx.execute(sql`update person_setting set value = to_jsonb(repeat('x', 20000))`),
    ),
  ).rejects.toMatchObject({ code: "23514" });
});

test("are seen and set by nobody else, and by no role in a study", async () => {
  const { locating_radiologist: radiologist, reader, coordinator } = study.members;
  await choose(radiologist.personId, { next: ["j"] });
  const other = personActor(coordinator.personId);
  const count = (actor: typeof other) =>
    withActor(
      actor,
      async (tx) => [...(await tx.execute(sql`select from person_setting where value ? 'next'`))].length,
    );
  expect(await count(personActor(radiologist.personId)), "control").toBe(1);
  expect(await count(other)).toBe(0);
  expect([
    ...(await withActor(other, (tx) => tx.execute(sql`update person_setting set value = '{}' returning 1`))),
  ]).toEqual([]);
  await expect(
    withActor(other, (tx) =>
      tx.execute(
        sql`insert into person_setting (person_id, name, value) values (${radiologist.personId}, 'viewer_keys', '{}')`,
      ),
    ),
  ).rejects.toMatchObject({ code: "42501" });
  for (const actor of [reader, radiologist, coordinator])
    await expect(withActor(actor, (tx) => tx.execute(sql`select from person_setting`))).rejects.toMatchObject({
      code: "42501",
    });
  expect(await keysOf(radiologist.personId)).toEqual({ next: ["j"] });
});
