import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import { addMemberInput } from "@/server/schemas/study";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { importReads } from "@/server/services/import/import-reads";
import { closeReading } from "@/server/services/reading/close-reading";
import { listProgress } from "@/server/services/reading/list-progress";
import { myLists } from "@/server/services/reading/my-lists";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { addMember } from "@/server/services/study/add-member";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { endMember } from "@/server/services/study/end-member";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyCounts } from "@/server/services/study/study-counts";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, planes, readCases, readOf } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

async function studyWith(patients: number) {
  const study = await makeStudy({ door, ownerUrl: database.owner });
  const nodes = [];
  for (let i = 1; i <= patients; i++)
    nodes.push(await addPatient(door, study, { name: `P ${i}`, shortAxisMm: 4 + i, positive: i % 2 === 0, seed: i }));
  return { study, nodes };
}

const lists = (reader: StudyActor) => door.withActor(reader, (tx) => myLists(tx, reader));
const submit = (reader: StudyActor, slotId: string) =>
  door.withActor(reader, (tx) => submitRead(tx, reader, readOf(slotId)));
const progress = ({ members: { coordinator } }: MadeStudy) =>
  door.withActor(coordinator, (tx) => listProgress(tx, coordinator));
const counts = ({ members: { coordinator } }: MadeStudy) =>
  door.withActor(coordinator, (tx) => studyCounts(tx, coordinator));
const close = ({ members: { coordinator } }: MadeStudy, readerCode: string) =>
  door.withActor(coordinator, (tx) => closeReading(tx, coordinator, { readerCode, reason: "Left the hospital" }));
const leave = ({ members: { administrator } }: MadeStudy, reader: StudyActor) =>
  door.withActor(administrator, (tx) => endMember(tx, administrator, { membershipId: reader.membershipId ?? "" }));
const exclude = ({ members: { locating_radiologist: radiologist } }: MadeStudy, nodeId: string) =>
  door.withActor(radiologist, (tx) => excludeNode(tx, radiologist, { nodeId, reason: "Two nodes in one crop" }));

/** Adds a reader; the account is made where `email` is new. */
async function join({ studyId, members }: MadeStudy, readerCode: string, email = `${randomUUID()}@example.org`) {
  const { administrator } = members;
  await door.withActor(administrator, (tx) =>
    addMember(tx, administrator, { email, name: "Dr. Late", role: "reader", readerCode, passwordHash: "x" }),
  );
  const [row] = await admin`
    select m.id, m.person_id from membership m join person p on p.id = m.person_id
     where m.study_id = ${studyId} and p.email = ${email} and m.ended_at is null`;
  return {
    email,
    actor: { ...members.reader, personId: row?.person_id as string, membershipId: row?.id as string },
  };
}
const emailOf = async ({ personId }: StudyActor) => {
  const [row] = await admin`select email from person where id = ${personId}`;
  return row?.email as string;
};
const nodeOf = async (slotId: string) => {
  const [row] =
    await admin`select k.node_id from reading_slot s join reading_case k on k.id = s.case_id where s.id = ${slotId}`;
  return row?.node_id as string;
};

