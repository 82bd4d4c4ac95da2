import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { toAppError } from "@/server/errors";
import { reportNode } from "@/server/services/pathology/report-node";
import { signed, thisTransaction } from "../support/claim";
import { freshDatabase } from "../support/database";
import { addPatient, draw, type MadeStudy, makeStudy, noSign, readCases, report } from "../support/study";

/*
 * A reader with raw SQL. Every attack runs through the login and the door of the web process, as the reader's role; each has a
 * positive control: the same question, asked by the role that may, is answered.
 */

const database = await freshDatabase();
const { door } = database;

const secretName = "Secret Patient";
const firstSize = 7.7;
const secondSize = 8.3;

let study: MadeStudy;
let other: MadeStudy;
let nodes: { first: string; second: string };

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  other = await makeStudy({ door, ownerUrl: database.owner });
  const first = await addPatient(door, study, { name: secretName, shortAxisMm: firstSize, positive: true, seed: 1 });
  const second = await addPatient(door, study, {
    name: "Another Patient",
    shortAxisMm: secondSize,
    positive: false,
    seed: 2,
  });
  await addPatient(door, other, { name: "Foreign Patient", shortAxisMm: 5.5, positive: true, seed: 3 });
  nodes = { first: first.nodeId, second: second.nodeId };
  await draw(door, study);
  await report(door, study, nodes.first, "positive");
  await report(door, study, nodes.second, "negative");
  await readCases(door, study.members.reader, 2);
  await readCases(door, study.members.reader2, 6);
});

/** What a statement gives an actor: its rows, or the refusal. */
async function ask(actor: Actor, statement: SQL): Promise<{ rows: Record<string, unknown>[] } | { refused: string }> {
  try {
    return { rows: [...(await door.withActor(actor, (tx) => tx.execute<Record<string, unknown>>(statement)))] };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

async function expectNothing(actor: Actor, statement: SQL) {
  const answer = await ask(actor, statement);
  expect("refused" in answer || answer.rows.length === 0, JSON.stringify(answer)).toBe(true);
}

async function expectSomething(actor: Actor, statement: SQL) {
  const answer = await ask(actor, statement);
  expect("rows" in answer && answer.rows.length > 0, JSON.stringify(answer)).toBe(true);
}

/** A study of its own, drawn and not read yet. */
async function withDrawnCase(): Promise<MadeStudy> {
  const made = await makeStudy({ door, ownerUrl: database.owner });
  await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 9 });
  await draw(door, made);
  return made;
}

const reader = () => study.members.reader;
const as = (key: keyof MadeStudy["members"]): StudyActor => study.members[key];

/** A role that may see the table before the lock (or the kernel's view of it, where nobody may). */
const tables: { table: string; seenBy: keyof MadeStudy["members"] | null }[] = [
  { table: "node_size", seenBy: "locating_radiologist" },
  { table: "pathology_report", seenBy: "pathologist" },
  { table: "specimen", seenBy: "pathologist" },
  { table: "node_match", seenBy: "pathologist" },
  { table: "subject_identity", seenBy: null },
  { table: "subject", seenBy: "coordinator" },
  { table: "baseline_value", seenBy: "coordinator" },
  { table: "criterion_evaluation", seenBy: "coordinator" },
  { table: "node", seenBy: "locating_radiologist" },
  { table: "crop", seenBy: "locating_radiologist" },
  { table: "stored_object", seenBy: null },
  { table: "reading_list", seenBy: null },
  { table: "reading_progress", seenBy: "principal_investigator" },
  { table: "audit_event", seenBy: "monitor" },
  { table: "reading_slot", seenBy: null },
  { table: "reading_case", seenBy: null },
  { table: "case_crop", seenBy: null },
  { table: "read", seenBy: null },
  { table: "reading_view", seenBy: null },
  { table: "audit_change", seenBy: null },
  { table: "credential", seenBy: null },
  { table: "crop_score", seenBy: null },
  { table: "model_run", seenBy: null },
  { table: "job", seenBy: null },
  { table: "analysis", seenBy: null },
  { table: "analysis_result", seenBy: null },
];

const kernel = postgres(database.owner, { max: 1, onnotice: () => {} });
afterAll(() => kernel.end());

