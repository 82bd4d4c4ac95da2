import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import type { CorrectRead, SubmitRead } from "@/server/schemas/reading";
import { lockStudy } from "@/server/services/lock/lock-study";
import { correctRead } from "@/server/services/reading/correct-read";
import { drawSchedules } from "@/server/services/reading/draw-schedules";
import { listProgress } from "@/server/services/reading/list-progress";
import { myLists } from "@/server/services/reading/my-lists";
import { openCase } from "@/server/services/reading/open-case";
import { submitRead } from "@/server/services/reading/submit-read";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, planes, readCases, readOf } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;

/** Past every door: what really stands in the tables. */
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const open = (reader: StudyActor) => openCase(reader);
const submit = (reader: StudyActor, read: SubmitRead) => door.withActor(reader, (tx) => submitRead(tx, reader, read));
const lists = (reader: StudyActor) => door.withActor(reader, (tx) => myLists(tx, reader));
const opened = async (reader: StudyActor) => {
  const found = await open(reader);
  if (!found) throw new Error("no case is open");
  return found;
};
/** What the investigator may see of the schedules and the progress. */
const progress = ({ members }: MadeStudy) =>
  door.withActor(members.principal_investigator, (tx) => listProgress(tx, members.principal_investigator));

async function studyWith(patients: number, washOutDays = 0) {
  const { source } = await shippedProtocol("demonstration");
  const made = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace("shows: [size], washOutDays: 0", `shows: [size], washOutDays: ${washOutDays}`),
  });
  for (let i = 1; i <= patients; i++)
    await addPatient(door, made, { name: `Patient ${i}`, shortAxisMm: 4 + i, positive: i % 2 === 0, seed: i });
  return made;
}

