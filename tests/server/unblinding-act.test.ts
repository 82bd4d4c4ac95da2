import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDoor } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { RecordUnblinding } from "@/server/schemas/unblinding";
import { lockStudy } from "@/server/services/lock/lock-study";
import { myLists } from "@/server/services/reading/my-lists";
import { listUnblindings } from "@/server/services/unblinding/list-unblindings";
import { findReadsAfterUnblinding } from "@/server/services/unblinding/reads-after-unblinding";
import { recordUnblinding } from "@/server/services/unblinding/record-unblinding";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases } from "@/tests/support/study";

/*
 * Somebody is told before the lock what is hidden: an act with a reason, which flags the reads that follow and keeps none of them out.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 1 });
afterAll(() => workerDoor.close());

let study: MadeStudy;
let numbers: string[];
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  numbers = [];
  for (const seed of [1, 2])
    numbers.push((await addPatient(door, study, { name: `P${seed}`, shortAxisMm: 6, positive: false, seed })).number);
  await draw(door, study);
});

const act = (changes: Partial<RecordUnblinding> = {}): RecordUnblinding => ({
  ...{ kind: "emergency", subject: numbers[0] ?? "", to: { reader: "R2" }, told: ["pathology", "score"] },
  ...{ reason: "An operation that could not wait", at: new Date() },
  ...changes,
});
const recordAs = (actor: StudyActor, changes?: Partial<RecordUnblinding>) =>
  door.withActor(actor, (tx) => recordUnblinding(tx, actor, act(changes)));
const flagged = async (actor: StudyActor) => {
  const { told, patients } = await door.withActor(actor, findReadsAfterUnblinding);
  return { told: [...told.values()], ids: [...told.keys()].toSorted(), patients };
};
const readsOf = async (reader: string, patient: string, after: Date) =>
  (
    await admin`
      select r.id from read r join reading_case k on k.id = r.case_id join node n on n.id = k.node_id join subject s on s.id = n.subject_id
       where r.reader_code = ${reader} and s.number = ${patient} and r.submitted_at > ${after} order by r.id`
  ).map(({ id }) => String(id));

test("the principal investigator records who was told what of whom, why and when, with a deed in the trail that holds no value; nobody else does, nor by SQL", async () => {
  const { principal_investigator: pi, coordinator, monitor, reader, pathologist, administrator } = study.members;
  for (const other of [coordinator, monitor, reader, pathologist, administrator])
    await expect(recordAs(other), other.role).rejects.toThrow();
  const at = new Date();
  await recordAs(pi, { at });
  await recordAs(pi, { at, kind: "planned", subject: null, to: { name: "Dr. Moon, surgeon" }, told: ["size"] });
  const { acts, readers } = await door.withActor(monitor, (tx) => listUnblindings(tx, monitor));
  expect(readers).toEqual(["R2", "R3"]);
  expect(acts.map(({ kind, subject, to, told, at: when, by }) => [kind, subject, to, told, when, by])).toEqual(
    expect.arrayContaining([
      ["emergency", numbers[0], "R2", ["pathology", "score"], at, "principal_investigator"],
      ["planned", null, "Dr. Moon, surgeon", ["size"], at, "principal_investigator"],
    ]),
  );
  const deeds =
    await admin`select entity, entity_id, reason, detail from audit_event where action = 'unblinding.recorded' order by id`;
  expect(deeds).toMatchObject([
    { entity: "subject", entity_id: numbers[0], detail: { kind: "emergency", told: ["pathology", "score"], to: "R2" } },
    { entity: "study", entity_id: study.studyId, detail: { kind: "planned", to: "Dr. Moon, surgeon" } },
  ]);
  expect(deeds[0]?.reason).toBe("An operation that could not wait");
});

test("an act of a patient or a reader whom the study has not, of a time to come, of nobody or of nothing is refused, and none is changed", async () => {
  const { principal_investigator: pi, coordinator } = study.members;
  await expect(recordAs(pi, { subject: "999" })).rejects.toMatchObject({ code: "not_found" });
  await expect(recordAs(pi, { to: { reader: "R9" } })).rejects.toMatchObject({ code: "not_found" });
  await expect(recordAs(pi, { at: new Date(Date.now() + 60_000) })).rejects.toMatchObject({ code: "invalid" });
  const insert = (values: ReturnType<typeof sql>) =>
    door.withActor(pi, (tx) =>
      tx.execute(
        sql`insert into unblinding (study_id, kind, membership_id, told_name, told, reason, told_at) values (${study.studyId}, 'planned', ${values})`,
      ),
    );
  await expect(insert(sql`null, null, '{size}', 'why', now()`), "to nobody").rejects.toMatchObject({ code: "23514" });
  await expect(insert(sql`null, 'X', '{}', 'why', now()`), "of nothing").rejects.toMatchObject({ code: "23514" });
  await expect(insert(sql`null, 'X', '{size}', ' ', now()`), "without a reason").rejects.toMatchObject({
    code: "23514",
  });
  await expect(
    insert(sql`null, 'X', '{size}', 'why', now() + interval '1 hour'`),
    "of a time to come",
  ).rejects.toMatchObject({ code: "23514" });
  await expect(
    insert(sql`${coordinator.membershipId}::uuid, null, '{size}', 'why', now()`),
    "of somebody as a reader who is none",
  ).rejects.toMatchObject({ code: "42501" });
  await expect(admin`update unblinding set reason = 'x'`).rejects.toMatchObject({ code: "NW002" });
});

test("a reader who was told is told nothing by it, and reads on; how many reads follow nobody learns before the lock", async () => {
  const { principal_investigator: pi, data_scientist: scientist, reader } = study.members;
  const before = await door.withActor(reader, (tx) => myLists(tx, reader));
  await recordAs(pi);
  expect(await door.withActor(reader, (tx) => myLists(tx, reader))).toEqual(before);
  for (const what of [sql`select * from unblinding`, sql`select * from nw.reads_after_unblinding()`])
    await expect(door.withActor(reader, (tx) => tx.execute(what))).rejects.toMatchObject({ code: "42501" });
  await readCases(door, reader, 6);
  for (const actor of [pi, scientist]) expect(await flagged(actor)).toEqual({ told: [], ids: [], patients: 0 });
});

test("after the lock the reads of that patient by that reader that were submitted after the act are flagged, each once, with all that was told; none is left out", async () => {
  const { principal_investigator: pi, data_scientist: scientist, reader, reader2 } = study.members;
  await readCases(door, reader2, 2);
  const at = new Date();
  // R3 was told the size of every patient in the middle of the list.
  await recordAs(pi, { to: { reader: "R3" }, subject: null, told: ["size"], at });
  await readCases(door, reader2, 4);
  await readCases(door, reader, 2);
  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
  const [first = "", second = ""] = numbers;
  const ofR2 = await readsOf("R2", first, new Date(0));
  const ofR3 = [...(await readsOf("R3", first, at)), ...(await readsOf("R3", second, at))];
  expect([ofR2.length >= 3, ofR3.length]).toEqual([true, 4]);
  expect(await readsOf("R2", second, new Date(0)), "control: R2 read the other patient, too").not.toHaveLength(0);
  for (const actor of [pi, scientist]) {
    const found = await flagged(actor);
    expect(found.ids).toEqual([...ofR2, ...ofR3].toSorted());
    expect(found.patients).toBe(2);
    expect(found.told).toEqual(expect.arrayContaining([["pathology", "score"], ["size"]]));
  }
  const byWorker = await workerDoor.withActor(
    { ...scientist, role: "worker", personId: null },
    findReadsAfterUnblinding,
  );
  expect(byWorker.told.size).toBe(ofR2.length + ofR3.length);
  await expect(flagged(study.members.coordinator)).rejects.toMatchObject({ code: "42501" });
  await expect(recordAs(pi)).rejects.toMatchObject({ code: "NW001" });
});