describe("a reader reads no table of images, sizes, truth, identity, reads or scores", () => {
  test.each(tables)("$table", async ({ table, seenBy }) => {
    await expectNothing(reader(), sql`select * from ${sql.identifier(table)}`);
    await expectNothing(reader(), sql`select count(*) from ${sql.identifier(table)} having count(*) > 0`);
    if (seenBy) await expectSomething(as(seenBy), sql`select * from ${sql.identifier(table)}`);
    const filled = !["crop_score", "model_run", "job", "analysis", "analysis_result", "credential"].includes(table);
    if (!seenBy && filled) {
      const rows = await kernel.begin(async (run) => {
        await run`set local role nw_kernel`;
        return run`select 1 from ${run(table)} limit 1`;
      });
      expect(rows.length, `${table} holds rows to protect`).toBe(1);
    }
  });

  test("not by row estimates of the planner either", async () => {
    await expectNothing(reader(), sql`explain select * from node_size where short_axis_mm > 5`);
    // Nor is whoever sees the sizes: estimates are of the rows of all studies. Control: those of whoever has the database.
    await expectNothing(as("locating_radiologist"), sql`explain select * from node_size where short_axis_mm > 5`);
    await expectSomething(as("locating_radiologist"), sql`select * from node_size where short_axis_mm > 5`);
    expect(await kernel`explain select * from node_size where short_axis_mm > 5`).not.toHaveLength(0);
  });

  test("not by the statistics of the planner", async () => {
    await kernel`analyze node_size`;
    await expectNothing(
      reader(),
      sql`select * from pg_stats where tablename in ('node_size', 'pathology_report', 'read', 'crop')`,
    );
    await expectNothing(reader(), sql`select * from pg_statistic`);
  });
});

test("nothing by which Postgres counts what others do is open to a reader: rows, bytes of tables and of its log, locks", async () => {
  const superuser = postgres(database.admin, { max: 1, onnotice: () => {} });
  // By what they are about, in whatever words this Postgres names them: all of the log, of statistics, of sizes on the disk, of locks and of slots.
  const families = await superuser`
    select oid::regprocedure::text as name, has_function_privilege('nw_reader', oid, 'execute') as open from pg_proc
     where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f'
       and (proname ~ '^pg_stat_|^pg_control_|^pg_.*(_wal_|walfile)|^pg_logical_|^pg_(current|last|switch)_.*lsn|^pg_.*replication_slot|^pg_lock_status|blocking_pids'
         or proname ~ '^pg_.*_size$' and proname <> 'pg_column_size' and pronargs > 0 and proargtypes[0] in ('regclass'::regtype, 'name'::regtype, 'oid'::regtype))
     union all
    select relname, has_any_column_privilege('nw_reader', oid, 'select') from pg_class
     where relnamespace = 'pg_catalog'::regnamespace and relkind = 'v' and relname ~ '^pg_stat(io)?_|^pg_locks$|^pg_replication_slots$'
     order by 1`;
  expect(families.length).toBeGreaterThan(200);
  for (const known of [
    "pg_current_wal_lsn()",
    "pg_stat_user_tables",
    "pg_statio_user_tables",
    "pg_locks",
    "pg_control_checkpoint()",
  ])
    expect(families.map(({ name }) => name)).toContain(known);
  expect(families.filter(({ open }) => open).map(({ name }) => name)).toEqual([]);
  const roles = ["reader", "pathologist", "importer", "person"];
  for (const [what, statement] of Object.entries({
    log: "select pg_current_wal_lsn()",
    message: "select pg_logical_emit_message(false, 'x', 'y')",
    rows: "select relname, n_tup_ins from pg_stat_user_tables",
    size: "select pg_total_relation_size('read')",
    estimate: "select reltuples from pg_class",
    locks: "select * from pg_locks",
  })) {
    for (const role of roles)
      await expect(
        door.withActor(reader(), async (tx) => {
          await tx.execute(sql.raw(`set local role nw_${role}`));
          await tx.execute(sql.raw(statement));
        }),
        `${what} as ${role}`,
      ).rejects.toMatchObject({ code: "42501" });
    // Control: there is something to be told.
    const told = await superuser.unsafe(statement);
    expect(told.length, what).toBeGreaterThan(0);
  }
  await superuser.end();
  // What every client asks is there.
  await expectSomething(reader(), sql`select relname, relkind, relowner from pg_class`);
});

