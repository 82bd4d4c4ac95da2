import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDoor } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { SignedIn } from "@/server/schemas/session";
import { remeasureNode } from "@/server/services/imaging/remeasure-node";
import { lockStudy } from "@/server/services/lock/lock-study";
import { listProgress } from "@/server/services/reading/list-progress";
import { listSignatures } from "@/server/services/reading/list-signatures";
import { myLists } from "@/server/services/reading/my-lists";
import { signReads } from "@/server/services/reading/sign-reads";
import { checkPassword } from "@/server/services/session/check-password";
import { sha256 } from "@/server/sha256";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, report } from "@/tests/support/study";

/*
 * Reads of a list are signed at its end, by their reader, with the password; what is signed is what stands.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 1 });
afterAll(() => workerDoor.close());

const password = "a long sentence of mine";
let study: MadeStudy;
let nodes: string[];
/** Three images each, in each of the two conditions. */
const cases = 6;

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  nodes = [];
  for (const seed of [1, 2])
    nodes.push((await addPatient(door, study, { name: `P${seed}`, shortAxisMm: 6, positive: false, seed })).nodeId);
  const { reader, reader2 } = study.members;
  const passwordHash = await hash(password);
  for (const { personId } of [reader, reader2])
    await admin`insert into credential (person_id, password_hash) values (${personId}, ${passwordHash})`;
  await draw(door, study);
});

/** A browser of this person. */
const signedIn = ({ personId }: StudyActor): SignedIn => ({
  ...{ sessionId: randomUUID(), personId, email: `${personId}@example.org`, name: "Somebody" },
  ...{ mayCreateStudies: false, administersAccounts: false, mustChangePassword: false },
});
const listsOf = (actor: StudyActor) => door.withActor(actor, (tx) => myLists(tx, actor));
const firstListOf = async (actor: StudyActor) => {
  const [list] = await listsOf(actor);
  if (!list) throw new Error("there is no list");
  return list;
};
const sign = (
  actor: StudyActor,
  what: { listId: string; sha256: string },
  typed = password,
  browser = signedIn(actor),
) => signReads(actor, browser, { ...what, password: typed });
const toSignOf = async (actor: StudyActor) => {
  const { id, toSign } = await firstListOf(actor);
  if (!toSign) throw new Error("there is nothing to sign");
  return { listId: id, ...toSign };
};
const signatures = () => admin`select * from read_signature order by signed_at`;
const deeds = () => admin`select * from audit_event where action = 'reads.signed' order by id`;
/** The password's hash, as whoever has the database could have it. */
const hashOf = async ({ personId }: StudyActor) =>
  String((await admin`select password_hash from credential where person_id = ${personId}`)[0]?.password_hash);
const bySql = (actor: StudyActor, listId: string, sha: string, checked: string) =>
  door.withActor(actor, (tx) =>
    tx.execute<{ at: unknown }>(sql`select nw.sign_reads(${listId}::uuid, ${sha}, ${checked}) as at`),
  );
const unguarded = <T>(work: (run: postgres.TransactionSql) => Promise<T>) =>
  admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    return work(run);
  });

test("a list is not signed before its end, also by SQL, and its reader is shown nothing to sign until then", async () => {
  const { reader } = study.members;
  await readCases(door, reader, cases - 1);
  const list = await firstListOf(reader);
  expect(list.toSign).toBeNull();
  const refused = { constraint: "list_is_not_read" };
  await expect(sign(reader, { listId: list.id, sha256: "0".repeat(64) })).rejects.toMatchObject(refused);
  await expect(bySql(reader, list.id, "0".repeat(64), await hashOf(reader))).rejects.toMatchObject(refused);
  expect(await signatures()).toHaveLength(0);
  await readCases(door, reader, 1);
  expect(await toSignOf(reader)).toMatchObject({ reads: cases, meaning: "alone_size_hidden", signed: null });
});