describe("a node that leaves the study after the draw", () => {
  test("is passed over, the list gets shorter and the counts with it, and the open case is refused with the reason", async () => {
    const { study } = await studyWith(2);
    await draw(door, study);
    const { reader } = study.members;
    expect((await counts(study)).counts.readsScheduled).toBe(2 * 2 * 6);
    const before = await openCase(reader);
    const slotId = before?.slotId ?? "";
    const nodeId = await nodeOf(slotId);
    await exclude(study, nodeId);

    await expect(submit(reader, slotId)).rejects.toMatchObject({ constraint: "case_left_study" });
    const next = await openCase(reader);
    expect(next?.slotId).not.toBe(slotId);
    expect(await nodeOf(next?.slotId ?? "")).not.toBe(nodeId);
    expect([next?.position, next?.total]).toEqual([1, planes.length]);
    expect((await lists(reader)).map(({ total, done }) => [total, done])).toEqual([
      [3, 0],
      [3, 0],
    ]);
    expect((await progress(study)).lists.map(({ total }) => total)).toEqual([3, 3, 3, 3]);
    expect((await counts(study)).counts.readsScheduled).toBe(2 * 2 * 3);

    const shown = await readCases(door, reader, 100);
    expect(shown.map(({ position, total }) => [position, total])).toEqual([1, 2, 3, 1, 2, 3].map((at) => [at, 3]));
    for (const each of shown) expect(await nodeOf(each.slotId)).not.toBe(nodeId);
    expect((await lists(reader)).map(({ state }) => state)).toEqual(["complete", "complete"]);
    expect(await admin`select id from read where slot_id = ${slotId}`).toEqual([]);
  });

  test("keeps the reads that it has, and none of them is shown again for a correction", async () => {
    const { study } = await studyWith(2);
    await draw(door, study);
    const { reader } = study.members;
    const [read] = await readCases(door, reader, 1);
    expect(await openCase(reader, "previous")).toMatchObject({ slotId: read?.slotId });
    await exclude(study, await nodeOf(read?.slotId ?? ""));
    expect(await openCase(reader, "previous")).toBeNull();
    expect((await lists(reader))[0]).toMatchObject({ done: 1, total: 1 + planes.length });
    expect(await admin`select id from read where slot_id = ${read?.slotId ?? ""}`).toHaveLength(1);
  });

  test("in the middle of a list: the answer to a read is the case after it", async () => {
    const { study } = await studyWith(3);
    await draw(door, study);
    const { reader } = study.members;
    const order = await admin`
      select s.id, k.node_id from reading_slot s join reading_list l on l.id = s.list_id join reading_case k on k.id = s.case_id
       where l.membership_id = ${reader.membershipId ?? ""} and l.condition_ordinal = 0 order by s.position`;
    const gone = order[1]?.node_id;
    await exclude(study, gone);
    const left = order.filter(({ node_id }) => node_id !== gone).map(({ id }) => id);
    const shown = await readCases(door, reader, left.length);
    expect(shown.map(({ slotId }) => slotId)).toEqual(left);
  });
});

describe("a reader who comes after the draw", () => {
  test("is missing on the pages until drawn, then has every crop in lists of seeds of its own; the others get nothing twice", async () => {
    // So many crops that two orders are never the same by chance.
    const patients = 4;
    const crops = patients * planes.length;
    const { study } = await studyWith(patients);
    await draw(door, study);
    expect((await counts(study)).missing.map(({ key }) => key)).not.toContain("cropsUnscheduled");
    const { actor } = await join(study, "R4");
    expect(await progress(study)).toMatchObject({ lacking: [{ readerCode: "R4", cases: crops }] });
    expect((await counts(study)).missing).toContainEqual({ key: "cropsUnscheduled", count: crops });

    expect(await draw(door, study)).toEqual({ cases: crops, readers: 1, tooLate: [] });
    const drawn = await progress(study);
    expect(drawn.lists.map(({ readerCode, batch, total }) => [readerCode, batch, total])).toEqual([
      ["R2", 1, crops],
      ["R2", 1, crops],
      ["R3", 1, crops],
      ["R3", 1, crops],
      ["R4", 2, crops],
      ["R4", 2, crops],
    ]);
    const orders = await admin`select seed, order_sha256 from reading_list where study_id = ${study.studyId}`;
    expect(new Set(orders.map(({ seed }) => seed)).size).toBe(6);
    expect(new Set(orders.map(({ order_sha256 }) => order_sha256)).size).toBe(6);
    expect(drawn.lacking).toEqual([]);
    expect(await readCases(door, actor, 100)).toHaveLength(2 * crops);
    await expect(draw(door, study)).rejects.toThrow(/Nothing was drawn/);

    await addPatient(door, study, { name: "Later", shortAxisMm: 6, positive: true, seed: 9 });
    await draw(door, study);
    expect((await progress(study)).lists.filter(({ batch }) => batch === 3)).toHaveLength(6);
  });
});