test("no table of Postgres itself that a reader may look into holds anything of the records", async () => {
  await kernel.unsafe("analyze");
  const hidden = await kernel.begin(async (run) => {
    await run`set local role nw_kernel`;
    const rows = await run<{ text: string }[]>`
      select id::text as text from node union all select id::text from crop union all select sha256 from crop union all select id::text from reading_slot
      union all select name from subject_identity union all select id::text from pathology_report union all select order_sha256 from reading_list`;
    return rows.map(({ text }) => text);
  });
  expect(hidden.length).toBeGreaterThan(20);
  const relations = await kernel`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') order by 1`;
  const contents = async (as: Actor, relation: string) => {
    const answer = await ask(as, sql.raw(`select coalesce(string_agg(t::text, ' '), '') as text from ${relation} t`));
    return "rows" in answer ? String(answer.rows[0]?.text) : null;
  };
  const read = [];
  for (const { name } of relations) {
    const text = await contents(reader(), name);
    if (text === null) continue;
    read.push(name);
    expect(
      hidden.filter((each) => text.includes(each)),
      name,
    ).toEqual([]);
  }
  expect(read.length).toBeGreaterThan(100);
  // Control: the statistics that the planner keeps of these tables do hold them, for whoever may see the rows.
  const superuser = postgres(database.admin, { max: 1, onnotice: () => {} });
  const [statistics] = await superuser`select string_agg(s::text, ' ') as text from pg_stats s`;
  await superuser.end();
  expect(hidden.some((each) => statistics?.text.includes(each))).toBe(true);
});

describe("the one case being read", () => {
  test("comes without the size in Cohort 1, and with that node's size in Cohort 2", async () => {
    for (const each of [reader(), as("reader2")]) await ask(each, sql`select nw.open_case('current')`);
    const first = await ask(reader(), sql`select * from nw.current_case()`);
    expect(first).toMatchObject({ rows: [{ condition_key: "cohort-1", short_axis_mm: null }] });
    expect(JSON.stringify(first)).not.toMatch(/7\.70?\b|8\.30?\b/);
    // Nor the pixels that a crop came in: the server draws it on one canvas.
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(first).toMatchObject({
      rows: [{ rendering: "canvas-300-cubic-30", crops: [{ plane: expect.anything(), sha256 }] }],
    });
    expect("rows" in first && Object.keys(Object(first.rows[0]?.crops)[0] ?? {}).toSorted()).toEqual([
      "plane",
      "sha256",
    ]);
    const second = await ask(as("reader2"), sql`select * from nw.current_case()`);
    expect(second).toMatchObject({ rows: [{ condition_key: "cohort-2" }] });
    const size = "rows" in second ? Number(second.rows[0]?.short_axis_mm) : 0;
    expect([firstSize, secondSize]).toContain(size);
  });

  test("is one row, and tells neither node nor crop nor patient", async () => {
    const answer = await ask(as("reader2"), sql`select * from nw.current_case()`);
    expect("rows" in answer && answer.rows.length).toBe(1);
    const text = JSON.stringify(answer);
    for (const hidden of [nodes.first, nodes.second, secretName]) expect(text).not.toContain(hidden);
    expect("rows" in answer && Object.keys(answer.rows[0] ?? {})).not.toContain("crop_id");
  });

  test("comes back once it is read, for a correction, with no more than it had", async () => {
    for (const each of [reader(), as("reader2")]) await ask(each, sql`select nw.open_case('previous')`);
    const shown = await ask(reader(), sql`select * from nw.previous_case()`);
    expect(shown).toMatchObject({ rows: [{ condition_key: "cohort-1", short_axis_mm: null, shows: [] }] });
    expect(JSON.stringify(shown)).not.toMatch(/7\.70?\b|8\.30?\b/);
    for (const hidden of [nodes.first, nodes.second, secretName]) expect(JSON.stringify(shown)).not.toContain(hidden);
    const read = "rows" in shown ? shown.rows[0] : undefined;
    expect(Object.keys(read ?? {}).filter((column) => /call|confidence|criteria|crop_id|case_id/.test(column))).toEqual(
      [],
    );
    await expectNothing(as("reader2"), sql`select * from nw.previous_case()`);
  });

  test("read last is the only one whose read is corrected", async () => {
    const slots = await kernel.begin(async (run) => {
      await run`set local role nw_kernel`;
      return run<{ id: string; mine: boolean; place: number }[]>`
        select s.id, l.membership_id = ${reader().membershipId} as mine, s.position as place
          from reading_slot s join reading_list l on l.id = s.list_id where l.condition_key = 'cohort-1' order by s.position`;
    });
    const correct = (slot: string | undefined, reason: string | null = "A slip") =>
      ask(
        reader(),
        sql`select nw.correct_read(${slot ?? null}::uuid, ${randomUUID()}::uuid, ${reason}, ${noSign}) as answer`,
      );
    const own = slots.filter(({ mine }) => mine);
    const refusal = { refused: expect.stringContaining("can no longer be corrected") };
    // Read before the last one, not read yet, another reader's, of nowhere.
    for (const slot of [own[0]?.id, own[2]?.id, slots.find(({ mine }) => !mine)?.id, randomUUID(), undefined])
      expect(await correct(slot)).toMatchObject(refusal);
    const inHand = (slot: string | undefined) => sql`select * from nw.case_in_hand(${slot ?? null}::uuid)`;
    await expectSomething(reader(), inHand(own[1]?.id));
    for (const slot of [own[0]?.id, own[3]?.id, undefined]) await expectNothing(reader(), inHand(slot));
    await expectNothing(as("reader2"), inHand(own[1]?.id));
    expect(await correct(own[1]?.id, null)).toHaveProperty("refused");
    expect(await correct(own[1]?.id)).toMatchObject({ rows: [{ answer: "accepted" }] });
    for (const role of ["principal_investigator", "data_scientist", "coordinator"] as const)
      await expectNothing(
        as(role),
        sql`select nw.correct_read(${own[1]?.id}::uuid, ${randomUUID()}::uuid, 'x', ${noSign})`,
      );
    const foreign = other.members.reader;
    expect(
      await ask(foreign, sql`select nw.correct_read(${own[1]?.id}::uuid, ${randomUUID()}::uuid, 'x', ${noSign})`),
    ).toMatchObject(refusal);
  });

  test("is the only one whose read is taken", async () => {
    const submit = (slot: SQL) => sql`select nw.submit_read(${slot}, ${randomUUID()}::uuid, ${noSign}) as answer`;
    expect(await ask(reader(), submit(sql`${randomUUID()}::uuid`))).toMatchObject({
      refused: expect.stringContaining("not the one being read"),
    });
    await ask(reader(), sql`select nw.open_case('current')`);
    expect(await ask(reader(), submit(sql`(select slot_id from nw.current_case())`))).toMatchObject({
      rows: [{ answer: "accepted" }],
    });
  });
});

