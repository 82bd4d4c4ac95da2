import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCaller } from "@/server/api/root";
import type { StudyActor } from "@/server/door";
import type { StudyProgress } from "@/server/schemas/study";
import { lockStudy } from "@/server/services/lock/lock-study";
import { studyProgress } from "@/server/services/study/study-progress";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases, report } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

/** Who sees how far a study is. */
const watching = ["coordinator", "principal_investigator", "monitor"] as const;

let study: MadeStudy;
const progressFor = (actor: StudyActor) => door.withActor(actor, (tx) => studyProgress(tx, actor));

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  for (let seed = 1; seed <= 3; seed++) {
    const { nodeId } = await addPatient(door, study, {
      name: `Patient ${seed}`,
      shortAxisMm: 4 + seed,
      positive: seed % 2 === 0,
      seed,
    });
    if (seed < 3) await report(door, study, nodeId, seed % 2 === 0 ? "positive" : "negative");
  }
  await draw(door, study);
  await readCases(door, study.members.reader, 5);
  // As if a minute lay between one read and the next, and a night before the last.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`
      update reading_progress p set submitted_at = n.at from (
        select slot_id, now() - interval '2 days' + row_number() over (order by submitted_at) * interval '1 minute'
                 + case when row_number() over (order by submitted_at) = 5 then interval '9 hours' else interval '0' end as at
          from reading_progress) n
       where n.slot_id = p.slot_id`;
  });
});

/** Every place of an answer, lists as one: `reads[].time.n`. */
function placesOf(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((each) => placesOf(each, `${at}[]`)))];
  if (value === null || typeof value !== "object") return [at];
  return Object.entries(value).flatMap(([name, inner]) => placesOf(inner, at === "" ? name : `${at}.${name}`));
}

describe("what is told of a running study", () => {
  test("is numbers of what was done, by reader and condition, the same to all who may know it", async () => {
    const [progress, ...others] = await Promise.all(watching.map((role) => progressFor(study.members[role])));
    expect(others).toEqual([progress, progress]);
    const places = placesOf(progress);
    expect(places.filter((place) => !place.startsWith("counts."))).toEqual([
      "missing[].key",
      "missing[].count",
      "accrual.planned",
      "accrual.until",
      "accrual.enrolled[].day",
      "accrual.enrolled[].subjects",
      "reads[].reader",
      "reads[].done",
      "reads[].total",
      "reads[].closed",
      "reads[].condition",
      "reads[].time.n",
      "reads[].time.lower",
      "reads[].time.median",
      "reads[].time.upper",
      "reads[].time",
    ]);
    expect(progress?.counts).toMatchObject({ enrolled: 3, nodes: 3, nodesWithoutPathology: 1, readsSubmitted: 5 });
    expect(Object.values(progress?.counts ?? {}).every(Number.isInteger)).toBe(true);
    expect(progress?.accrual).toMatchObject({ planned: 60, until: "2027-06-30" });
    expect(progress?.accrual.enrolled.reduce((sum, { subjects }) => sum + subjects, 0)).toBe(3);
  });

  test("a read takes from one submission to the next; a night in between is no reading", async () => {
    const { reads } = await progressFor(study.members.monitor);
    const [first, ...others] = reads;
    expect(first).toMatchObject({ reader: "R2", done: 5, total: 9, closed: false });
    expect(first?.time).toEqual({ n: 3, lower: 60, median: 60, upper: 60 });
    expect(others.map(({ time }) => time)).toEqual(others.map(() => null));
  });

  test("names readers in their order, R2 before R10", async () => {
    const rename = (from: string, to: string) =>
      admin.begin(async (run) => {
        await run`set local session_replication_role = replica`;
        await run`update membership set reader_code = ${to} where study_id = ${study.studyId} and reader_code = ${from}`;
      });
    await rename("R3", "R10");
    const { reads } = await progressFor(study.members.monitor);
    expect([...new Set(reads.map(({ reader }) => reader))]).toEqual(["R2", "R10"]);
    await rename("R10", "R3");
  });

  test("hangs on no call, truth or size: with all of them turned round it is the same", async () => {
    const before = await Promise.all(watching.map((role) => progressFor(study.members[role])));
    const stored = () =>
      admin`select (select string_agg(call::text || coalesce(confidence, 0) || criteria::text, ',' order by id) from read where study_id = ${study.studyId}) as reads,
                   (select string_agg(result::text, ',' order by id) from pathology_report where study_id = ${study.studyId}) as truths,
                   (select string_agg(short_axis_mm::text, ',' order by node_id) from node_size where study_id = ${study.studyId}) as sizes`;
    const [then] = await stored();
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update read set call = case call when 'positive' then 'negative' else 'positive' end::call, proposed_call = null,
                  confidence = 100 - coalesce(confidence, 0), criteria = '{"round": true}', active_ms = 1 where study_id = ${study.studyId}`;
      await run`update pathology_report set result = case result when 'positive' then 'negative' else 'positive' end::pathology_result where study_id = ${study.studyId}`;
      await run`update node_size set short_axis_mm = 20 - short_axis_mm where study_id = ${study.studyId}`;
    });
    const [now] = await stored();
    for (const what of ["reads", "truths", "sizes"])
      expect(now?.[what], `control: ${what} have changed`).not.toBe(then?.[what]);
    expect(await Promise.all(watching.map((role) => progressFor(study.members[role])))).toEqual(before);
  });

  test("the database gives none of the three a call before the lock, nor coordinator and investigator a truth; afterwards it does", async () => {
    const rows = (role: (typeof watching)[number], what: string) =>
      door
        .withActor(study.members[role], (tx) => tx.execute(sql.raw(what)))
        .then((found) => found.length)
        .catch((error: { code?: string }) => error.code);
    const calls = "select call, confidence, criteria, active_ms from read";
    const truths = "select result from pathology_report";
    expect([await rows("coordinator", calls), await rows("monitor", calls)]).toEqual(["42501", "42501"]);
    expect([await rows("coordinator", truths), await rows("principal_investigator", truths)]).toEqual(["42501", 0]);
    expect(await rows("principal_investigator", calls)).toBe(0);
    const places = "select case_id from reading_slot";
    expect([await rows("coordinator", places), await rows("monitor", places)]).toEqual(["42501", "42501"]);
    expect(await rows("principal_investigator", places)).toBe(0);
    expect(await rows("principal_investigator", "select slot_id from reading_progress"), "control").toBe(5);

    const { principal_investigator: pi } = study.members;
    await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "To see what opens" }));
    expect(await rows("principal_investigator", calls), "control").toBe(5);
    expect(await rows("principal_investigator", truths), "control").toBe(2);
  });

  test("no reader, and nobody else who only works in the study, is told; a stream tells what has changed within two seconds", async () => {
    const caller = async ({ personId }: StudyActor) => {
      const [session] = await admin`
        insert into session (person_id, expires_at) values (${personId}, now() + interval '1 hour') returning id`;
      await admin`insert into credential (person_id, password_hash) values (${personId}, 'x') on conflict do nothing`;
      const person = { sessionId: String(session?.id), personId, email: "a@example.org", name: "A" };
      return createCaller({
        person: { ...person, mayCreateStudies: false, administersAccounts: false, mustChangePassword: false },
        locale: "en",
      });
    };
    for (const role of ["reader", "pathologist", "locating_radiologist", "data_scientist"] as const) {
      const { study: of } = await caller(study.members[role]);
      await expect(of.progress({ study: study.slug })).rejects.toMatchObject({ cause: { code: "forbidden" } });
    }
    const other = await makeStudy({ door, ownerUrl: database.owner });
    const stream = (await (await caller(other.members.monitor)).study.live({ study: other.slug }))[
      Symbol.asyncIterator
    ]();
    const next = async () => (await stream.next()).value as StudyProgress;
    expect((await next()).counts.enrolled).toBe(0);
    await addPatient(door, other, { name: "Patient", shortAxisMm: 5, positive: true, seed: 1 });
    const began = Date.now();
    let told = await next();
    while (told.counts.crops < 3) told = await next();
    expect(told.counts.enrolled).toBe(1);
    expect(Date.now() - began).toBeLessThan(3_000);
  });
});
