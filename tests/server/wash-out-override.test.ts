import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import type { SignedIn } from "@/server/schemas/session";
import { lockStudy } from "@/server/services/lock/lock-study";
import { listProgress } from "@/server/services/reading/list-progress";
import { myLists } from "@/server/services/reading/my-lists";
import { overrideWashOut } from "@/server/services/reading/override-wash-out";
import { readsInWashOut } from "@/server/services/reading/reads-in-wash-out";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases } from "@/tests/support/study";

/*
 * A list is opened before its wash-out is over by the principal investigator alone, with the password and a reason; the reads made meanwhile are flagged, and the wash-out that is reported is the shorter one.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const password = "a long sentence of mine";
const reason = "The reader leaves the hospital next week.";
let study: MadeStudy;
let investigator: StudyActor;
/** Three images of a node, in each of the two conditions. */
const cases = 3;

beforeAll(async () => {
  const { source } = await shippedProtocol("demonstration");
  study = await makeStudy({
    ...{ door, ownerUrl: database.owner },
    source: source.replace("shows: [size], washOutDays: 0", "shows: [size], washOutDays: 28"),
  });
  investigator = study.members.principal_investigator;
  await addPatient(door, study, { name: "P1", shortAxisMm: 6, positive: false, seed: 1 });
  const passwordHash = await hash(password);
  for (const { personId } of [investigator, study.members.coordinator])
    await admin`insert into credential (person_id, password_hash) values (${personId}, ${passwordHash})`;
  await draw(door, study);
});