describe("the schedule", () => {
  let study: MadeStudy;
  beforeAll(async () => {
    study = await studyWith(2);
    await draw(door, study);
  });

  test("gives each reader and condition an order of its own, stored with its seed and hash; both open with the lock", async () => {
    const drawn = (await progress(study)).lists;
    expect(drawn.map(({ total, order }) => [total, order])).toEqual(drawn.map(() => [2 * planes.length, null]));
    const columns = sql`select seed, order_sha256 from reading_list`;
    for (const role of ["coordinator", "principal_investigator", "monitor", "administrator"] as const) {
      await expect(door.withActor(study.members[role], (tx) => tx.execute(columns))).rejects.toMatchObject({
        code: "42501",
      });
      expect([
        ...(await door.withActor(study.members[role], (tx) => tx.execute(sql`select * from nw.drawn_orders()`))),
      ]).toEqual([]);
    }
    const ended = await studyWith(2);
    await draw(door, ended);
    const { principal_investigator: pi } = ended.members;
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    const orders = (await progress(ended)).lists.map(({ order }) => order);
    expect(orders).toHaveLength(4);
    for (const order of orders)
      expect(order).toEqual({
        seed: expect.stringMatching(/^2\.[0-9a-f]{64}$/),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    // Two of four orders of six cases can be the same by chance.
    expect(new Set(orders.map((order) => order?.sha256)).size).toBeGreaterThan(1);
  });

  test("drawn again adds nothing; crops that come later make a further batch", async () => {
    await expect(draw(door, study)).rejects.toThrow(/schedule/i);
    expect((await progress(study)).lists).toHaveLength(4);
    await addPatient(door, study, { name: "Late", shortAxisMm: 6.5, positive: true, seed: 9 });
    await draw(door, study);
    const later = (await progress(study)).lists.filter((list) => list.batch === 2);
    expect(later.map((list) => list.total)).toEqual([3, 3, 3, 3]);
  });

  test("is drawn by the investigator or the coordinator, by no reader", async () => {
    const { reader } = study.members;
    await expect(door.withActor(reader, (tx) => drawSchedules(tx, reader))).rejects.toThrow();
  });
});

describe("a reader", () => {
  test("sees one case at a time, with the size only in Cohort 2", async () => {
    const study = await studyWith(2);
    await draw(door, study);
    const { reader } = study.members;
    const first = await open(reader);
    expect(await open(reader)).toEqual(first);
    const hidden = await readCases(door, reader, 6);
    expect(hidden.map((shown) => shown.position)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const shown of hidden) expect(shown).not.toHaveProperty("shortAxisMm");
    const sized = await readCases(door, reader, 6);
    expect(sized.map((shown) => shown.shortAxisMm).toSorted()).toEqual([5, 5, 5, 6, 6, 6]);
    expect(await open(reader)).toBeNull();
  });

  test("finds Cohort 2 closed until Cohort 1 is complete and the wash-out has passed", async () => {
    const study = await studyWith(1, 14);
    await draw(door, study);
    const { reader } = study.members;
    const states = async () => (await lists(reader)).map((list) => list.state);
    expect(await states()).toEqual(["open", "waiting"]);
    await readCases(door, reader, 2);
    expect(await states()).toEqual(["open", "waiting"]);
    await readCases(door, reader, 1);
    expect(await states()).toEqual(["complete", "wash-out"]);
    expect(await open(reader)).toBeNull();
    const opensAt = (await lists(reader))[1]?.opensAt?.getTime() ?? 0;
    expect(Math.round((opensAt - Date.now()) / 86_400_000)).toBe(14);
  });

  test("submits a read once, however often it is sent", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader } = study.members;
    const read = readOf((await opened(reader)).slotId);
    await Promise.all([submit(reader, read), submit(reader, read)]);
    await submit(reader, read);
    expect((await lists(reader))[0]?.done).toBe(1);
  });

  test("cannot submit the same case again under another key, nor a case that is not the current one", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader, reader2 } = study.members;
    const mine = await opened(reader);
    const theirs = await opened(reader2);
    await submit(reader, readOf(mine.slotId));
    await expect(submit(reader, readOf(mine.slotId))).rejects.toThrow(/not the one being read/);
    await expect(submit(reader, readOf(theirs.slotId))).rejects.toThrow(/not the one being read/);
    await expect(submit(reader, readOf(randomUUID()))).rejects.toThrow(/not the one being read/);
    await submit(reader2, readOf(theirs.slotId));
    expect((await lists(reader))[0]?.done).toBe(1);
  });

  test("gives a reason when the call is not the rule's", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader } = study.members;
    const { slotId } = await opened(reader);
    await expect(submit(reader, readOf(slotId, { call: "positive" }))).rejects.toThrow(/give the reason/);
    expect((await lists(reader))[0]?.done).toBe(0);
    await submit(reader, readOf(slotId, { call: "positive", overrideReason: "Ring enhancement" }));
    expect((await lists(reader))[0]?.done).toBe(1);
  });

  test("is told what an incomplete read lacks, and nothing is saved", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader } = study.members;
    const { slotId } = await opened(reader);
    await expect(submit(reader, readOf(slotId, { confidence: null }))).rejects.toThrow(/Confidence is missing/);
    await expect(submit(reader, readOf(slotId, { criteria: { halo: true } }))).rejects.toThrow(/no criterion "halo"/);
    expect((await lists(reader))[0]?.done).toBe(0);
  });

  test("reads no more after the lock", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader, principal_investigator: pi } = study.members;
    const { slotId } = await opened(reader);
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    await expect(submit(reader, readOf(slotId))).rejects.toThrow();
    expect(await open(reader)).toBeNull();
    expect((await lists(reader)).map((list) => list.state)).toEqual(["closed", "closed"]);
  });
});

