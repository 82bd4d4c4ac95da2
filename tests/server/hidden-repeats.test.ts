import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededOrder } from "@/core/reading/designs/order";
import type { Call } from "@/core/reading/rule-set";
import type { StudyActor } from "@/server/door";
import { caseQuestion } from "@/server/schemas/cases";
import type { SignedIn } from "@/server/schemas/session";
import { viewCases } from "@/server/services/analysis/view-cases";
import { importReads } from "@/server/services/import/import-reads";
import { lockStudy } from "@/server/services/lock/lock-study";
import { viewPassport } from "@/server/services/passport/view-passport";
import { closeReading } from "@/server/services/reading/close-reading";
import { correctRead } from "@/server/services/reading/correct-read";
import { drawnOrder } from "@/server/services/reading/drawn-order";
import { listProgress } from "@/server/services/reading/list-progress";
import { listSignatures } from "@/server/services/reading/list-signatures";
import { myLists } from "@/server/services/reading/my-lists";
import { openCase } from "@/server/services/reading/open-case";
import { signReads } from "@/server/services/reading/sign-reads";
import { submitRead } from "@/server/services/reading/submit-read";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { sha256 } from "@/server/sha256";
import { freshDatabase } from "@/tests/support/database";
import { compare } from "@/tests/support/model-runs";
import { protocolThatReads } from "@/tests/support/practice";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, readOf, report } from "@/tests/support/study";

/*
 * Some cases of a list are read twice without their reader being told: drawn with the order, counted among the reads, and kept out of every figure but the agreement of a reader with
 * herself. What a reader could learn of it is in tests/blinding/hidden-repeats.test.ts.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const asked = { cases: 3, apart: 5 };
const asking = (repeats = `{ cases: ${asked.cases}, apart: ${asked.apart} }`) =>
  protocolThatReads(`repeats: ${repeats}`);
const withPatients = async (count: number, source: string) => {
  const study = await makeStudy({ door, ownerUrl: database.owner, source });
  const nodes = [];
  for (let seed = 1; seed <= count; seed++) {
    const patient = { name: `Patient ${seed}`, shortAxisMm: 4 + seed, positive: seed % 2 === 0, seed };
    nodes.push(await addPatient(door, study, patient));
  }
  return { study, nodes };
};

interface List {
  id: string;
  reader: string;
  condition: string;
  batch: number;
  seed: string;
  order_sha256: string;
  slots: { id: string; case: string; node: string; occasion: number }[];
}
/** What really stands in the schedules of a study. */
const schedulesOf = ({ studyId }: MadeStudy) =>
  admin<List[]>`
    select l.id, m.reader_code as reader, l.condition_key as condition, l.batch, l.seed, l.order_sha256,
           json_agg(json_build_object('id', s.id, 'case', s.case_id, 'node', k.node_id, 'occasion', s.occasion) order by s.position) as slots
      from reading_list l join membership m on m.id = l.membership_id join reading_slot s on s.list_id = l.id join reading_case k on k.id = s.case_id
     where l.study_id = ${studyId} group by l.id, m.reader_code order by m.reader_code, l.condition_ordinal, l.batch`;
const progressOf = ({ members: { principal_investigator: pi } }: MadeStudy) =>
  door.withActor(pi, (tx) => listProgress(tx, pi));
const lock = ({ members: { principal_investigator: pi } }: MadeStudy) =>
  door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));