/** A browser of this person. */
const signedIn = ({ personId }: StudyActor): SignedIn => ({
  ...{ sessionId: randomUUID(), personId, email: `${personId}@example.org`, name: "Somebody" },
  ...{ mayCreateStudies: false, administersAccounts: false, mustChangePassword: false },
});
const progress = () => door.withActor(investigator, (tx) => listProgress(tx, investigator));
/** The list of this reader that shows the size, as whoever follows the readers sees it. */
async function sizedListOf(code: string) {
  const { lists } = await progress();
  const list = lists.find(({ readerCode, condition }) => readerCode === code && condition === "Cohort 2");
  if (!list) throw new Error("there is no such list");
  return list;
}
/** As if the reads of this reader's first list had been made so much later. */
const later = (code: string, by: string) =>
  admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update reading_progress set submitted_at = submitted_at + ${by}::interval
      where list_id in (select l.id from reading_list l join membership m on m.id = l.membership_id where m.reader_code = ${code} and l.condition_key = 'cohort-1')`;
  });
const override = (actor: StudyActor, what: { listId: string; opensAt: Date }, typed = password) =>
  overrideWashOut(actor, signedIn(actor), { ...what, reason, password: typed });
const statesOf = async (actor: StudyActor) =>
  (await door.withActor(actor, (tx) => myLists(tx, actor))).map(({ state }) => state);
const deeds = () => admin`select * from audit_event where action = 'reading.wash_out_overridden'`;

test("a list that waits for those before it, and not for its wash-out, is not opened so", async () => {
  const list = await sizedListOf("R2");
  expect([list.state, list.opensAt]).toEqual(["waiting", null]);
  await expect(override(investigator, { listId: list.id, opensAt: new Date() })).rejects.toMatchObject({
    constraint: "wash_out_changed",
  });
});

test("a list in its wash-out is opened by nobody but the investigator, with the password, as it was shown; and not by the reader, by SQL either", async () => {
  const { reader, coordinator } = study.members;
  await readCases(door, reader, cases);
  await later("R2", "-238 hours");
  expect(await statesOf(reader)).toEqual(["complete", "wash-out"]);
  const { id: listId, opensAt } = await sizedListOf("R2");
  if (!opensAt) throw new Error("it has no wash-out");
  const known = String(
    (await admin`select password_hash from credential where person_id = ${investigator.personId}`)[0]?.password_hash,
  );
  await expect(override(investigator, { listId, opensAt }, "another sentence")).rejects.toMatchObject({
    said: { key: "errors.password_wrong" },
  });
  await expect(
    override(investigator, { listId, opensAt: new Date(opensAt.getTime() - 60_000) }),
    "of another moment than the one that was shown",
  ).rejects.toMatchObject({ constraint: "wash_out_changed" });
  for (const actor of [coordinator, reader])
    await expect(
      door.withActor(actor, (tx) =>
        tx.execute(
          sql`select nw.override_wash_out(${listId}::uuid, ${opensAt.toISOString()}::timestamptz, 'x', ${known})`,
        ),
      ),
      actor.role,
    ).rejects.toMatchObject({ code: "42501" });
  for (const actor of [coordinator, investigator, reader])
    await expect(
      door.withActor(actor, (tx) =>
        tx.execute(
          sql`insert into wash_out_override (study_id, list_id, opens_at, wash_out_days, reason, signed_name) values (${study.studyId}, ${listId}, ${opensAt.toISOString()}::timestamptz, 28, 'x', 'x')`,
        ),
      ),
      actor.role,
    ).rejects.toMatchObject({ code: "42501" });
  await expect(
    door.withActor(investigator, (tx) =>
      tx.execute(
        sql`select nw.override_wash_out(${listId}::uuid, ${opensAt.toISOString()}::timestamptz, ' ', ${known})`,
      ),
    ),
    "without a reason",
  ).rejects.toMatchObject({ code: "23514" });
  expect(await statesOf(reader)).toEqual(["complete", "wash-out"]);
  expect(await deeds()).toHaveLength(0);

  // A double click signs once.
  await Promise.all([override(investigator, { listId, opensAt }), override(investigator, { listId, opensAt })]);
  expect(await deeds()).toHaveLength(1);
  expect((await deeds())[0]).toMatchObject({
    reason,
    detail: { reader: "R2", condition: "cohort-2", batch: 1, days: 28 },
  });
  expect(await statesOf(reader), "it is open").toEqual(["complete", "open"]);
  expect((await progress()).overrides).toMatchObject([
    { readerCode: "R2", condition: "Cohort 2", opensAt, washOutDays: 28, reason },
  ]);
});

test("a wash-out that is longer by what is read meanwhile closes the list anew; control: the one that was signed for does not", async () => {
  const { reader } = study.members;
  await readCases(door, reader, 1);
  expect(await statesOf(reader)).toEqual(["complete", "open"]);
  await later("R2", "1 hour");
  expect(await statesOf(reader)).toEqual(["complete", "wash-out"]);
  await later("R2", "-1 hour");
  expect(await statesOf(reader)).toEqual(["complete", "open"]);
});

test("another reader's wash-out stays", async () => {
  const { reader2 } = study.members;
  await readCases(door, reader2, cases);
  expect(await statesOf(reader2)).toEqual(["complete", "wash-out"]);
});

test("whoever follows the readers sees it open since it was signed for, not since it would have opened", async () => {
  const list = await sizedListOf("R2");
  expect([list.state, list.quietDays]).toEqual(["open", 0]);
  // One case of three in the last day: two more days, whatever lies ahead of the wash-out.
  expect(Math.round(((list.doneAbout?.getTime() ?? 0) - Date.now()) / 86_400_000)).toBe(2);
});

test("the reads of cases that were shown or read meanwhile are flagged after the lock, also where they were corrected later; no other is, and the wash-out that is reported is what was kept", async () => {
  const { reader } = study.members;
  await readCases(door, reader, 1);
  // The first case was shown and read meanwhile, and corrected after the wash-out; of the second only the showing was meanwhile, and of the third nothing.
  const [ends] = await admin`select opens_at from wash_out_override`;
  const sized = await admin`
    select r.id, r.slot_id from read r join reading_slot s on s.id = r.slot_id where r.reader_code = 'R2' and r.condition_key = 'cohort-2' order by s.position`;
  await readCases(door, reader, 1);
  const all = await admin`
    select r.id, r.slot_id from read r join reading_slot s on s.id = r.slot_id where r.reader_code = 'R2' and r.condition_key = 'cohort-2' order by s.position`;
  expect([sized.length, all.length]).toEqual([2, 3]);
  const after = new Date(ends?.opens_at.getTime() + 3_600_000);
  const corrected = randomUUID();
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`insert into read (id, study_id, slot_id, case_id, reader_code, condition_key, occasion, criteria, rule_set_key, proposed_call, call, override_reason, confidence, rating, not_evaluable, active_ms, display,
        shown_sha256, protocol_version_id, submitted_at, supersedes, correction_reason, source, idempotency_key)
      select ${corrected}, study_id, slot_id, case_id, reader_code, condition_key, occasion, criteria, rule_set_key, proposed_call, call, override_reason, confidence, rating, not_evaluable, active_ms, display,
        shown_sha256, protocol_version_id, ${after}, id, 'A slip', source, ${randomUUID()} from read where id = ${all[0]?.id}`;
    await run`update read set submitted_at = ${after} where id in ${run([all[1]?.id, all[2]?.id])}`;
    await run`update reading_view set first_shown_at = ${after} where slot_id = ${all[2]?.slot_id}`;
  });
  const flagged = () => door.withActor(investigator, readsInWashOut);
  const kept = () => door.withActor(investigator, (tx) => tx.execute(sql`select * from nw.wash_outs_kept()`));
  expect([(await flagged()).size, (await kept()).length], "before the lock").toEqual([0, 0]);
  await expect(admin`update wash_out_override set reason = 'Other'`).rejects.toMatchObject({ code: "NW002" });
  const { id: listId, opensAt } = await sizedListOf("R3");
  if (!opensAt) throw new Error("R3 has no wash-out");
  await door.withActor(investigator, (tx) => lockStudy(tx, investigator, { reason: "Enough" }));
  expect([...(await flagged())].toSorted()).toEqual([corrected, all[1]?.id].toSorted());
  expect(
    (await kept()).map((row) => [row.condition_key, Number(row.days)]).toSorted(),
    "238 hours are nine whole days",
  ).toEqual([
    ["cohort-1", 0],
    ["cohort-2", 9],
  ]);
  expect((await sizedListOf("R3")).state).toBe("closed");
  await expect(override(investigator, { listId, opensAt })).rejects.toMatchObject({ constraint: "wash_out_changed" });
});