describe("becoming somebody else", () => {
  const roles = [
    "principal_investigator",
    "locating_radiologist",
    "pathologist",
    "coordinator",
    "data_scientist",
    "monitor",
    "importer",
    "sign_in",
    "worker",
    "kernel",
  ];

  test.each(roles)("no statement takes on the role nw_%s while it runs", async (role) => {
    expect(await ask(reader(), sql`select set_config('role', ${`nw_${role}`}, true)`)).toEqual({
      refused: expect.stringMatching(/function set_config/),
    });
    for (const table of [
      "node_size",
      "pathology_report",
      "subject_identity",
      "read",
      "credential",
      "reading_slot",
      "crop",
      "membership",
    ]) {
      const answer = await ask(
        reader(),
        sql`with became as materialized (select set_config('role', ${`nw_${role}`}, true) as r) select t.* from became, lateral (select * from ${sql.identifier(table)}) t where became.r is not null`,
      );
      expect(answer, `${role} ${table}`).toEqual({ refused: expect.stringMatching(/permission denied/) });
    }
  });

  test("two statements in one transaction give no rows either", async () => {
    for (const role of roles) {
      for (const table of ["node_size", "pathology_report", "subject_identity", "read", "credential"]) {
        const rows = await door
          .withActor(reader(), async (tx) => {
            await tx.execute(sql.raw(`set local role nw_${role}`));
            return [...(await tx.execute(sql`select * from ${sql.identifier(table)}`))];
          })
          .catch(() => []);
        expect(rows, `${role} ${table}`).toEqual([]);
      }
    }
    const sizes = await door.withActor(as("locating_radiologist"), (tx) => tx.execute(sql`select * from node_size`));
    expect(sizes.length).toBeGreaterThan(0);
  });

  test("opens nothing that another role may call, by a claim of one's own: not the trail", async () => {
    const record = (role: string, actor: Actor) =>
      door
        .withActor(actor, async (tx) => {
          await tx.execute(sql.raw(`set local role ${role}`));
          await tx.execute(sql`select nw.record('records.imported', 'manifest', ${role}, null, null)`);
        })
        .then(
          () => "done",
          (error: { code?: string }) => error.code,
        );
    for (const role of roles.filter((each) => !["kernel", "worker"].includes(each)))
      expect(await record(`nw_${role}`, reader()), role).toBe("42501");
    expect(await record("nw_importer", { ...as("monitor"), role: "importer" })).toBe("done");
  });

  test("RESET ROLE leaves a login without rights", async () => {
    const rows = await door
      .withActor(reader(), async (tx) => {
        await tx.execute(sql`reset role`);
        return [...(await tx.execute(sql`select * from node_size`))];
      })
      .catch((error: Error) => error.message);
    expect(rows).toMatch(/permission denied/);
  });

  test("SET SESSION AUTHORIZATION is refused", async () => {
    expect(await ask(reader(), sql`set session authorization nodewise_owner`)).toHaveProperty("refused");
  });

  /** @param token made for the transaction in which it is tried */
  const seen = async (role: string, token: (transaction: string) => string, table = "node_size") =>
    door
      .withActor(reader(), async (tx) => {
        const [now] = await tx.execute<{ transaction: string }>(sql.raw(thisTransaction));
        await tx.execute(
          sql.raw(`set local role ${role}; set local nodewise.actor = '${token(now?.transaction ?? "")}'`),
        );
        return [...(await tx.execute(sql`select * from ${sql.identifier(table)}`))];
      })
      .catch((error: Error) => error.message);
  const later = () => String(Math.floor(Date.now() / 1000) + 600);

  test("a claim counts only with its signature, in its own transaction, until its expiry and under its own role", async () => {
    const { personId, studyId, membershipId } = as("locating_radiologist");
    const parts = (transaction: string, study = studyId) => [
      ...["locating_radiologist", personId, study, "", membershipId ?? "", transaction],
      later(),
    ];
    const good = (transaction: string) => signed(parts(transaction), database.actorSecret);
    expect((await seen("nw_locating_radiologist", good)).length).toBeGreaterThan(0);

    expect(await seen("nw_locating_radiologist", (at) => signed(parts(at), "guess"))).toEqual([]);
    expect(await seen("nw_locating_radiologist", (at) => signed(parts(at), ""))).toEqual([]);
    const signatureOf = (at: string) => good(at).split("|")[7] ?? "";
    expect(
      await seen("nw_locating_radiologist", (at) => [...parts(at, other.studyId), signatureOf(at)].join("|")),
    ).toEqual([]);
    expect(await seen("nw_locating_radiologist", (at) => parts(at).join("|"))).toEqual([]);
    // That of any other transaction, earlier on the same connection or on another one.
    for (const at of ["1:1795800000.000000", "", "0"])
      expect(await seen("nw_locating_radiologist", () => good(at)), at).toEqual([]);
    const expired = (at: string) => signed([...parts(at).slice(0, 6), "1795800000"], database.actorSecret);
    expect(await seen("nw_locating_radiologist", expired)).toMatch(/this claim expired/);
    expect(await seen("nw_pathologist", good, "pathology_report")).toEqual([]);
  });

  test("the reader's own claim, read back and edited, opens nothing", async () => {
    const own = await ask(reader(), sql`select current_setting('nodewise.actor', true) as token`);
    const token = "rows" in own ? String(own.rows[0]?.token) : "";
    expect(token).toMatch(/^reader\|/);
    for (const edited of [
      token.replace(/^reader/, "locating_radiologist"),
      `locating_radiologist|${token}`,
      token.replace("|", "||"),
      `${token}x`,
      `|${token}`,
    ]) {
      const rows = await seen("nw_locating_radiologist", () => edited);
      expect(typeof rows === "string" || rows.length === 0, edited).toBe(true);
    }
  });

  test("the secret of the signature is out of reach", async () => {
    for (const role of [reader(), as("principal_investigator"), as("administrator")])
      await expectNothing(role, sql`select * from nw_private.secret`);
    const [row] = await kernel`select value from nw_private.secret`;
    expect(row?.value).toBe(database.actorSecret);
  });
});