describe("a correction", () => {
  const again = (reader: StudyActor) => openCase(reader, "previous");
  const correct = (reader: StudyActor, read: CorrectRead) =>
    door.withActor(reader, (tx) => correctRead(tx, reader, read));
  const correction = (slotId: string, changes: Partial<CorrectRead> = {}): CorrectRead => ({
    ...readOf(slotId),
    criteria: { irregular_border: true, round_shape: true },
    call: "positive",
    reason: "Pressed the wrong key",
    ...changes,
  });
  const readsOf = (slotId: string) =>
    admin`select id, call, supersedes, correction_reason as reason, active_ms from read where slot_id = ${slotId} order by submitted_at`;

  test("supersedes the read submitted last, with its reason; both stay, the progress is as it was, and sent twice it is stored once", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader, monitor } = study.members;
    expect(await again(reader)).toBeNull();
    const first = await opened(reader);
    await submit(reader, readOf(first.slotId));
    const current = await opened(reader);
    expect(await again(reader)).toEqual(first);
    const corrected = correction(first.slotId);
    await Promise.all([correct(reader, corrected), correct(reader, corrected)]);
    const [original, after] = await readsOf(first.slotId);
    expect(original).toMatchObject({ call: "negative", supersedes: null, reason: null });
    expect(after).toMatchObject({ call: "positive", supersedes: original?.id, reason: "Pressed the wrong key" });
    expect(await open(reader)).toEqual(current);
    expect((await lists(reader))[0]?.done).toBe(1);

    await again(reader);
    await correct(reader, correction(first.slotId, { call: "negative", overrideReason: "No", reason: "Once more" }));
    const all = await readsOf(first.slotId);
    expect(all.map(({ supersedes }) => supersedes)).toEqual([null, original?.id, after?.id]);
    expect(await admin`select call from nw.current_read where slot_id = ${first.slotId}`).toEqual([
      { call: "negative" },
    ]);

    const trail = await door.withActor(monitor, (tx) =>
      tx.execute(sql`select action, reason from audit_event where entity_id = ${first.slotId} order by id`),
    );
    // The reason may tell what was read: before the lock it stands where nobody looks.
    expect(trail.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["case.shown", "read.submitted", "case.shown_again", "read.corrected"]),
    );
    expect(JSON.stringify([...trail])).not.toMatch(/wrong key|Once more/);
  });

  test("is of the read submitted last only, needs a reason and a complete form", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader, reader2 } = study.members;
    const mine = await readCases(door, reader, 2);
    const theirs = await opened(reader2);
    await submit(reader2, readOf(theirs.slotId));
    const last = mine[1]?.slotId ?? "";
    const refused = /can no longer be corrected/;
    for (const slotId of [mine[0]?.slotId ?? "", (await opened(reader)).slotId, theirs.slotId, randomUUID()])
      await expect(correct(reader, correction(slotId))).rejects.toThrow(refused);
    await again(reader);
    for (const reason of ["", "   "])
      await expect(correct(reader, correction(last, { reason }))).rejects.toMatchObject({ code: "23514" });
    await expect(correct(reader, correction(last, { call: "negative" }))).rejects.toThrow(/give the reason/);
    expect(await readsOf(last)).toHaveLength(1);
    await correct(reader, correction(last));
    expect(await readsOf(last)).toHaveLength(2);
  });

  test("is of no read that was simulated; control: of the reader's own after it", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { principal_investigator, reader } = study.members;
    await door.withActor({ ...principal_investigator, role: "importer" }, (tx) =>
      tx.execute(sql`
        insert into read (study_id, case_id, slot_id, reader_code, condition_key, criteria, call, protocol_version_id, source, idempotency_key)
        select s.study_id, s.case_id, s.id, 'R2', l.condition_key, '{}', 'negative', l.protocol_version_id, 'simulated', gen_random_uuid()
          from reading_slot s join reading_list l on l.id = s.list_id
         where l.membership_id = ${reader.membershipId} and l.condition_key = 'cohort-1' and s.position = 1`),
    );
    expect((await opened(reader)).position).toBe(2);
    expect(await again(reader)).toBeNull();
    await readCases(door, reader, 1);
    expect((await again(reader))?.position).toBe(2);
  });

  test("ends with its list, and with the lock", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader, reader2, principal_investigator: pi } = study.members;
    const whole = await readCases(door, reader, 3);
    expect(await again(reader)).toBeNull();
    await expect(correct(reader, correction(whole[2]?.slotId ?? ""))).rejects.toThrow(/list is complete/);
    const [shown] = await readCases(door, reader2, 1);
    expect(await again(reader2)).toMatchObject({ slotId: shown?.slotId });
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
    expect(await again(reader2)).toBeNull();
    await expect(correct(reader2, correction(shown?.slotId ?? ""))).rejects.toThrow(/closed/);
  });
});