test("what is signed is the hash over the reads of that list, with their ids and what was answered and shown; nothing of what its reader does not know changes it", async () => {
  const { reader, reader2, locating_radiologist: radiologist } = study.members;
  const { sha256: shown, listId, from, to } = await toSignOf(reader);
  const reads = await admin`
    select r.submitted_at, jsonb_build_array(r.id, r.slot_id, r.reader_code, r.condition_key, r.occasion, r.criteria, r.rule_set_key, r.proposed_call, r.call, r.override_reason,
             r.confidence, r.rating, r.not_evaluable, r.active_ms, r.display, r.shown_sha256, r.protocol_version_id, r.submitted_at, r.supersedes, r.correction_reason)::text as line
      from read r join reading_slot s on s.id = r.slot_id where s.list_id = ${listId} order by s.position`;
  expect(sha256(Buffer.from(reads.map(({ line }) => sha256(Buffer.from(line))).join("\n")))).toBe(shown);
  expect([from, to]).toEqual([reads[0]?.submitted_at, reads.at(-1)?.submitted_at]);

  const [node = ""] = nodes;
  await door.withActor(radiologist, (tx) => remeasureNode(tx, radiologist, { nodeId: node, shortAxisMm: 8.5 }));
  await report(door, study, node, "positive");
  await readCases(door, reader2, 2);
  expect((await toSignOf(reader)).sha256).toBe(shown);
  // Control: what stands in a read does; and the id of each, which is told to nobody before the lock, so that nobody can try out what was answered.
  const changed = async (column: "confidence" | "id" | "shown_sha256", value: string) => {
    const undone = { sha: "" };
    await unguarded(async (run) => {
      await run.unsafe(
        `update read set ${column} = ${value} where id = (select r.id from read r join reading_slot s on s.id = r.slot_id where s.list_id = '${listId}' limit 1)`,
      );
      undone.sha = String((await run`select sha256 from nw.reads_to_sign(${listId})`)[0]?.sha256);
      throw undone;
    }).catch((error: unknown) => {
      if (error !== undone) throw error;
    });
    return undone.sha;
  };
  for (const [column, value] of [
    ["confidence", "11"],
    ["id", "gen_random_uuid()"],
    ["shown_sha256", "'x'"],
  ] as const)
    expect(await changed(column, value), column).toMatch(/^(?!0{64})[0-9a-f]{64}$/);
  expect(new Set([shown, await changed("confidence", "11"), await changed("id", "gen_random_uuid()")]).size).toBe(3);
});

test("a wrong password signs nothing and is counted with those of the sign-in: after some of them none is looked at, the right one neither", async () => {
  const { reader } = study.members;
  const what = await toSignOf(reader);
  const browser = signedIn(reader);
  const refusals: string[] = [];
  for (let at = 0; at < 6; at++)
    refusals.push(
      (await sign(reader, what, "guessed", browser).catch((error: { code: string }) => error.code)) ?? "signed",
    );
  expect(refusals).toEqual(["invalid", "invalid", "invalid", "invalid", "invalid", "too_many"]);
  await expect(sign(reader, what, password, browser)).rejects.toMatchObject({ code: "too_many" });
  expect(
    await checkPassword({ email: browser.email, password, source: browser.sessionId }),
    "the sign-in from there waits, too",
  ).toHaveProperty("waitSeconds");
  expect(await admin`select 1 from audit_event where action = 'sign_in.refused'`).toHaveLength(5);
  expect(await signatures()).toHaveLength(0);
});

test("nobody signs the list of another, another hash than that of the reads, or by SQL without a password that was checked; nor writes a signature", async () => {
  const { reader, reader2, coordinator, principal_investigator: pi } = study.members;
  const { listId, sha256: right } = await toSignOf(reader);
  await expect(sign(reader2, { listId, sha256: right })).rejects.toMatchObject({ constraint: "list_is_not_read" });
  await expect(sign(reader, { listId, sha256: "0".repeat(64) })).rejects.toMatchObject({
    constraint: "reads_to_sign_changed",
  });
  expect([...(await bySql(reader, listId, right, "x"))]).toEqual([{ at: null }]);
  expect([...(await bySql(reader, listId, right, await hashOf(reader2).then((found) => `${found} `)))]).toEqual([
    { at: null },
  ]);
  for (const actor of [reader, coordinator, pi])
    await expect(
      door.withActor(actor, (tx) =>
        tx.execute(
          sql`insert into read_signature (study_id, list_id, reads, reads_sha256, meaning, protocol_version_id, signed_name) select study_id, id, 6, ${"0".repeat(64)}, 'alone_size_hidden', protocol_version_id, 'Somebody' from reading_list`,
        ),
      ),
    ).rejects.toMatchObject({ code: "42501" });
  for (const actor of [coordinator, pi])
    await expect(bySql(actor, listId, right, await hashOf(reader))).rejects.toMatchObject({ code: "42501" });
  await expect(door.withActor(reader, (tx) => tx.execute(sql`select * from read_signature`))).rejects.toMatchObject({
    code: "42501",
  });
  expect(await signatures()).toHaveLength(0);
});

test("signed in four tabs at once, there is one signature, with name, time, meaning and protocol, and one deed in the trail", async () => {
  const { reader, coordinator } = study.members;
  const what = await toSignOf(reader);
  const unsigned = await door.withActor(coordinator, (tx) => listProgress(tx, coordinator));
  expect(unsigned.lists.map(({ readerCode, done, signature }) => [readerCode, done, signature])).toEqual([
    ["R2", 6, "none"],
    ["R2", 0, null],
    ["R3", 2, "none"],
    ["R3", 0, null],
  ]);
  await Promise.all(Array.from({ length: 4 }, () => sign(reader, what)));
  const [row, ...more] = await signatures();
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    ...{ list_id: what.listId, reads: cases, reads_sha256: what.sha256, meaning: "alone_size_hidden" },
    ...{ signed_name: "reader", signed_by: reader.personId },
  });
  expect((await toSignOf(reader)).signed).toEqual({ at: row?.signed_at, stands: true });
  const told = await deeds();
  expect(told.map(({ person_id, role, entity, entity_id }) => [person_id, role, entity, entity_id])).toEqual([
    [reader.personId, "nw_reader", "reading_list", what.listId],
  ]);
  expect(told[0]?.detail).toEqual({
    ...{ reader: "R2", condition: "cohort-1", batch: 1, reads: cases, sha256: what.sha256 },
  });
  await expect(admin`update read_signature set reads = 1`).rejects.toMatchObject({ code: "NW002" });
});