describe("a schedule", () => {
  test("has so many cases of each list twice, so far apart, in an order that its seed draws again; images of a node never follow each other", async () => {
    const { study } = await withPatients(5, await asking());
    expect(await draw(door, study)).toMatchObject({ cases: 15, readers: 2 });
    const lists = await schedulesOf(study);
    expect(lists).toHaveLength(4);
    for (const { seed, order_sha256, slots } of lists) {
      expect(seed).toMatch(/^3\.3\.5\.[0-9a-f]{64}$/);
      expect(slots).toHaveLength(15 + asked.cases);
      const again = slots.filter(({ occasion }) => occasion === 2);
      expect(again).toHaveLength(asked.cases);
      for (const slot of again) {
        const first = slots.findIndex((each) => each.case === slot.case);
        expect(slots[first]?.occasion).toBe(1);
        expect(slots.indexOf(slot) - first - 1).toBeGreaterThanOrEqual(asked.apart);
      }
      for (const [at, { node }] of slots.entries()) expect(node).not.toBe(slots[at + 1]?.node);
      const order = slots.map((slot) => slot.case);
      expect(order_sha256).toBe(sha256(order.join("\n")));
      const cases = slots.filter(({ occasion }) => occasion === 1).map((slot) => ({ id: slot.case, node: slot.node }));
      expect(drawnOrder({ cases: cases.toReversed(), seed })).toEqual(order);
    }
    // Which they are is drawn for each list by itself.
    const repeated = lists.map(({ slots }) => slots.flatMap((slot) => (slot.occasion === 2 ? [slot.case] : [])));
    expect(new Set(repeated.map((each) => each.toSorted().join())).size).toBeGreaterThan(1);
    expect((await progressOf(study)).lists.map(({ total }) => total)).toEqual([18, 18, 18, 18]);
  });

  test("is drawn by the database as by the program, for any number of cases and repeats", async () => {
    for (const [nodes, images, cases, apart] of [
      [3, 1, 1, 1],
      [10, 3, 7, 16],
      [1, 6, 2, 2],
      [2, 9, 4, 9],
      [60, 3, 40, 90],
      [300, 1, 50, 30],
    ] as const) {
      const all = Array.from({ length: nodes }, () => randomUUID()).flatMap((node) =>
        Array.from({ length: images }, () => ({ id: randomUUID(), node })),
      );
      const seed = `3.${cases}.${apart}.${randomUUID()}`;
      const nodeOf = new Map<string, string>(all.map(({ id, node }) => [id, node]));
      const own = seededOrder(
        all.map(({ id }) => id),
        seed,
      );
      const [row] = await admin`
        with apart as (select nw.kept_apart(${own}::uuid[], ${own.map((id) => nodeOf.get(id) ?? randomUUID())}::uuid[]) as cases)
        select nw.with_repeats(a.cases, array(select (${JSON.stringify(Object.fromEntries(nodeOf))}::text::jsonb ->> u.id::text)::uuid
                 from unnest(a.cases) with ordinality u (id, place) order by u.place), ${seed}, ${cases}, ${apart}) as cases from apart a`;
      expect(row?.cases).toEqual(drawnOrder({ cases: all, seed }));
      expect(row?.cases).toHaveLength(all.length + cases);
    }
  });

  test("is refused, as a whole, where a list is too short for it, with what is asked for and what can be done", async () => {
    const { study } = await withPatients(3, await asking());
    const refusal = draw(door, study);
    await expect(refusal).rejects.toMatchObject({
      constraint: "list_short_for_repeats",
      values: { ...asked, fewest: 11, there: 9, reader: "R2", condition: "cohort-1" },
    });
    expect(await schedulesOf(study)).toHaveLength(0);
    await addPatient(door, study, { name: "One more", shortAxisMm: 8, positive: true, seed: 4 });
    expect(await draw(door, study)).toMatchObject({ cases: 12 });
  });

  test("has them in the conditions that the protocol names, and as before where it names none", async () => {
    const { study } = await withPatients(4, await asking("{ cases: 2, apart: 5, conditions: [cohort-2] }"));
    await draw(door, study);
    expect(
      (await schedulesOf(study)).map(({ condition, seed, slots }) => [condition, seed.slice(0, 2), slots.length]),
    ).toEqual([
      ["cohort-1", "2.", 12],
      ["cohort-2", "3.", 14],
      ["cohort-1", "2.", 12],
      ["cohort-2", "3.", 14],
    ]);
  });

  test("has none in what comes late: that is appended, however little it is; what another version asks for counts from the next reader on", async () => {
    const { study } = await withPatients(4, await asking());
    await draw(door, study);
    const before = await schedulesOf(study);
    await addPatient(door, study, { name: "Late", shortAxisMm: 7, positive: false, seed: 9, only: ["axial"] });
    expect(await draw(door, study)).toMatchObject({ cases: 1, readers: 2 });
    const after = await schedulesOf(study);
    expect(after.filter(({ batch }) => batch === 1)).toEqual(before);
    expect(after.filter(({ batch }) => batch === 2).map(({ slots }) => slots.map(({ occasion }) => occasion))).toEqual([
      [1],
      [1],
      [1],
      [1],
    ]);
    const { principal_investigator: pi } = study.members;
    const source = (await asking("{ cases: 1, apart: 2 }")).replace('version: "1.2"', 'version: "2.0"');
    await door.withActor(pi, (tx) =>
      addProtocolVersion(tx, pi, {
        source: source.replace("cleanPixelData: true", "cleanPixelData: false"),
        reason: "Fewer",
      }),
    );
    await addPatient(door, study, { name: "Later", shortAxisMm: 7, positive: false, seed: 10 });
    await draw(door, study);
    expect(
      (await schedulesOf(study)).filter(({ batch }) => batch === 3).every(({ seed }) => seed.startsWith("2.")),
    ).toBe(true);
  });

  test("draws for a later condition what was read, though its repeat was left when the reading was closed", async () => {
    const { study } = await withPatients(4, await asking());
    const { reader, principal_investigator: pi, coordinator } = study.members;
    await draw(door, study);
    const [list, later] = (await schedulesOf(study)).filter(({ reader: code }) => code === "R2");
    const left = list?.slots.map(({ occasion }) => occasion).lastIndexOf(2) ?? -1;
    await readCases(door, reader, left);
    await door.withActor(coordinator, (tx) => closeReading(tx, coordinator, { readerCode: "R2", reason: "Left" }));
    // As if the later condition came with a version of the protocol that is in force only now.
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      for (const table of ["reading_closure", "reading_slot"])
        await run.unsafe(`delete from ${table} where list_id = '${later?.id}'`);
      await run`delete from reading_list where id = ${later?.id ?? ""}`;
    });
    const [lacked] = await door.withActor(pi, (tx) =>
      tx.execute(sql`select cases from nw.count_lacking('image', '{}', '{cohort-2}') where reader_code = 'R2'`),
    );
    expect(lacked?.cases).toBe(new Set(list?.slots.slice(0, left).map((slot) => slot.case)).size);
  });
});

