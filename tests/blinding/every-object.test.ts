import { createHmac } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Actor, type ActorRole, type Door, openDoor, studyRoles, type Tx } from "@/db/actor";
import { bounded } from "@/db/schema/kept";
import { actorRoles } from "@/db/schema/roles";
import type { StudyActor } from "@/server/door";
import { takeOn } from "../support/claim";
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
  // No assessment of 2283b68 was computed, nothing was sought or drawn when images came, no image came from a scanner, nobody withdrew, nobody practised, no list was closed, and no bundle was made.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`insert into criterion_evaluation (assessment_id, study_id, criterion_key, answer, used)
      select id, study_id, 'short_axis_3_mm', 'met', '[]' from eligibility_assessment limit 1`;
    await run`insert into alike_crops (study_id, crop_id, other_id) select study_id, min(id::text)::uuid, max(id::text)::uuid from crop group by study_id`;
    await run`insert into crop_canvas (study_id, crop_id, rendering, sha256) select study_id, id, 'canvas-300-cubic-30', sha256 from crop limit 1`;
    await run`insert into deidentification_key (study_id, key) select id, ${"0".repeat(64)} from study`;
    await run`insert into date_offset (subject_id, study_id, days) select id, study_id, -7 from subject limit 1`;
    await run`insert into image_upload (id, study_id, exam_id, source, created_by) select id, study_id, id, 'browser', recorded_by from exam limit 1`;
    await run`insert into image_series (id, study_id, exam_id, uid, parameters) select id, study_id, id, '2.25.1', '{}' from image_upload`;
    await run`insert into image_instance (id, study_id, series_id, upload_id, uid, sop_class_uid, transfer_syntax_uid, sha256, pixel_sha256, source_digest, patient_digest, bytes, frames, rows, columns, planes)
      select id, study_id, id, id, '2.25.1', '1.2', '1.2', ${"0".repeat(64)}, 'x', 'x', 'x', 1, 1, 1, 1, '[]' from image_series`;
    await run`insert into uploaded_file (upload_id, study_id, ordinal, outcome, instance_id, bytes) select id, study_id, 1, 'accepted', id, 1 from image_instance`;
    await run`insert into image_look (instance_id, study_id, sha256, waits, asked_at) select id, study_id, ${"1".repeat(64)}, true, now() + interval '1 day' from image_instance`;
    await run`insert into image_hold (id, study_id, instance_id, reason, boxes) select id, study_id, id, 'burned_in_flag', '[]' from image_instance`;
    await run`insert into hold_decision (hold_id, study_id, decision, reason, decided_by)
      select h.id, h.study_id, 'rejected', 'Letters', u.created_by from image_hold h join image_upload u on u.id = h.id`;
    await run`insert into image_black_out (study_id, instance_id, from_sha256, sha256, pixel_sha256, transfer_syntax_uid, bytes, boxes, voucher, blacked_out_by)
      select i.study_id, i.id, i.sha256, ${"1".repeat(64)}, 'x', '1.2', 1, '[[0, 0, 1, 1]]', ${"0".repeat(64)}, u.created_by from image_instance i join image_upload u on u.id = i.id`;
    await run`insert into image_quality (study_id, exam_id, verdict, reasons, judged_by) select study_id, exam_id, 'usable', '{}', created_by from image_upload`;
    await run`insert into exam_time (exam_id, study_id, spent_by) select exam_id, study_id, created_by from image_upload`;
    await run`insert into person_setting (person_id, name, value) select id, 'viewer_keys', '{"next": ["j"]}' from person`;
    await run`insert into measurement (size_id, study_id, node_id, instance_id, frame, long_axis_mm, ends, row_spacing, column_spacing, spacing_source, repeat, measured_by)
      select s.id, s.study_id, s.node_id, i.id, 1, 9, ${new Array(12).fill(0)}, 1, 1, 'pixel', 1, s.measured_by from node_size s join image_instance i using (study_id) limit 1`;
    await run`insert into crop_source (crop_id, study_id, instance_id, frame, box_left, box_top, box_width, box_height, window_low, window_high, cut_by, cut_at)
      select c.id, c.study_id, i.id, 1, 0, 0, 9, 9, 0, 1, c.created_by, now() - interval '1 hour' from crop c join image_instance i using (study_id) limit 1`;
    await run`insert into inbox_study (id, study_id, site_id, uid, patient_digest) select id, study_id, id, '2.25.2', 'x' from site limit 1`;
    await run`insert into inbox_identity (inbox_id, study_id, name, hospital_number, birth_date, study_date, days) select id, study_id, 'Moon', 'Z-1', '', '', -7 from inbox_study`;
    await run`insert into inbox_image (study_id, inbox_id, sha256, source_digest, holds, bytes) select study_id, id, ${"0".repeat(64)}, 'x', '[]', 1 from inbox_study`;
    await run`insert into inbox_match (inbox_id, study_id, exam_id, begun_by) select w.id, w.study_id, e.id, e.recorded_by from inbox_study w join exam e using (study_id) limit 1`;
    await run`insert into inbox_outcome (inbox_id, study_id, outcome, reason, decided_by) select w.id, w.study_id, 'turned_away', 'Nobody', s.created_by from inbox_study w join study s on s.id = w.study_id`;
    await run`insert into file_being_stored (attempt, study_id, sha256, expires_at) select id, study_id, sha256, now() from crop limit 1`;
    await run`insert into report (id, study_id, analysis_id, language) select id, study_id, id, 'en' from analysis limit 1`;
    await run`insert into report_files (report_id, study_id, word_sha256, pdf_sha256, records)
      select r.id, r.study_id, o.sha256, o.sha256, '{}' from report r join stored_object o on o.study_id = r.study_id limit 1`;
    await run`insert into consent_withdrawal (study_id, subject_id, withdrawn_on, scope, recorded_by)
      select study_id, id, '2026-01-05', 'keep', created_by from subject limit 1`;
    await run`insert into bundle (id, study_id, analysis_id, sha256) select id, study_id, id, ${"0".repeat(64)} from analysis limit 1`;
    await run`insert into practice_case (id, study_id, set_number, name, truth, explanation, added_by) select id, id, 1, 'P1', 'positive', 'Round', created_by from study`;
    await run`insert into practice_image (case_id, study_id, ordinal, plane, sha256, canvas_sha256, pixel_sha256)
      select id, study_id, 1, 'axial', ${"0".repeat(64)}, ${"0".repeat(64)}, 'x' from practice_case`;
    await run`insert into practice_round (id, study_id, membership_id, protocol_version_id, condition_key, shows, number, set_number, pass_mark)
      select m.id, m.study_id, m.id, s.protocol_version_id, 'cohort-1', '{}', 1, 1, 0.8 from membership m join study s on s.id = m.study_id where m.role = 'reader'`;
    await run`insert into practice_read (study_id, round_id, case_id, criteria, call, active_ms, idempotency_key)
      select r.study_id, r.id, r.study_id, '{}', 'positive', 1, r.id from practice_round r`;
    await run`insert into reading_closure (list_id, study_id, reason, closed_by)
      select l.id, l.study_id, 'Left', s.created_by from reading_list l join study s on s.id = l.study_id limit 1`;
    await run`insert into display_check (study_id, membership_id, dark, bright, width, height, pixel_ratio, passed)
      select l.study_id, l.membership_id, 2, 2, 1920, 1080, 100, true from reading_list l limit 1`;
    await run`insert into reading_reminder (study_id, membership_id, reminded_by)
      select l.study_id, l.membership_id, s.created_by from reading_list l join study s on s.id = l.study_id limit 1`;
    await run`insert into unblinding (study_id, kind, told_name, told, reason, told_at, recorded_by)
      select id, 'emergency', 'Dr. Moon, surgeon', '{pathology}', 'An operation', now(), created_by from study`;
    await run`insert into read_signature (study_id, list_id, reads, reads_sha256, meaning, protocol_version_id, signed_name, signed_by)
      select l.study_id, l.id, 1, ${"0".repeat(64)}, 'alone_size_hidden', l.protocol_version_id, 'Moon', s.created_by from reading_list l join study s on s.id = l.study_id limit 1`;
    await run`insert into wash_out_override (study_id, list_id, opens_at, wash_out_days, reason, signed_name, signed_by)
      select l.study_id, l.id, now() + interval '9 days', 28, 'A holiday', 'Moon', s.created_by from reading_list l join study s on s.id = l.study_id limit 1`;
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

/** Somebody who has this role, as far as it is one of persons, in the reader's study. */
async function holderOf(role: ActorRole): Promise<Actor> {
  const [member] = studyRoles.some((each) => each === role)
    ? await admin`
        select id, person_id from membership
         where study_id = ${reader.studyId} and role = ${role} and ended_at is null order by (id = ${reader.membershipId}) desc limit 1`
    : [];
  return {
    ...reader,
    role,
    personId: member?.person_id ?? reader.personId,
    studyId: member || role === "importer" ? reader.studyId : null,
    membershipId: member?.id ?? null,
  };
}

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
  "begin_practice",
  "case_in_hand",
  "claim",
  "correct_read",
  "current_case",
  "display_check_due",
  "has_claim",
  "list_done",
  "locked",
  "may_create_studies",
  "may_found",
  "membership_id",
  "my_lists",
  "my_practice",
  "my_signatures",
  "note_display_check",
  "of_every_site",
  "open_case",
  "person_id",
  "practice_answer",
  "practice_answered_last",
  "practice_in_hand",
  "previous_case",
  "record_refusal",
  "role",
  "sign_reads",
  "site_id",
  "study_id",
  "submit_answer",
  "submit_practice",
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
        "extra_float_digits=1",
        "bytea_output=hex",
        "array_nulls=on",
        "standard_conforming_strings=on",
        "transform_null_equals=off",
        "row_security=on",
        "client_min_messages=warning",
        "enable_nestloop=on",
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

describe("a role that somebody takes on who has the claim of another, or none,", () => {
  /** What a reader does under another role of the login; undone afterwards. */
  const under = async <T>(role: string, claim: "own" | "none", work: (tx: Tx) => Promise<T>): Promise<T | string> => {
    const undone = { result: undefined as T | undefined };
    return door
      .withActor(reader, async (tx) => {
        await tx.execute(sql.raw(`set local role ${role}`));
        if (claim === "none") await tx.execute(sql.raw("set local nodewise.actor = ''"));
        undone.result = await work(tx);
        throw undone;
      })
      .catch((error: unknown) => {
        if (error === undone) return undone.result as T;
        return error instanceof Error && "code" in error ? String(error.code) : String(error);
      });
  };
  const claims = ["own", "none"] as const;

  test("opens no table: each has row policies, and each of these asks for the role's own claim", async () => {
    const open = await admin`
      select distinct n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_roles r on r.rolname like 'nw\\_%' and r.rolname <> 'nw_kernel'
       where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and not c.relrowsecurity
         and (has_any_column_privilege(r.oid, c.oid, 'select, insert, update') or has_table_privilege(r.oid, c.oid, 'delete, truncate'))`;
    // What queues there are.
    expect(open.map(({ name }) => name)).toEqual(["pgboss.queue"]);
    const conditions = await admin`
      select p.tablename || ' ' || p.policyname as name, p.permissive = 'RESTRICTIVE' as beside, x.condition from pg_policies p cross join unnest(array[p.qual, p.with_check]) x (condition)
       where x.condition is not null and p.roles && (select array_agg(rolname) from pg_roles where rolname like 'nw\\_%' and rolname <> 'nw_kernel')`;
    expect(conditions.length).toBeGreaterThan(100);
    const asked = /^\(+ SELECT nw\.role\(\)( AS role)?\) = CURRENT_USER\) AND /;
    const permissive = conditions.filter(({ beside }) => !beside);
    expect(permissive.filter(({ condition }) => !asked.test(condition)).map(({ name }) => name)).toEqual([]);
    const [gates] = await admin`
      select count(*) filter (where p.qual = 'nw.has_claim()' and 'nw_reader' = any (p.roles))::int as gates, count(distinct c.oid)::int as tables
        from pg_class c left join pg_policies p on p.tablename = c.relname and p.schemaname = 'public' and p.permissive = 'RESTRICTIVE' and p.cmd = 'ALL'
       where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`;
    expect(gates?.gates, "a gate on each table").toBe(gates?.tables);
  });

  test("is told by no refusal what is there: of every row it may write, that it may not, whatever stands in other rows", async () => {
    const writable = await admin`
      select c.relname as table, r.rolname as role, string_agg(quote_ident(a.attname), ', ') as columns, bool_or(a.attname = 'study_id') as "ofStudy"
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_roles r on r.rolname like 'nw\\_%' and r.rolname not in ('nw_kernel', 'nw_worker')
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attidentity = '' and has_column_privilege(r.oid, c.oid, a.attnum, 'insert')
       group by 1, 2 order by 1, 2`;
    expect(writable.length).toBeGreaterThan(50);
    for (const { table, role, columns, ofStudy } of writable) {
      if (empty.includes(`public.${table}`)) continue;
      // Of the locked study, which is more to tell.
      const [there] =
        (ofStudy &&
          (await admin.unsafe(
            `select to_jsonb(t) as row from ${table} t where study_id = '${reader.studyId}' limit 1`,
          ))) ||
        [];
      const [any] = there ? [there] : await admin.unsafe(`select to_jsonb(t) as row from ${table} t limit 1`);
      for (const claim of claims) {
        const answer = await under(role, claim, async (tx) => {
          await tx.execute(
            sql`insert into ${sql.raw(table)} (${sql.raw(columns)}) select ${sql.raw(columns)} from jsonb_populate_record(null::${sql.raw(table)}, ${JSON.stringify(any?.row)}::jsonb)`,
          );
          return "written";
        });
        expect(answer, `${table} as ${role}`).toBe("42501");
      }
    }
  });

  /**
   * What statements give that are planned, and may be run, under a role, and that run under the actor's own, with the own claim: those of cursors which outlive
   * their transaction run when it ends. (As a portal that is opened under one role and executed under another.)
   */
  const ranBy = async (actor: Actor, role: string, statements: string[]): Promise<readonly unknown[][] | string> => {
    const direct = postgres(webUrl, { max: 1, prepare: false, onnotice: () => {} });
    const cursors = statements.map((statement, at) => `declare c${at} cursor with hold for ${statement}`);
    try {
      await direct.unsafe("begin");
      await takeOn((text) => direct.unsafe(text), actor, inject("actorSecret"));
      await direct.unsafe(`set local role ${role}; ${cursors.join("; ")}; set local role nw_${actor.role}; commit`);
      const given = [];
      for (const at of cursors.keys())
        given.push((await direct.unsafe(`fetch all from c${at}`)).map(({ answer }) => answer));
      return given;
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    } finally {
      await direct.end();
    }
  };

  test("opens no table by what was planned under it: the claim of that very role is asked for when a statement runs, not only before", async () => {
    const readable = await admin<{ role: string; tables: { table: string; column: string }[] }[]>`
      select role, jsonb_agg(jsonb_build_object('table', t, 'column', c)) as tables from (
        select r.rolname as role, c.oid::regclass::text as t, min(quote_ident(a.attname)) as c
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          join pg_roles r on r.rolname like 'nw\\_%' and r.rolname not in ('nw_kernel', 'nw_worker')
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_column_privilege(r.oid, c.oid, a.attnum, 'select') group by 1, 2) x
       group by 1 order by 1`;
    const gates = (condition: string) =>
      admin.unsafe(`do $$ declare x record; begin
        for x in select oid::regclass as t from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop
          execute format('alter policy claim on %s using (${condition})', x.t);
        end loop; end $$`);
    const seen: string[] = [];
    // As if the planner did not ask.
    await gates("true");
    try {
      for (const { role, tables } of readable) {
        const rows = tables.map(
          ({ table, column }) =>
            `select to_jsonb(${column}) as answer from ${table} where ${column} is not null limit 1`,
        );
        const own = await holderOf(role.slice(3) as ActorRole);
        for (const actor of [reader, await holderOf("person")])
          if (actor.role !== own.role)
            expect(await ranBy(actor, role, rows), `${role}, by ${actor.role}`).toEqual(tables.map(() => []));
        // Control: under its own claim.
        const given = await ranBy(own, role, rows);
        if (typeof given === "string") throw new Error(`${role}: ${given}`);
        seen.push(...tables.flatMap(({ table }, at) => (given[at]?.length ? [`${table} ${role}`] : [])));
      }
    } finally {
      await gates("nw.has_claim()");
    }
    expect(seen.length).toBeGreaterThan(100);
    expect(seen).toEqual(expect.arrayContaining(["credential nw_sign_in", "read nw_importer", "node_size nw_monitor"]));
    const lacking = await admin`
      select distinct c.oid::regclass::text || ' ' || r.rolname as name
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_roles r on r.rolname like 'nw\\_%' and r.rolname <> 'nw_kernel'
        join lateral unnest('{select,insert,update}'::text[]) v (verb) on has_column_privilege(r.oid, c.oid, a.attnum, v.verb)
       where (c.relnamespace = 'public'::regnamespace and c.relkind = 'r' or c.oid = 'pgboss.job'::regclass)
         and not exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive and p.polcmd = '*' and p.polroles = array[r.oid]
                            and pg_get_expr(p.polqual, p.polrelid) ~ ('^\\(\\( SELECT nw\\.role\\(\\)( AS role)?\\) = ' || quote_literal(r.rolname) || '::text\\)$'))`;
    expect(lacking.map(({ name }) => name)).toEqual([]);
  });

  /** What stands for each parameter of a function, in SQL: rows that are there. */
  const given: Record<string, string> = {};
  beforeAll(async () => {
    const one = async (statement: string) => `'${(await admin.unsafe(statement))[0]?.x}'`;
    const mine = `study_id = '${reader.studyId}'`;
    Object.assign(given, {
      account: "'somebody@example.org'",
      crop: await one(`select id as x from crop where ${mine} limit 1`),
      others: "''",
      voucher: `'${"0".repeat(64)}'`,
      action: "'records.imported'",
      active_ms: "1",
      attempt: "gen_random_uuid()",
      batch: "2",
      bright: "2",
      dark: "2",
      height: "1080",
      pixel_ratio: "100",
      width: "1920",
      checked_hash: "'x'",
      opens_at: "now()",
      closed: "true",
      condition: "'cohort-1'",
      conditions: "'{cohort-1}'",
      confidence: "50",
      criteria: "'{}'",
      data: await one(
        `select jsonb_build_object('jobId', id, 'studyId', study_id)::text as x from job where ${mine} limit 1`,
      ),
      decided: "'positive'",
      detail: "null",
      display: "null",
      exam: await one(`select id as x from exam where ${mine} limit 1`),
      inbox: await one("select id as x from inbox_study limit 1"),
      email: await one("select email as x from person where not program limit 1"),
      entity: "'reading_slot'",
      entity_id: "'x'",
      field: "1",
      from_another: "true",
      given: "null",
      hashes: `array['${"0".repeat(64)}']`,
      hours: "24",
      sent: "'shown'",
      sets: await one(
        `select jsonb_build_array(jsonb_build_array(crop_id))::text as x from case_crop where ${mine} limit 1`,
      ),
      id: await one(`select id as x from membership where ${mine} limit 1`),
      input: "null",
      job_id: await one(`select id as x from job where ${mine} limit 1`),
      job_kind: "'train'",
      keep_session: "null",
      key: await one(`select id as x from study where id = '${reader.studyId}'`),
      kind: "'train'",
      list: await one(`select id as x from reading_list where ${mine} limit 1`),
      name: "'Sun'",
      names: "array['Sun']",
      hospital_number: "'1'",
      not_evaluable: "null",
      objects: `'${JSON.stringify([
        {
          sha256: "0".repeat(64),
          media_type: "image/png",
          bytes: 1,
          signature: createHmac("sha256", inject("actorSecret"))
            .update(`stored_object|${reader.studyId}|${"0".repeat(64)}`)
            .digest("hex"),
        },
      ])}'`,
      occasion: "1",
      os_user: "'somebody'",
      override_reason: "null",
      password_hash: "'x'",
      person: await one(
        `select person_id as x from membership where ${mine} and role = 'principal_investigator' limit 1`,
      ),
      planes: "'{axial}'",
      "planes integer": "3",
      proposed: "'positive'",
      purpose: "'records of a study'",
      queue: "gen_random_uuid()",
      queue_id: await one(`select queue_id as x from job where ${mine} limit 1`),
      rating: "null",
      reader: await one(`select id as x from membership where ${mine} and role = 'reader' limit 1`),
      reason: "'why'",
      rule_set: "null",
      runs: "'x'",
      secret_sha256: "'x'",
      sha256: `'${"0".repeat(64)}'`,
      seconds: "0",
      session: "gen_random_uuid()",
      silent_seconds: "0",
      slot: await one(`select id as x from reading_slot where ${mine} limit 1`),
      source: "'192.0.2.1'",
      study: `'${reader.studyId}'`,
      subject: await one(`select id as x from subject where ${mine} limit 1`),
      turn: "'current'",
      ...{ uid: "'2.25.3'", patient_digest: "'x'", birth_date: "''", study_date: "''" },
      unit: "'image'",
      user_agent: "'test'",
    });
  });

  const isNothing = (answer: unknown): boolean =>
    (typeof answer === "object" && answer !== null ? Object.values(answer) : [answer]).every((value) =>
      [null, false, 0, "", undefined].includes(value as null),
    );

  /** Nothing: no row, or rows of nothing; no row written or locked, no lock held. */
  const gives = async (tx: Tx, call: string): Promise<string> => {
    const rows = await tx.execute<{ answer: unknown }>(sql.raw(`select to_jsonb(f) as answer from ${call} f`));
    const [left] = await tx.execute<{ written: boolean; pid: number }>(
      sql`select pg_current_xact_id_if_assigned() is not null as written, pg_backend_pid() as pid`,
    );
    const [held] = await admin`
      select count(*)::int as locks from pg_locks where locktype = 'advisory' and pid = ${left?.pid ?? null}`;
    const something = rows.some(({ answer }) => !isNothing(answer));
    return something || left?.written || (held?.locks ?? 0) > 0 ? "something" : "nothing";
  };

  test("calls nothing: each function gives something under its claim alone, or is refused", async () => {
    const functions = await admin`
      select p.oid::regprocedure::text as signature, p.proname as name, r.rolname as role,
             coalesce((select array_agg(n order by i) from unnest(p.proargnames[1:p.pronargs]) with ordinality x (n, i)), '{}') as parameters,
             array(select format_type(t, null) from unnest(p.proargtypes) t) as types
        from pg_proc p join pg_roles r on r.rolname like 'nw\\_%' and r.rolname not in ('nw_kernel', 'nw_worker') and has_function_privilege(r.oid, p.oid, 'execute')
       where p.pronamespace = 'nw'::regnamespace order by 1, 3`;
    expect(functions.length).toBeGreaterThan(150);
    const something = new Set<string>();
    for (const { signature, name, role, parameters, types } of functions) {
      const values = parameters.map((parameter: string, at: number) => {
        const value = given[`${parameter} ${types[at]}`] ?? given[parameter];
        expect(value, `${signature}: a value for ${parameter}`).toBeDefined();
        return `(${value})::${types[at]}`;
      });
      const call = `nw.${name}(${values.join(", ")})`;
      for (const claim of claims.filter((each) => each === "none" || role !== "nw_reader"))
        expect(await under(role, claim, (tx) => gives(tx, call)), `${signature} as ${role}`).toMatch(
          /^(nothing|42501|23502|NW005|NW006|NW007)$/,
        );
      // Nor called under it, and running under another: but for what everybody may call.
      if (!readersCall.includes(name)) {
        const ran = await ranBy(reader, role, [`select to_jsonb(f) as answer from ${call} f`]);
        if (typeof ran === "string")
          expect(ran, `${signature} of ${role}`).toMatch(/^(42501|23502|NW005|NW006|NW007)$/);
        else
          expect(
            ran.flat().filter((answer) => !isNothing(answer)),
            `${signature} of ${role}`,
          ).toEqual([]);
      }
      // Control: under its own claim.
      const answer = await door
        .withActor(await holderOf(role.slice(3) as ActorRole), async (tx) => {
          const found = await gives(tx, call);
          throw new Error(found);
        })
        .catch((error: Error) => error.message);
      if (answer === "something") something.add(name);
    }
    // Control: what everybody may call runs so.
    expect(await ranBy(reader, "nw_coordinator", ["select nw.study_id() as answer"])).toEqual([[reader.studyId]]);
    expect([...something]).toEqual(
      expect.arrayContaining([
        ...[
          "begin_sign_in",
          "claim",
          "conditions_in_use",
          "drawn_orders",
          "hold",
          "list_length",
          "locked",
          "my_lists",
          "person_by_email",
        ],
        ...["look_at_identity", "note_stored", "record", "record_refusal", "role", "study_counts", "study_id"],
      ]),
    );
  });
});

