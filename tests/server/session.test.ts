import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { signInActor, withActor } from "@/server/door";
import { demonstrationAccounts, demonstrationPassword } from "@/server/services/demonstration/accounts";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { checkPassword } from "@/server/services/session/check-password";
import { closeSession } from "@/server/services/session/close-session";
import { findSession } from "@/server/services/session/find-session";
import { openSession } from "@/server/services/session/open-session";
import { sha256 } from "@/server/sha256";
import { freshDatabase } from "@/tests/support/database";

const database = await freshDatabase();
await seedDemonstration({ ownerUrl: database.owner });
const [first, second, third, fourth] = demonstrationAccounts;
if (!first || !second || !third || !fourth) throw new Error("there are no demonstration accounts");

const admin = postgres(database.admin, { max: 1 });
afterAll(() => admin.end());
const open = (email: string, password: string, source = "192.0.2.1") =>
  openSession({ email, password, source, userAgent: "test", hours: 1 });
const found = (sessionId: string) => withActor(signInActor, (tx) => findSession(tx, { sessionId }));

test("a session opens with the right password, in whatever case the address is written, and can be revoked", async () => {
  const session = await open(first.email.toUpperCase(), demonstrationPassword);
  if (!session || !("sessionId" in session)) throw new Error("no session");
  expect(await found(session.sessionId)).toMatchObject({ personId: session.personId });
  await closeSession({ ...session, from: "itself" });
  expect(await found(session.sessionId)).toBeNull();
});

test("a hash that somebody made dear to check is nobody's password, and is not checked", async () => {
  // As whoever may make accounts could write it: an hour's work for each guess.
  const dear = "$argon2id$v=19$m=1024,t=4294967295,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
  const email = "dear@example.org";
  const [made] = await admin`insert into person (email, name) values (${email}, 'Dear') returning id`;
  await admin`insert into credential (person_id, password_hash) values (${made?.id}, ${dear})`;
  const before = performance.now();
  expect(await checkPassword({ email, password: "whatever it is", source: "test" })).toBeNull();
  expect(performance.now() - before).toBeLessThan(20_000);
});

test("passwords are kept as argon2id, and only the sign-in reads them", async () => {
  const rows = await withActor(signInActor, (tx) =>
    tx.execute<{ password_hash: string }>(sql`select password_hash from credential`),
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row.password_hash).toMatch(/^\$argon2id\$/);
});

/** As an account is counted. */
const hashOf = (email: string) => sha256(Buffer.from(email));

const stranger = "198.51.100.7";

/** How many of these guesses were checked; the others have to wait. */
const checked = (answers: readonly unknown[]) => answers.filter((answer) => answer === null).length;

test("of sixty guesses at once five are checked, and so are five of ten one after the other", async () => {
  const { email } = second;
  const atOnce = await Promise.all(Array.from({ length: 60 }, () => open(email, "wrong", "198.51.100.1")));
  expect(checked(atOnce)).toBe(5);
  const inTurn: unknown[] = [];
  for (let i = 0; i < 10; i++) inTurn.push(await open(email, "wrong", "198.51.100.2"));
  expect(checked(inTurn.slice(0, 5))).toBe(5);
  expect(inTurn[5]).toEqual({ waitSeconds: 5 });
});

test("who guessed wrong waits, also with the right password; the owner gets in from another source", async () => {
  for (let i = 0; i < 10; i++) await open(third.email, "wrong", stranger);
  expect(await open(third.email, demonstrationPassword, stranger)).toHaveProperty("waitSeconds");
  expect(await open(third.email, demonstrationPassword)).toHaveProperty("sessionId");
  expect(await open(third.email, demonstrationPassword, "192.0.2.2")).toHaveProperty("sessionId");
});

test("each further wrong password doubles the pause, up to a quarter of an hour, and time takes them back", async () => {
  const [email, source] = ["pauses@example.org", "203.0.113.250"];
  const admin = postgres(database.admin, { max: 1 });
  const after: number[] = [];
  for (let i = 0; i < 18; i++) {
    expect(await open(email, "wrong", source)).toBeNull();
    const [{ seconds } = {}] = await admin`
      select round(extract(epoch from opens_at - tried_at))::int as seconds from sign_in_brake where account = ${hashOf(email)} and source = ${source}`;
    after.push(seconds);
    // As if the pause were over.
    await admin`update sign_in_brake set opens_at = now() where account = ${hashOf(email)} or source = ${source}`;
  }
  expect(after).toEqual([0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900, 900, 900]);
  await admin`update sign_in_brake set tried_at = now() - interval '5 hours' where account = ${hashOf(email)} or source = ${source}`;
  for (let i = 0; i < 5; i++) expect(await open(email, "wrong", source), `guess ${i}`).toBeNull();
  await admin.end();
});

