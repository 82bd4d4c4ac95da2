import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Door, openDoor } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { oldInstallation } from "../support/installation";

/*
 * Every table, view and function there is, by the catalogue: a new one is in these tests from the day it is made. The rows are those of an
 * installation with trained models, so that there is something to hide in each table.
 */

const { admin, webUrl, upgrade, remove } = await oldInstallation();
let door: Door;
let reader: StudyActor;

beforeAll(async () => {
  await upgrade();
  door = openDoor({ url: webUrl, secret: inject("actorSecret"), max: 2 });
  // No assessment of 2283b68 was computed, nothing was sought when images came, nobody withdrew, and no list was closed.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`insert into criterion_evaluation (assessment_id, study_id, criterion_key, answer, used)
      select id, study_id, 'short_axis_3_mm', 'met', '[]' from eligibility_assessment limit 1`;
    await run`insert into alike_crops (study_id, crop_id, other_id) select study_id, min(id::text)::uuid, max(id::text)::uuid from crop group by study_id`;
    await run`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope, recorded_by)
      select study_id, id, '2026-01-05', 'keep', created_by from subject limit 1`;
    await run`insert into reading_closure (list_id, study_id, reason, closed_by)
      select l.id, l.study_id, 'Left', s.created_by from reading_list l join study s on s.id = l.study_id limit 1`;
  });
  // Of the locked study, where the policies of results are open to those who may see them.
  const [row] = await admin`
    select m.id, m.study_id, m.person_id from membership m join study s on s.id = m.study_id
     where m.role = 'reader' and s.state = 'locked' and m.ended_at is null limit 1`;
  reader = {
    role: "reader",
    studyId: row?.study_id,
    personId: row?.person_id,
    siteId: null,
    membershipId: row?.id,
  };
});
afterAll(async () => {
  await door.close();
  await remove();
});

/** What a reader of a study sees: whom it works with, what it works on, and that it is locked. */
const readersSee = [
  "public.membership",
  "public.person",
  "public.protocol_version",
  "public.study",
  "public.study_lock",
];
/** Rows that only signing in makes. */
const empty = ["public.password_link", "public.session", "public.sign_in_brake"];

test("a reader gets nothing from any table or view but those named here", async () => {
  const relations = await admin`
    select n.nspname || '.' || c.relname as name, c.relkind as kind from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`;
  expect(relations.length).toBeGreaterThan(40);
  for (const { name: relation } of relations) {
    const answer = await door
      .withActor(reader, async (tx) => [...(await tx.execute(sql.raw(`select * from ${relation} limit 1`)))])
      .catch((error: { code?: string }) => error.code);
    if (readersSee.includes(relation)) expect(answer, relation).toHaveLength(1);
    else expect(answer, relation).toBe("42501");
    if (/^(public|nw)\./.test(relation) && !empty.includes(relation))
      expect((await admin.unsafe(`select 1 from ${relation} limit 1`)).length, `${relation} holds rows to hide`).toBe(
        1,
      );
  }
});

/** What a reader may call: the claim, its own schedule and case, and to be refused. */
const readersCall = [
  "case_in_hand",
  "claim",
  "correct_read",
  "current_case",
  "locked",
  "may_create_studies",
  "may_found",
  "membership_id",
  "my_lists",
  "open_case",
  "person_id",
  "previous_case",
  "record_refusal",
  "role",
  "site_id",
  "study_id",
  "submit_read",
];

test("a reader calls no function but those named here", async () => {
  const functions = await admin`
    select p.oid::regprocedure::text as signature, p.proname as name, p.prosecdef as definer, p.proowner::regrole::text as owner, p.proconfig as config,
           p.prosqlbody is not null as bound, p.prorettype = 'trigger'::regtype as trigger,
           has_function_privilege('nw_reader', p.oid, 'execute') as reads, has_function_privilege('public', p.oid, 'execute') as everybody,
           array(select format_type(t, null) from unnest(p.proargtypes) t) as types
      from pg_proc p where p.pronamespace = 'nw'::regnamespace order by 1`;
  expect(functions.filter(({ reads }) => reads).map((each) => each.name)).toEqual(readersCall);
  for (const { signature, name: of, definer, owner, config, bound, trigger, everybody, types } of functions) {
    expect(everybody, `${signature} is open to everybody`).toBe(false);
    expect(owner, signature).toBe("nw_kernel");
    // A body that is bound when it is made hangs on no setting of the caller.
    if (!bound) {
      expect(config[0], `${signature} fixes its search_path`).toMatch(/^search_path=.*pg_temp$/);
      expect(config.slice(1), `${signature} fixes its settings`).toEqual([
        "TimeZone=UTC",
        "DateStyle=ISO, YMD",
        "IntervalStyle=postgres",
        "row_security=on",
        "client_min_messages=warning",
      ]);
    }
    if (definer || trigger) expect(bound, signature).toBe(false);
    if (readersCall.includes(of) || trigger) continue;
    const nulls = types.map((type: string) => `null::${type}`).join(", ");
    const answer = await door
      .withActor(reader, (tx) => tx.execute(sql.raw(`select nw.${of}(${nulls})`)))
      .then(
        () => "answered",
        (error: { code?: string }) => error.code,
      );
    expect(answer, signature).toBe("42501");
  }
});

test("every key between two tables of a study carries the study", async () => {
  const keys = await admin`
    select o.conname as name, o.conrelid::regclass::text as from, o.confrelid::regclass::text as to,
           array(select a.attname::text from unnest(o.conkey) with ordinality k (n, i) join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.n order by k.i) as "from_columns",
           array(select a.attname::text from unnest(o.confkey) with ordinality k (n, i) join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.n order by k.i) as "to_columns"
      from pg_constraint o where o.contype = 'f' and o.connamespace = 'public'::regnamespace order by 1`;
  expect(keys.length).toBeGreaterThan(60);
  const loose = keys.filter(({ from, to, from_columns: own, to_columns: theirs }) => {
    if (to === "study" || to === "person") return false;
    const place = theirs.indexOf("study_id");
    return place < 0 || own[place] !== (from === "study" ? "id" : "study_id");
  });
  expect(loose.map((key) => key.name)).toEqual([]);
  // And nothing that looks like a key is none: an id of another row has a foreign key.
  const unkeyed = await admin`
    select c.relname || '.' || a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.atttypid = 'uuid'::regtype and a.attname <> 'id'
       and not exists (select from pg_constraint o where o.conrelid = c.oid and o.contype = 'f' and a.attnum = any(o.conkey)) order by 1`;
  expect(unkeyed.map(({ column }) => column)).toEqual([
    // The trail outlives whom it names.
    "audit_change.person_id",
    // Of the queue, in a schema of its own.
    "job.queue_id",
    "read.idempotency_key",
  ]);
});