test("each function that some roles may call and others not asks for the claim of these itself: who may call it is looked at before it runs", async () => {
  const functions = await admin<{ name: string; text: string; roles: string[] }[]>`
    select p.proname as name, p.prosrc as text,
           array(select substr(r.rolname, 4) from pg_roles r where r.rolname like 'nw\\_%' and r.rolname <> 'nw_kernel' and has_function_privilege(r.oid, p.oid, 'execute') order by 1) as roles
      from pg_proc p where p.pronamespace = 'nw'::regnamespace`;
  const textOf = new Map(functions.map(({ name, text }) => [name, text]));
  /** The roles whose claim a function asks for; where it asks for none, those of each function that it calls. */
  const asksFor = (name: string): string[][] => {
    const text = textOf.get(name) ?? "";
    const asked = [
      ...text.matchAll(
        /nw\.claim\(1\)(?:, ''\))?(?: (?:NOT )?IN \(([^)]*)\)| (?:=|IS (?:NOT )?DISTINCT FROM) ('\w+'))/g,
      ),
    ].flatMap(([, list, one]) => (list ?? one ?? "").split(", ").map((role) => role.slice(1, -1)));
    if (asked.length > 0) return [[...new Set(asked)].toSorted()];
    return [...text.matchAll(/nw\.(\w+)\(/g)].flatMap(([, called]) =>
      called && called !== name ? asksFor(called) : [],
    );
  };
  const granted = functions.filter(({ roles }) => roles.length > 0 && roles.length < actorRoles.length);
  expect(granted.length).toBeGreaterThan(40);
  const loose = granted.filter(({ name, roles }) => !asksFor(name).some((asked) => `${asked}` === `${roles}`));
  expect(loose.map(({ name }) => name)).toEqual([
    // By the deed: `nw.deeds()` names who notes it.
    "record",
  ]);
});