test("a source that tries one account after the other is paused as a whole; its neighbours in an IPv6 network are the same source", async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => open(`nobody${i}@example.org`, "wrong", `2001:db8:1:2::${i.toString(16)}`)),
  );
  expect(checked(answers)).toBe(30);
  expect(await open(first.email, demonstrationPassword, "2001:db8:1:2::ffff")).toHaveProperty("waitSeconds");
  expect(await open(first.email, demonstrationPassword, "2001:db8:1:3::1")).toHaveProperty("sessionId");
});

test("many sources together close an account to strangers, not to the source its owner has used before", async () => {
  const { email } = first;
  expect(await open(email, demonstrationPassword, "192.0.2.77")).toHaveProperty("sessionId");
  for (let source = 1; source <= 20; source++)
    await Promise.all(Array.from({ length: 6 }, () => open(email, "wrong", `203.0.113.${source}`)));
  expect(await open(email, demonstrationPassword, "203.0.113.200")).toHaveProperty("waitSeconds");
  expect(await open(email, demonstrationPassword, "192.0.2.77")).toHaveProperty("sessionId");
});

test("whoever has an account does not clear the guesses at others with it", async () => {
  const source = "198.51.100.90";
  const guess = (i: number) => open(`somebody${i}@example.org`, "wrong", source);
  for (let i = 0; i < 28; i++) expect(await guess(i)).toBeNull();
  expect(await open(fourth.email, demonstrationPassword, source)).toHaveProperty("sessionId");
  for (const i of [28, 29]) expect(await guess(i)).toBeNull();
  expect(await guess(30)).toHaveProperty("waitSeconds");
  expect(await open(fourth.email, demonstrationPassword, source)).toHaveProperty("waitSeconds");
});

test("strangers do not fill the disk: a paused try leaves nothing, what was typed is not kept, and what says nothing any more goes with the next tries", async () => {
  const admin = postgres(database.admin, { max: 1 });
  const counts = async () => (await admin<{ n: number }[]>`select count(*)::int as n from sign_in_brake`)[0]?.n ?? -1;
  const source = "198.51.100.200";
  const guess = (i: number) => open(`${"x".repeat(200)}${i}@example.org`, "wrong", source);
  const before = await counts();
  for (let i = 0; i < 30; i++) expect(await guess(i)).toBeNull();
  const counted = await counts();
  expect(counted, "control: each was counted").toBeGreaterThan(before + 30);
  for (let i = 30; i < 60; i++) expect(await guess(i)).toHaveProperty("waitSeconds");
  expect(await counts()).toBe(counted);
  const [{ longest } = {}] = await admin`select max(length(source) + length(account)) as longest from sign_in_brake`;
  expect(longest).toBeLessThanOrEqual(128);
  // Between two tries of the same account, so that its own counts are not among the rows that go.
  await admin`update sign_in_brake set tried_at = now() - interval '1 year', forgotten_at = now() - interval '1 s', opens_at = now() where known_at is null`;
  const known = await admin`select source, account from sign_in_brake where known_at is not null order by 1, 2`;
  expect(known.length, "sources that an owner has used").toBeGreaterThan(0);
  const old = await counts();
  expect(await guess(0)).toBeNull();
  expect(await counts(), "some at each try").toBe(old - 20);
  for (let i = 1; i < 20; i++) expect(await guess(i % 5)).toBeNull();
  expect(await counts()).toBeLessThanOrEqual(known.length + 1 + 2 * 5);
  expect(await admin`select source, account from sign_in_brake where known_at is not null order by 1, 2`).toEqual(
    known,
  );
  await admin.end();
});

test("a count that says something stays as long as it does, and each try is counted while others take old counts away", async () => {
  const admin = postgres(database.admin, { max: 1 });
  const [email, source] = ["stays@example.org", "198.51.100.201"];
  for (let i = 0; i < 5; i++) await open(email, "wrong", source);
  const [row] = await admin`
    select round(failures)::int as failures, round(extract(epoch from forgotten_at - tried_at) / 60)::int as minutes
      from sign_in_brake where account = ${hashOf(email)} and source = ${source}`;
  expect(row).toEqual({ failures: 5, minutes: 75 });
  await admin`update sign_in_brake set tried_at = now() - interval '1 year', forgotten_at = now() - interval '1 s', opens_at = now()`;
  const answers = await Promise.all(Array.from({ length: 40 }, () => open(email, "wrong", source)));
  expect(checked(answers)).toBe(5);
  await admin.end();
});

test("no role but that of signing in counts guesses, and none sees the counts", async () => {
  const person = { role: "person", personId: randomUUID(), studyId: null, siteId: null, membershipId: null } as const;
  const call = sql`select nw.begin_sign_in('a@example.org', '192.0.2.1')`;
  await expect(withActor(person, (tx) => tx.execute(call))).rejects.toMatchObject({ code: "42501" });
  await expect(withActor(signInActor, (tx) => tx.execute(sql`select 1 from sign_in_brake`))).rejects.toMatchObject({
    code: "42501",
  });
  await expect(withActor(signInActor, (tx) => tx.execute(call))).resolves.toHaveLength(1);
});