describe("a node that is measured again while its case is being read", () => {
  const changed = { constraint: "shown_case_changed" };
  const measure = ({ slotId }: { slotId: string }, millimetres: number) => admin`
    insert into node_size (study_id, node_id, short_axis_mm, measured_by)
    select z.study_id, z.node_id, ${millimetres}, z.measured_by from reading_slot s join reading_case k on k.id = s.case_id
      join nw.current_size z on z.node_id = k.node_id where s.id = ${slotId}`;
  const kept = ({ slotId }: { slotId: string }) => admin`
    select r.proposed_call, r.shown_sha256 = v.shown_sha256 as as_shown, v.showing from read r
      join lateral (select * from reading_view where slot_id = r.slot_id and first_shown_at < r.submitted_at order by showing desc limit 1) v on true
     where r.slot_id = ${slotId} order by r.submitted_at`;

  test("is shown again before its read is taken, where the size is shown", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader } = study.members;
    const hidden = await opened(reader);
    await measure(hidden, 6);
    await submit(reader, readOf(hidden.slotId));
    await readCases(door, reader, 2);

    const seen = await opened(reader);
    expect(seen.shortAxisMm).toBe(6);
    await measure(seen, 14);
    const read = readOf(seen.slotId, { call: "negative", overrideReason: "Smooth" });
    await expect(submit(reader, read)).rejects.toMatchObject(changed);
    await expect(submit(reader, read)).rejects.toMatchObject(changed);
    expect(await kept(seen)).toEqual([]);
    expect((await opened(reader)).shortAxisMm).toBe(14);
    await submit(reader, read);
    expect(await kept(seen)).toMatchObject([{ as_shown: true, showing: 2 }]);
  });

  test("is shown again before a correction is taken, and no correction is taken of a case that was not opened for it", async () => {
    const study = await studyWith(1);
    await draw(door, study);
    const { reader } = study.members;
    await readCases(door, reader, 3);
    const [seen] = await readCases(door, reader, 1);
    if (!seen) throw new Error("no case was read");
    const correct = () =>
      door.withActor(reader, (tx) =>
        correctRead(tx, reader, { ...readOf(seen.slotId, { overrideReason: "Smooth" }), reason: "A slip" }),
      );
    const again = () => openCase(reader, "previous");
    await expect(correct()).rejects.toMatchObject(changed);
    await again();
    await measure(seen, 14);
    await expect(correct()).rejects.toMatchObject(changed);
    expect(await again()).toMatchObject({ slotId: seen.slotId, shortAxisMm: 14 });
    await correct();
    expect(await kept(seen)).toMatchObject([
      { as_shown: true, showing: 1 },
      { as_shown: true, showing: 3 },
    ]);
    await expect(correct()).rejects.toMatchObject(changed);
  });
});

test("the hash of what was shown is over place, image, plane, condition, size and protocol version, as of old, and over the rendering", async () => {
  const study = await studyWith(1);
  await draw(door, study);
  const { reader } = study.members;
  const versions = await admin`select id from protocol_version where study_id = ${study.studyId}`;
  const hash = (...parts: unknown[]) => createHash("sha256").update(parts.join("|")).digest("hex");
  const planeKeys = Object.fromEntries(planes.map((plane) => [plane.toLowerCase(), plane]));
  for (const { slotId, condition, crops, shortAxisMm, rendering } of await readCases(door, reader, 6)) {
    expect(rendering).toBe(shortAxisMm === undefined ? "canvas-300-cubic-30" : null);
    const [crop] = crops;
    const [kept] =
      await admin`select v.shown_sha256 as view, r.shown_sha256 as read, v.rendering from reading_view v join read r using (slot_id) where slot_id = ${slotId}`;
    const size = shortAxisMm?.toFixed(2) ?? "hidden";
    // Whichever file is handed out, the hash names the image itself.
    const [stored] = await admin<{ sha256: string }[]>`
      select c.sha256 from crop c left join crop_canvas w on w.crop_id = c.id where ${crop?.sha256 ?? ""} = case when ${rendering === null} then c.sha256 else w.sha256 end`;
    const expected = hash(
      slotId,
      stored?.sha256,
      planeKeys[crop?.plane.toLowerCase() ?? ""],
      condition.key,
      size,
      versions[0]?.id,
      ...(rendering ? [rendering] : []),
    );
    expect(kept).toEqual({ view: expected, read: expected, rendering });
  }
});

test("a case is noted as shown before the reader has it, once, and the trail does not tell which it was", async () => {
  const study = await studyWith(1);
  await draw(door, study);
  const { reader, monitor } = study.members;
  const { slotId } = await opened(reader);
  await open(reader);
  const shown = await door.withActor(monitor, (tx) =>
    tx.execute<{ entity_id: string; detail: object }>(
      sql`select entity_id, detail from audit_event where action = 'case.shown'`,
    ),
  );
  // Whoever has the hash of what was shown, and sees crops, tries out which it was.
  expect(shown).toEqual([{ entity_id: slotId, detail: { condition: "cohort-1" } }]);
  const views = await admin`select shown_sha256 from reading_view where slot_id = ${slotId}`;
  expect(views).toEqual([{ shown_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
});