/** Tables of which a row may be larger than of the others, and why. */
const larger = [
  "analysis_result", // every number of an analysis, by the worker
  "audit_change", // a protocol, as it was and as it became
  "dataset_snapshot", // every pair of images that look alike
  "image_instance", // where each of many frames lies
  "image_look", // letters in each of them
  "protocol_version", // its file and the document
  "report_files", // the baseline of a study with many items
];

/** Of a list, by its type; of texts left out. */
const listOf: Record<string, string> = {
  "uuid[]": "gen_random_uuid()",
  "double precision[]": "random()",
  "unblinded_fact[]": "'size'::text",
};

test("no row has a text or a document without end: each table has its bound", async () => {
  const columns = await admin`
    select c.relname as table, quote_ident(a.attname) as column, format_type(a.atttypid, null) as type, a.attnotnull as needed,
           (select pg_get_constraintdef(o.oid) from pg_constraint o where o.conrelid = c.oid and o.conname = c.relname || '_is_bounded') as bound
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and (a.atttypid in ('text'::regtype, 'json'::regtype, 'jsonb'::regtype, 'bytea'::regtype)
           or a.atttypid in (select oid from pg_type where typcategory = 'A')) order by 1, 2`;
  expect(columns.length).toBeGreaterThan(100);
  const limit = ({ bound }: { bound?: string }) =>
    Number(/<= (\d+)\)/.exec(bound ?? "")?.[1] ?? Number.POSITIVE_INFINITY);
  expect([...new Set(columns.filter((each) => limit(each) > bounded).map(({ table }) => table))]).toEqual(larger);
  for (const { table, column, type, bound } of columns) {
    if (empty.includes(`public.${table}`)) continue;
    const size = Math.max(200_000, limit({ bound }) + 1_000);
    const long = type.endsWith("[]")
      ? `(select array_agg(${listOf[type] ?? "repeat('x', 1000)"}) from generate_series(1, ${Math.ceil(size / 16)}) n)`
      : `${type.startsWith("json") ? "to_jsonb" : ""}(repeat('x', ${size}))::${type}`;
    const insert = (value: string) =>
      admin
        .begin(async (run) => {
          await run`set local session_replication_role = replica`;
          await run.unsafe(
            `insert into ${table} overriding system value
             select r.* from (select * from ${table} limit 1) t, jsonb_populate_record(t::${table}, jsonb_build_object('${column.replaceAll('"', "")}', ${value})) r`,
          );
          throw { code: "written" };
        })
        .catch((error: { code: string }) => error.code);
    // Control: the same row, as it is there, is refused for being there twice, if at all.
    expect(await insert(column), `${table}.${column} as it is`).toMatch(/^(23505|written|428C9)$/);
    expect(await insert(long), `${table}.${column}`).toBe("23514");
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
    // Of a deed that has not been done.
    "file_being_stored.attempt",
    "inbox_match.attempt",
    // Of the queue, in a schema of its own.
    "job.queue_id",
    "practice_read.idempotency_key",
    "read.idempotency_key",
  ]);
});