describe("a reader code", () => {
  test("is any that a protocol or a file of reads may name, the same however it was typed; of none and of a long one the form says so", async () => {
    const asked = { email: "lu@example.org", name: "Dr. Lü", role: "reader" as const };
    const codeOf = (readerCode: string) => addMemberInput.safeParse({ ...asked, readerCode }).data?.readerCode;
    expect(["R2", " Dr.  Lu\u0308 ", "阅片者甲"].map(codeOf)).toEqual(["R2", "Dr. Lü", "阅片者甲"]);
    const refused = (readerCode: string) =>
      addMemberInput.safeParse({ ...asked, readerCode }).error?.issues.map(({ message }) => message);
    expect(refused(" ")).toEqual(["fields.reader_code"]);
    expect(refused("a".repeat(21))).toEqual(["fields.reader_code"]);
    const { study } = await studyWith(1);
    await expect(join(study, "Dr. Lü")).resolves.toBeDefined();
    await expect(join(study, "dr. lü")).rejects.toThrow("is or was");
  });

  test("is never another person's, in whatever case, with or without reads", async () => {
    const { study } = await studyWith(1);
    await draw(door, study);
    await readCases(door, study.members.reader, 1);
    await leave(study, study.members.reader);
    for (const [code, holder] of [
      ["R2", "reader"],
      ["r2", "reader"],
      ["R3", "reader2"],
    ])
      await expect(join(study, code ?? "")).rejects.toThrow(`Code ${code} is or was ${holder}'s`);
    // Past the service, the database says so itself.
    const { administrator, monitor } = study.members;
    const give = (personId: string | null, code: string) =>
      door.withActor(administrator, (tx) =>
        tx.execute(
          sql`insert into membership (study_id, person_id, role, reader_code) values (${study.studyId}, ${personId}, 'reader', ${code})`,
        ),
      );
    const [somebody] =
      await admin`insert into person (email, name) values (${`${randomUUID()}@example.org`}, 'New') returning id`;
    await expect(give(somebody?.id, "r2")).rejects.toMatchObject({ constraint: "reader_code_of_another" });
    await expect(give(monitor.personId, "R6")).rejects.toMatchObject({ constraint: "reader_holds_other_role" });
    await expect(give(somebody?.id, "R6")).resolves.toBeDefined();
  });

  test("is written as the protocol writes it", async () => {
    const { source } = await shippedProtocol("demonstration");
    const readers = source.replace(/^readers: .*$/m, "readers: [R2, R3, R7]");
    const study = await makeStudy({ door, ownerUrl: database.owner, source: readers });
    await expect(join(study, "r7")).rejects.toThrow("writes this reader's code R7");
    await expect(join(study, "R7")).resolves.toBeDefined();
    await expect(join(study, "R5")).resolves.toBeDefined();
    expect(
      await admin`select reader_code from membership where study_id = ${study.studyId} and role = 'reader' and reader_code ilike 'r2'`,
    ).toHaveLength(1);
  });

  test("is written by every version of the protocol as the roster and the reads have it, and by whoever joins; control: so written it is taken", async () => {
    const { source } = await shippedProtocol("demonstration");
    const version = (name: string, readers: string) =>
      source
        .replace('version: "1.2"', `version: "${name}"`)
        .replace(/^ {2}primary: .*\n/m, "")
        .replace(/^readers: .*$/m, `readers: [${readers}]`);
    const study = await makeStudy({ door, ownerUrl: database.owner, source: version("1.2", "R2, R3, R7") });
    const { principal_investigator: pi } = study.members;
    const change = (name: string, readers: string) =>
      door.withActor(pi, (tx) => addProtocolVersion(tx, pi, { source: version(name, readers), reason: "Readers" }));
    await addPatient(door, study, { name: "P", shortAxisMm: 6, positive: true, seed: 1, only: ["axial"] });
    const rows = "reader,condition,subject,node,plane,call,confidence\nR7,cohort-1,001,N1,axial,negative,70\n";
    expect(await importReads({ ...pi, role: "importer" }, { reads: Buffer.from(rows) })).toMatchObject({ added: 1 });
    for (const [readers, written] of [
      ["r2, R3, R7", "R2"],
      ["R2, R3, r7", "R7"],
    ] as const)
      await expect(change("2.0", readers), readers).rejects.toMatchObject({
        constraint: "reader_code_as_in_roster",
        values: { code: written },
      });
    await change("2.0", "R2, R3, R7, R8");
    await change("3.0", "R2, R3");
    await expect(change("4.0", "R2, R3, r7"), "not even after a version without").rejects.toMatchObject({
      constraint: "reader_code_as_in_roster",
    });
    await expect(join(study, "r7")).rejects.toThrow("is written R7");
    await expect(join(study, "R7")).resolves.toBeDefined();
  });

  test("is what its reader goes on under: who left and returns finds the lists as they were", async () => {
    const { study } = await studyWith(1);
    await draw(door, study);
    const { reader } = study.members;
    const first = await readCases(door, reader, 1);
    const key = randomUUID();
    const second = await openCase(reader);
    await door.withActor(reader, (tx) => submitRead(tx, reader, readOf(second?.slotId ?? "", { idempotencyKey: key })));
    await leave(study, reader);
    const email = await emailOf(reader);
    await expect(join(study, "R9", email)).rejects.toMatchObject({
      constraint: "reader_has_code",
      values: { code: "R2" },
    });
    const { actor } = await join(study, "R2", email);
    expect(actor.membershipId).not.toBe(reader.membershipId);
    // The answer to the last read was lost: sent again, it is stored once.
    await door.withActor(actor, (tx) => submitRead(tx, actor, readOf(second?.slotId ?? "", { idempotencyKey: key })));
    expect((await lists(actor))[0]).toMatchObject({ done: 2, total: 3 });
    expect((await progress(study)).lacking).toEqual([]);
    const rest = await readCases(door, actor, 100);
    expect(rest).toHaveLength(4);
    expect(rest.map(({ slotId }) => slotId)).not.toContain(first[0]?.slotId);
    await expect(openCase(reader)).resolves.toBeNull();
  });
});