describe("reads of repeats", () => {
  let study: MadeStudy;
  let nodes: { number: string; nodeId: string }[];
  const password = "a long sentence of mine";
  /** What the reader says of an image, the first time and again: by its place in the list. */
  const answers = new Map<string, { first?: Call; again?: Call }>();

  /** Reads a list of R2 to its end; of every other repeat the reader says something else. */
  const readList = async (reader: StudyActor, listId: string) => {
    const slots = await admin<{ id: string; case: string; occasion: number }[]>`
      select id, case_id as case, occasion from reading_slot where list_id = ${listId} order by position`;
    let repeats = 0;
    for (const [at, slot] of slots.entries()) {
      const current = await openCase(reader);
      expect(current).toMatchObject({ slotId: slot.id, position: at + 1, total: slots.length });
      const key = `${listId} ${slot.case}`;
      const said = answers.get(key) ?? {};
      const own: Call = at % 2 === 0 ? "positive" : "negative";
      const other: Call = said.first === "positive" ? "negative" : "positive";
      const call = slot.occasion === 1 ? own : repeats++ % 2 === 0 ? (said.first ?? own) : other;
      answers.set(key, { ...said, [slot.occasion === 1 ? "first" : "again"]: call });
      const reason = call === "positive" ? { overrideReason: "It looks so" } : {};
      await door.withActor(reader, (tx) => submitRead(tx, reader, readOf(slot.id, { call, ...reason })));
    }
  };

  beforeAll(async () => {
    ({ study, nodes } = await withPatients(5, await asking("{ cases: 4, apart: 3 }")));
    await draw(door, study);
    const { reader } = study.members;
    const passwordHash = await hash(password);
    await admin`insert into credential (person_id, password_hash) values (${reader.personId}, ${passwordHash})`;
    for (const [seed, { nodeId }] of nodes.entries())
      await report(door, study, nodeId, seed % 2 === 1 ? "positive" : "negative");
  });

  test("make a list complete, are corrected as any other, and are signed with the others", async () => {
    const { reader, coordinator } = study.members;
    const lists = (await schedulesOf(study)).filter((list) => list.reader === "R2");
    const [first] = lists;
    if (!first) throw new Error("there is no list");
    const left = first.slots.length;
    await readList(reader, first.id);
    const mine = () => door.withActor(reader, (tx) => myLists(tx, reader));
    expect((await mine())[0]).toMatchObject({ total: left, done: left, state: "complete", toSign: { reads: left } });

    const [list] = await mine();
    const browser: SignedIn = {
      ...{
        sessionId: randomUUID(),
        personId: reader.personId ?? "",
        email: `${reader.personId}@example.org`,
        name: "Somebody",
      },
      ...{ mayCreateStudies: false, administersAccounts: false, mustChangePassword: false },
    };
    await signReads(reader, browser, { listId: first.id, sha256: list?.toSign?.sha256 ?? "", password });
    const signed = await door.withActor(coordinator, (tx) => listSignatures(tx));
    expect(signed.find(({ listId }) => listId === first.id)).toMatchObject({
      reads: left,
      signature: { stands: true },
    });

    // In the second list, one that is a repeat is corrected right after it was read.
    const second = lists[1];
    if (!second) throw new Error("there is no second list");
    const at = second.slots.findIndex(({ occasion }) => occasion === 2);
    const before = await readCases(door, reader, at + 1);
    const slotId = before.at(-1)?.slotId ?? "";
    expect(slotId).toBe(second.slots[at]?.id);
    expect(await openCase(reader, "previous")).toMatchObject({ slotId });
    await door.withActor(reader, (tx) =>
      correctRead(tx, reader, {
        ...readOf(slotId, { call: "positive", overrideReason: "Looks so" }),
        reason: "A slip",
      }),
    );
    const rows =
      await admin`select call, occasion, supersedes is not null as corrects from read where slot_id = ${slotId} order by submitted_at`;
    expect([...rows]).toEqual([
      { call: "negative", occasion: 2, corrects: false },
      { call: "positive", occasion: 2, corrects: true },
    ]);
    const [firstOfIt] =
      await admin`select r.call from read r join reading_slot s on s.id = r.slot_id where s.list_id = ${second.id} and s.case_id = ${second.slots[at]?.case ?? ""} and s.occasion = 1`;
    expect(firstOfIt?.call).toBe("negative");
    await readCases(door, reader, second.slots.length - at - 1);
    expect((await mine()).map(({ state }) => state)).toEqual(["complete", "complete"]);
  });

  test("of the rows of an import none speaks: the first read stays as it was made", async () => {
    const { actor } = await studyAsCommandLine(study.slug);
    const [row] = await admin<{ number: string; plane: string; call: Call; confidence: number }[]>`
      select b.number, c.plane, r.call, r.confidence from read r join reading_slot s on s.id = r.slot_id join case_crop k on k.case_id = r.case_id join crop c on c.id = k.crop_id
        join node n on n.id = c.node_id join subject b on b.id = n.subject_id
       where r.reader_code = 'R2' and r.condition_key = 'cohort-1' and r.occasion = 1 and b.study_id = ${study.studyId}
         and exists (select from read o where o.case_id = r.case_id and o.condition_key = r.condition_key and o.reader_code = r.reader_code and o.occasion = 2 and o.call <> r.call) limit 1`;
    const file = (call: string | undefined) => ({
      reads: Buffer.from(
        `reader,condition,subject,node,plane,call,confidence,seconds,criteria\nR2,cohort-1,${row?.number},N1,${row?.plane},${call},70,1.2,`,
      ),
    });
    expect(await importReads(actor, file(row?.call))).toMatchObject({ added: 0, unchanged: 1 });
    await expect(importReads(actor, file(row?.call === "positive" ? "negative" : "positive"))).rejects.toMatchObject({
      problems: [expect.stringContaining("contradicts the read of R2 in cohort-1")],
    });
  });

  test("count for the agreement of a reader with herself, and change no other figure", async () => {
    const { data_scientist: scientist } = study.members;
    await lock(study);
    const compared = await door.withActor(scientist, (tx) => compare(tx, scientist));
    const own = compared.agreement.filter(({ kind }) => kind === "repeats");
    const [first] = (await schedulesOf(study)).filter(({ reader }) => reader === "R2");
    const pairs = first?.slots.flatMap((slot) => {
      const { first: one, again } = answers.get(`${first.id} ${slot.case}`) ?? {};
      return slot.occasion === 2 ? [[one, again]] : [];
    });
    const same = pairs?.filter(([one, again]) => one === again).length ?? 0;
    expect(own).toMatchObject([
      { readers: ["R2", "R2"], condition: "cohort-1", n: 4, observed: same / 4 },
      { readers: ["R2", "R2"], condition: "cohort-2", n: 4 },
    ]);
    expect(same).toBe(2);
    expect(own[0]?.kappa.method).toMatchObject({ values: { level: "patient" } });

    const cases = await door.withActor(scientist, (tx) =>
      viewCases(tx, scientist, { ...caseQuestion.parse({}), reader: "R2", condition: "cohort-1" }),
    );
    const [party] = cases.parties;
    expect(party).toMatchObject({ reader: "R2", condition: "cohort-1" });
    const called = new Map(cases.nodes.flatMap(({ images }) => images.map(({ cropId, calls }) => [cropId, calls[0]])));
    const reads = await admin<{ crop: string; call: Call }[]>`
      select k.crop_id as crop, r.call from read r join case_crop k on k.case_id = r.case_id
       where r.study_id = ${study.studyId} and r.reader_code = 'R2' and r.condition_key = 'cohort-1' and r.occasion = 1`;
    expect(reads).toHaveLength(15);
    for (const { crop, call } of reads) expect(called.get(crop)).toBe(call === "positive" ? 1 : 0);

    const passports = await Promise.all(
      nodes.map(({ nodeId }) => door.withActor(scientist, (tx) => viewPassport(tx, scientist, { nodeId }))),
    );
    expect(JSON.stringify(passports).match(/"occasion":2/g)).toHaveLength(2 * 4 + 1);

    // The same study as it would be if nobody had read anything twice.
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`delete from read where study_id = ${study.studyId} and occasion = 2`;
    });
    const without = await door.withActor(scientist, (tx) => compare(tx, scientist));
    const unpaired = <T extends { agreement: { kind: string }[] }>({ agreement, ...rest }: T) => ({
      ...rest,
      agreement: agreement.filter(({ kind }) => kind !== "repeats"),
    });
    expect(without.agreement.some(({ kind }) => kind === "repeats")).toBe(false);
    expect({ ...unpaired(compared), units: compared.units.map(unpaired) }).toEqual({
      ...unpaired(without),
      units: without.units.map(unpaired),
    });
  });
});