describe("through the back of the database", () => {
  test("a temporary table named like ours does not fool the functions", async () => {
    const superuser = postgres(database.admin, { max: 1, onnotice: () => {} });
    await superuser.unsafe("alter event trigger refuse_definition disable");
    await kernel.unsafe(`grant temporary on database ${database.name} to public`);
    const [before] = await door.withActor(reader(), (tx) =>
      tx.execute<{ locked: boolean }>(sql`select nw.locked() as locked`),
    );
    const shadowed = await door.withActor(reader(), async (tx) => {
      await tx.execute(sql`create temporary table study (id uuid, state text)`);
      await tx.execute(sql`insert into study values (${study.studyId}, 'locked')`);
      await tx.execute(sql`grant all on study to public`);
      const [own] = await tx.execute<{ state: string }>(sql`select state from study`);
      const [answer] = await tx.execute<{ locked: boolean }>(sql`select nw.locked() as locked`);
      await tx.execute(sql`drop table pg_temp.study`);
      return { own: own?.state, locked: answer?.locked };
    });
    expect(shadowed).toEqual({ own: "locked", locked: before?.locked });
    await kernel.unsafe(`revoke temporary on database ${database.name} from public`);
    await superuser.unsafe("alter event trigger refuse_definition enable");
    await superuser.end();
  });

  test.each([
    ["a program", sql`copy (select 1) to program 'id'`],
    ["a file of the server", sql`select pg_read_file('/etc/passwd')`],
    ["a folder of the server", sql`select pg_ls_dir('/')`],
    ["giving away what one's role may do", sql`drop owned by nw_reader`],
    ["large objects from files", sql`select lo_import('/etc/passwd')`],
    ["an extension", sql`create extension dblink`],
    ["a table in public", sql`create table public.mine (id int)`],
    ["a function in nw", sql`create function nw.mine() returns int language sql as 'select 1'`],
    ["the queue", sql`select * from pgboss.job`],
    ["a case that is not noted as shown", sql`select * from nw.case_at((select slot_id from nw.current_case()))`],
    ["whose turn it is", sql`select * from nw.my_turn()`],
    [
      "the crops that a reader lacks",
      sql`select * from nw.lacking(nw.membership_id(), 'cohort-1', 'image', '{axial}')`,
    ],
    ["how many cases readers lack", sql`select * from nw.count_lacking('image', '{axial}', '{cohort-1}')`],
    ["a case of one's own making", sql`select nw.make_cases('[[]]')`],
    ["a large object", sql`select lo_create(0)`],
    ["a large object of bytes", sql`select lo_from_bytea(0, 'x')`],
    ["a lock of the whole connection", sql`select pg_advisory_lock(1)`],
    ["a lock of the transaction", sql`select pg_advisory_xact_lock(1)`],
    ["a message to other connections", sql`select pg_notify('x', 'y')`],
    ["somebody else's connection", sql`select pg_terminate_backend(pg_backend_pid())`],
    ["the place of a sequence", sql`select lastval()`],
    ["the number of events", sql`select last_value from audit_event_id_seq`],
    ["an audit event of one's own making", sql`select nw.record('case.shown', 'reading_slot', 'x', null, null)`],
  ])("%s is refused", async (_, statement) => {
    expect(await ask(reader(), statement)).toHaveProperty("refused");
  });

  test.each(["nw_sign_in", "nw_person", "nw_importer", "nw_pathologist"])(
    "what %s was granted is not given away by whoever takes the role on: it is there afterwards",
    async (role) => {
      const policies = () => kernel`select policyname from pg_policies where ${role} = any (roles) order by 1`;
      const before = await policies();
      const away = door.withActor(reader(), async (tx) => {
        await tx.execute(sql.raw(`reset role; set local role ${role}`));
        await tx.execute(sql.raw(`drop owned by ${role}`));
      });
      await expect(away).rejects.toMatchObject({ code: "42501" });
      expect(before.length).toBeGreaterThan(0);
      expect(await policies()).toEqual(before);
    },
  );

  test("a refusal holds the name of an action and no more", async () => {
    const long = "x".repeat(100_000);
    await ask(reader(), sql`select nw.record_refusal(${long})`);
    const [row] = await kernel.begin(async (run) => {
      await run`set local role nw_kernel`;
      return run`select max(length(entity_id)) as longest from audit_event where action = 'access.refused'`;
    });
    expect(row?.longest).toBe(60);
  });

  test("a read holds no more than a form does, and says so in words", async () => {
    const { reader: sender } = (await withDrawnCase()).members;
    const [long, short] = ["x".repeat(2_000_000), "x".repeat(500)];
    const none = '{"irregular_border": false, "heterogeneous_signal": false, "round_shape": false}';
    const call = (form: { criteria: string; ruleSet: string; reason: string }) =>
      sql`${form.criteria}::jsonb, ${form.ruleSet}, 'negative', 'positive', ${form.reason}, 50, 1`;
    const said = (statement: SQL) =>
      door
        .withActor(sender, (tx) => tx.execute(statement))
        .then(
          () => "done",
          (error: unknown) => toAppError(error)?.message,
        );
    const submit = async (form: Parameters<typeof call>[0]) => {
      await door.withActor(sender, (tx) => tx.execute(sql`select nw.open_case('current')`));
      return said(sql`select nw.submit_read((select slot_id from nw.current_case()), ${randomUUID()}, ${call(form)})`);
    };
    const form = { criteria: none, ruleSet: "esgar-2016", reason: short };
    const refused = /as (criteria|ruleSet|overrideReason|reason) is no answer to the form.*Nothing was saved/;
    for (const sent of [{ criteria: none.replace("{", `{"${long}": true, `) }, { ruleSet: long }, { reason: long }])
      expect(await submit({ ...form, ...sent })).toMatch(refused);
    expect(await submit(form)).toBe("done");
    const correct = (reason: string) =>
      said(
        sql`select nw.correct_read((select slot_id from nw.previous_case()), ${randomUUID()}, ${reason}, ${call(form)})`,
      );
    await door.withActor(sender, (tx) => tx.execute(sql`select nw.open_case('previous')`));
    expect(await correct(long)).toMatch(refused);
    expect(await correct(short)).toBe("done");
  });

  test("nobody learns who reads from a refused membership; whoever gives roles is told", async () => {
    const join = (role: string, actor: Actor, personId: string) =>
      door
        .withActor(actor, async (tx) => {
          await tx.execute(sql.raw(`set local role ${role}`));
          await tx.execute(
            sql`insert into membership (study_id, person_id, role) values (${study.studyId}, ${personId}, 'monitor')`,
          );
        })
        .then(
          () => "done",
          (error: { code?: string }) => error.code,
        );
    const [member, stranger] = [as("reader2").personId, other.members.pathologist.personId];
    for (const role of ["nw_person", "nw_administrator", "nw_principal_investigator", "nw_importer"]) {
      expect(await join(role, reader(), member), role).toBe("42501");
      expect(await join(role, reader(), stranger), role).toBe("42501");
    }
    expect(await join("nw_administrator", as("administrator"), member)).toBe("NW003");
  });

  test("what other connections of the login are doing holds no data of theirs", async () => {
    const answer = await ask(reader(), sql`select query from pg_stat_activity where query like ${`%${secretName}%`}`);
    expect("rows" in answer ? answer.rows : []).toEqual([]);
  });

  test("the details of an error name no row: not the case, whose id is the crop's", async () => {
    await ask(reader(), sql`select nw.open_case('current')`);
    // Where Postgres leaves blocks to everybody, as a rented one may.
    const superuser = postgres(database.admin, { max: 1, onnotice: () => {} });
    await superuser.unsafe(
      "grant usage on language plpgsql to nw_reader; grant execute on function set_config(text, text, boolean) to nw_reader",
    );
    const none = '{"irregular_border": false, "heterogeneous_signal": false, "round_shape": false}';
    /** What a block of SQL finds in the error of a read with values that are refused. */
    const detailOf = async (confidence: string, reason: string, more = "") => {
      const [row] = await door.withActor(reader(), async (tx) => {
        await tx.execute(
          sql.raw(`do $$
          declare text text;
          begin
            perform nw.submit_read((select slot_id from nw.current_case()), gen_random_uuid(), '${none}', 'esgar-2016', 'negative', 'positive', ${reason}, ${confidence}, 1${more});
          exception when others then
            get stacked diagnostics text = pg_exception_detail;
            perform set_config('nodewise.detail', text, true), set_config('nodewise.state', sqlstate, true);
          end $$`),
        );
        return tx.execute<{ detail: string; state: string }>(
          sql`select current_setting('nodewise.detail') as detail, current_setting('nodewise.state') as state`,
        );
      });
      return row;
    };
    const field = (name: string) => ({ detail: `{"field": "${name}"}`, state: "NW008" });
    expect(await detailOf("200", "'x'")).toEqual(field("confidence"));
    expect(await detailOf("50", "null")).toEqual(field("overrideReason"));
    expect(await detailOf("50", "'x'", ", 1e9")).toEqual(field("rating"));
    expect(await detailOf("50", "'x'", ", 3, 'motion'")).toEqual(field("criteria"));
    // Control: to whom no row is hidden, Postgres shows it.
    const shown = await superuser`
      insert into read (study_id, case_id, reader_code, condition_key, criteria, call, confidence, protocol_version_id, source, idempotency_key)
      select study_id, case_id, 'R9', condition_key, '{}', 'positive', 200, protocol_version_id, 'imported', gen_random_uuid() from read limit 1`.catch(
      (error: { detail?: string }) => error.detail,
    );
    await superuser.unsafe(
      "revoke usage on language plpgsql from nw_reader; revoke execute on function set_config(text, text, boolean) from nw_reader",
    );
    await superuser.end();
    expect(shown).toMatch(/Failing row contains \(.*R9/);
  });

  test("errors name no row", async () => {
    const answer = await ask(
      reader(),
      sql`select nw.submit_read((select slot_id from nw.current_case()), ${randomUUID()}::uuid, '{}', null, 'positive', 'negative', null, 50, 1)`,
    );
    expect(answer).toHaveProperty("refused");
    for (const hidden of [nodes.first, nodes.second, "7.7", "8.3", secretName])
      expect(JSON.stringify(answer)).not.toContain(hidden);
  });
});

describe("the other roles before the lock", () => {
  const cases: { role: keyof MadeStudy["members"]; hidden: string[]; seen: string }[] = [
    {
      role: "data_scientist",
      hidden: [
        "subject",
        "node",
        "crop",
        "node_size",
        "pathology_report",
        "read",
        "reading_slot",
        "subject_identity",
        "baseline_value",
        "criterion_evaluation",
      ],
      seen: "study",
    },
    {
      role: "principal_investigator",
      hidden: [
        "subject_identity",
        "crop",
        "node_size",
        "pathology_report",
        "specimen",
        "read",
        "reading_slot",
        "exam",
        "criterion_evaluation",
        "audit_change",
      ],
      seen: "subject",
    },
    {
      role: "locating_radiologist",
      hidden: ["subject_identity", "pathology_report", "specimen", "node_match", "read", "reading_slot", "audit_event"],
      seen: "node_size",
    },
    {
      role: "pathologist",
      hidden: [
        "read",
        "reading_slot",
        "reading_list",
        "crop_score",
        "baseline_value",
        "criterion_evaluation",
        "audit_event",
      ],
      seen: "pathology_report",
    },
    {
      role: "coordinator",
      hidden: [
        "subject_identity",
        "pathology_report",
        "specimen",
        "node_match",
        "read",
        "reading_slot",
        "crop_score",
        "audit_change",
      ],
      seen: "subject",
    },
    {
      role: "monitor",
      hidden: ["subject_identity", "read", "reading_slot", "crop_score", "audit_change"],
      seen: "pathology_report",
    },
    {
      role: "administrator",
      hidden: ["subject", "subject_identity", "node", "node_size", "crop", "pathology_report", "read"],
      seen: "audit_event",
    },
  ];
  test.each(cases)("$role", async ({ role, hidden, seen }) => {
    for (const table of hidden) await expectNothing(as(role), sql`select * from ${sql.identifier(table)}`);
    await expectSomething(as(role), sql`select * from ${sql.identifier(seen)}`);
  });

  test("the trail, which they see, does not hold what a report was corrected for", async () => {
    const { pathologist } = study.members;
    const corrected = { nodeId: nodes.second, specimen: null, confidence: null, sharedReason: null };
    const reason = "No tumour after all";
    await door.withActor(pathologist, (tx) =>
      reportNode(tx, pathologist, { ...corrected, result: "negative", reason }),
    );
    for (const role of ["coordinator", "principal_investigator", "monitor", "administrator"] as const) {
      const trail = await ask(as(role), sql`select e::text from audit_event e where action = 'pathology.corrected'`);
      expect("rows" in trail && trail.rows.length).toBe(1);
      expect(JSON.stringify(trail)).not.toContain(reason);
    }
    await expectSomething(pathologist, sql`select * from pathology_report where reason = ${reason}`);
  });

  test("nobody sees anything of another study", async () => {
    for (const [table, key] of [
      ["subject", "coordinator"],
      ["subject_identity", "coordinator"],
      ["node_size", "locating_radiologist"],
      ["membership", "principal_investigator"],
    ] as const) {
      const rows = await door.withActor(other.members[key], (tx) =>
        tx.execute<{ study_id: string }>(sql`select study_id from ${sql.identifier(table)}`),
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map((row) => row.study_id))).toEqual(new Set([other.studyId]));
    }
  });

  test("after the lock the investigator and the scientist see reads, sizes and truth, and still no identity", async () => {
    await door.withActor(as("principal_investigator"), (tx) => tx.execute(sql`select nw.lock_study()`));
    for (const role of ["principal_investigator", "data_scientist"] as const) {
      for (const table of ["read", "node_size", "pathology_report", "crop"])
        await expectSomething(as(role), sql`select * from ${sql.identifier(table)}`);
      await expectNothing(as(role), sql`select * from subject_identity`);
    }
    await expectNothing(reader(), sql`select * from read`);
    await expectNothing(reader(), sql`select * from nw.current_case()`);
  });
});