describe("what a reader has left", () => {
  test("is closed with a reason: nothing is outstanding, the reads stay, and it is not drawn again", async () => {
    const { study } = await studyWith(1);
    await draw(door, study);
    const { reader, monitor } = study.members;
    await readCases(door, reader, 1);
    await leave(study, reader);
    expect((await counts(study)).missing).toContainEqual({ key: "readsOutstanding", count: 11 });
    expect(await close(study, "R2")).toEqual({ closed: 5 });
    expect((await counts(study)).missing).toContainEqual({ key: "readsOutstanding", count: 6 });
    const mine = (await progress(study)).lists.filter(({ readerCode }) => readerCode === "R2");
    expect(mine.map(({ done, total, closed }) => [done, total, closed])).toEqual([
      [1, 1, "Left the hospital"],
      [0, 0, "Left the hospital"],
    ]);
    await expect(close(study, "R2")).rejects.toThrow(/nothing left to read/);
    const { actor } = await join(study, "R2", await emailOf(reader));
    expect(await openCase(actor)).toBeNull();
    await expect(draw(door, study)).rejects.toThrow(/Nothing was drawn/);
    const [event] = await admin`
      select reason, detail from audit_event where study_id = ${study.studyId} and action = 'reading.closed'`;
    expect(event).toMatchObject({ reason: "Left the hospital", detail: { reads: 5 } });
    await expect(
      door.withActor(monitor, (tx) => closeReading(tx, monitor, { readerCode: "R3", reason: "Mine" })),
    ).rejects.toMatchObject({ code: "42501" });
  });
});