test("a correction after it leaves a signature of an older state, which is told, and the reads are signed again", async () => {
  const { reader, monitor } = study.members;
  const { listId, sha256: before } = await toSignOf(reader);
  // As no page does it: what is read to its end is corrected no more.
  await unguarded(
    (run) => run`
    insert into read (study_id, case_id, reader_code, condition_key, occasion, slot_id, criteria, rule_set_key, proposed_call, call, confidence, active_ms, shown_sha256,
                      protocol_version_id, source, idempotency_key, supersedes, correction_reason)
    select r.study_id, r.case_id, r.reader_code, r.condition_key, r.occasion, r.slot_id, r.criteria, r.rule_set_key, r.proposed_call, r.call, 1, r.active_ms, r.shown_sha256,
           r.protocol_version_id, r.source, gen_random_uuid(), r.id, 'A slip'
      from read r join reading_slot s on s.id = r.slot_id where s.list_id = ${listId} limit 1`,
  );
  const now = await toSignOf(reader);
  expect(now.sha256).not.toBe(before);
  expect(now).toMatchObject({ reads: cases, signed: { stands: false } });
  const progress = await door.withActor(monitor, (tx) => listProgress(tx, monitor));
  expect(progress.lists[0]).toMatchObject({ readerCode: "R2", signature: "outdated" });
  await expect(sign(reader, { listId, sha256: before })).rejects.toMatchObject({
    constraint: "reads_to_sign_changed",
  });
  await sign(reader, now);
  expect((await signatures()).map(({ reads_sha256 }) => reads_sha256)).toEqual([before, now.sha256]);
  expect((await toSignOf(reader)).signed).toMatchObject({ stands: true });
});

test("a condition that shows the size is signed as such; what was simulated or imported is signed by nobody", async () => {
  const { reader } = study.members;
  await readCases(door, reader, cases);
  const [, shown] = await listsOf(reader);
  expect(shown?.toSign).toMatchObject({ meaning: "alone_size_shown", reads: cases });
  const undone = new Error("undone");
  const simulated: unknown[] = [];
  await expect(
    unguarded(async (run) => {
      await run`update read set source = 'simulated', display = null where condition_key = 'cohort-2'`;
      simulated.push(...(await run`select reads from nw.reads_to_sign(${shown?.id ?? ""})`));
      throw undone;
    }),
  ).rejects.toBe(undone);
  expect(simulated).toEqual([{ reads: 0 }]);
});

test("before the lock it is named which lists are not signed; after it nobody signs, and whoever may see the analysis computes the hashes anew", async () => {
  const { reader, principal_investigator: pi, data_scientist: scientist } = study.members;
  const state = async (actor: StudyActor) =>
    (await door.withActor(actor, (tx) => listSignatures(tx))).map(({ readerCode, condition, reads, signature }) => [
      ...[readerCode, condition, reads, signature?.stands],
    ]);
  const expected = [
    ["R2", "cohort-1", cases, true],
    ["R2", "cohort-2", cases, undefined],
    ["R3", "cohort-1", 2, undefined],
  ];
  expect(await state(pi)).toEqual(expected);
  expect(await state(scientist)).toEqual([]);
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "R3 has left" }));
  expect(await state(pi)).toEqual(expected);
  const worker = await workerDoor.withActor({ ...scientist, role: "worker", personId: null }, listSignatures);
  expect(worker.map(({ readerCode, signature }) => [readerCode, signature?.stands])).toEqual([
    ["R2", true],
    ["R2", undefined],
    ["R3", undefined],
  ]);
  expect(await state(scientist)).toEqual(expected);
  const [, list] = await listsOf(reader);
  await expect(sign(reader, { listId: list?.id ?? "", sha256: list?.toSign?.sha256 ?? "" })).rejects.toMatchObject({
    code: "NW001",
  });
  // Whoever has the database changes a read: the page that computes anew says so.
  await unguarded(
    (run) =>
      run`update read set confidence = 99 where condition_key = 'cohort-1' and reader_code = 'R2' and supersedes is null`,
  );
  expect((await state(pi))[0]).toEqual(["R2", "cohort-1", cases, false]);
});
