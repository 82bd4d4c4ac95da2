import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Actor } from "@/db/actor";
import { actorRoles } from "@/db/schema/roles";
import { takeOn } from "../support/claim";
import { freshDatabase } from "../support/database";
import { addPatient, draw, type MadeStudy, makeStudy, report } from "../support/study";

/*
 * Whoever has the login of the pages and SQL of their own asks Postgres how it would answer (EXPLAIN), or how long that takes: neither tells of a row that the
 * policies hide. Which statement was asked is seen by its text, which order it keeps by a function that notes of which values it was asked.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

let study: MadeStudy;
let other: MadeStudy;

beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: database.owner });
  other = await makeStudy({ door, ownerUrl: database.owner });
  for (const made of [study, other]) {
    const { nodeId } = await addPatient(door, made, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    await draw(door, made);
    await report(door, made, nodeId, "positive");
  }
  await admin`analyze`;
  await admin.unsafe(`
    create function asked(value anyelement) returns boolean language plpgsql security definer cost 0.0001 as $$
    begin perform set_config('nodewise.asked', coalesce(current_setting('nodewise.asked', true), '') || '|' || value::text, true); return true; end $$`);
  await admin`insert into credential (person_id, password_hash) select person_id, '$7$' || person_id from membership where ended_at is null on conflict do nothing`;
});

/** What a statement under a role of the login gives whoever has this claim: its rows, or the refusal. */
const ask = (actor: Actor, role: string, statement: SQL) =>
  door
    .withActor(actor, async (tx) => {
      await tx.execute(sql.raw(`set local role ${role}`));
      return [...(await tx.execute<Record<string, unknown>>(statement))];
    })
    .catch((error: { code?: string }) => error.code);

test("no function is leakproof, so no condition is looked at before the policy", async () => {
  const leakproof = (sql: postgres.Sql) => sql`select proname from pg_proc where proleakproof`;
  expect([...(await leakproof(admin))]).toEqual([]);
  // Control: as Postgres makes a database.
  const untouched = postgres(Object.assign(new URL(inject("adminUrl")), { pathname: "/template1" }).toString(), {
    max: 1,
  });
  const names = (await leakproof(untouched)).map(({ proname }) => proname);
  await untouched.end();
  expect(names.length).toBeGreaterThan(200);
  for (const name of ["texteq", "text_lt", "uuid_eq", "int4le", "timestamptz_lt"]) expect(names).toContain(name);
});

describe("a condition is asked of", () => {
  const asked = async (actor: Actor, role: string, [table, column]: [string, string]): Promise<string[]> => {
    const found = await door.withActor(actor, async (tx) => {
      await tx.execute(sql.raw(`set local role ${role}`));
      await tx.execute(sql.raw(`select count(*) from ${table} where asked(${column})`));
      const [row] = await tx.execute<{ asked: string | null }>(
        sql`select current_setting('nodewise.asked', true) as asked`,
      );
      return row?.asked ?? "";
    });
    return found.split("|").filter(Boolean);
  };
  const leakproof = async <T>(work: () => Promise<T>): Promise<T> => {
    await admin.unsafe("alter function asked(anyelement) leakproof");
    try {
      return await work();
    } finally {
      await admin.unsafe("alter function asked(anyelement) not leakproof");
    }
  };

  test("no row that the policy of the own role hides", async () => {
    const crops = () => asked(study.members.locating_radiologist, "nw_locating_radiologist", ["crop", "sha256"]);
    expect(await crops()).toHaveLength(3);
    // Before the lock none.
    expect(await asked(study.members.data_scientist, "nw_data_scientist", ["pathology_report", "result"])).toEqual([]);
    // Control: leakproof, as all that compares was.
    expect(await leakproof(crops)).toHaveLength(6);
  });

  test("no row at all under a role that was taken on: the table is not even opened", async () => {
    const tables: [string, string, string][] = [
      ["nw_sign_in", "credential", "password_hash"],
      ["nw_importer", "crop", "sha256"],
      ["nw_pathologist", "pathology_report", "result"],
      ["nw_coordinator", "subject", "number"],
    ];
    for (const [role, table, column] of tables) {
      const rows = () => asked(study.members.reader, role, [table, column]);
      expect(await rows(), table).toEqual([]);
      expect(await leakproof(rows), table).toEqual([]);
      // Control: beside the policies alone, without the gate, it was of every row.
      await admin.unsafe(`alter policy claim on ${table} using (true)`);
      const [there] = await admin.unsafe(`select count(*)::int as n from ${table}`);
      expect(await leakproof(rows), table).toHaveLength(there?.n);
      await admin.unsafe(`alter policy claim on ${table} using (nw.has_claim())`);
      expect(there?.n, table).toBeGreaterThan(0);
    }
  });
});

describe("the plan of a statement", () => {
  test("is told to nobody, in whatever words it is asked for, under the own role and every other", async () => {
    for (const words of [
      "explain",
      "EXPLAIN (analyze, costs off, format json)",
      "/* a */ explain analyze",
      "-- a\nexplain",
      "select 1; explain analyze",
    ])
      for (const [role, key] of [
        ["nw_locating_radiologist", "locating_radiologist"],
        ...actorRoles.map((role) => [`nw_${role}`, "reader"] as const),
      ] as const) {
        if (role === "nw_worker") continue;
        const of = role === "nw_sign_in" ? "credential" : "study";
        expect(await ask(study.members[key], role, sql.raw(`${words} select from ${of}`)), `${role} ${words}`).toBe(
          "42501",
        );
      }
    // Control: the statement itself is answered, with such words in quotes or in a name, too.
    const radiologist = study.members.locating_radiologist;
    for (const statement of [
      "select 'x' as explain from crop",
      "select from crop where plane <> 'execute'",
      "select from crop where plane <> ' explain'",
    ])
      expect(await ask(radiologist, "nw_locating_radiologist", sql.raw(statement)), statement).toHaveLength(3);
    // And whoever has the database is told: how many rows there are that were not shown.
    const [{ "QUERY PLAN": plan } = {}] = await admin`explain (analyze, format json) select from crop where width < 0`;
    expect(JSON.stringify(plan)).toContain('"Rows Removed by Filter":6');
  });

  test("is not told under the name of a statement or of a cursor, nor by what runs a text", async () => {
    const reader = study.members.reader;
    const own = "nw_reader";
    expect(await ask(reader, own, sql.raw("prepare mine as select from study; execute mine"))).toBe("42501");
    expect(await ask(reader, own, sql.raw("declare mine cursor for select from study; fetch all from mine"))).toBe(
      "42501",
    );
    expect(await ask(reader, own, sql.raw("declare mine cursor for select from study; move all from mine"))).toBe(
      "42501",
    );
    expect(await ask(reader, own, sql.raw("do $$ begin execute 'expl' || 'ain select from study'; end $$"))).toBe(
      "42501",
    );
    for (const call of [
      "query_to_xml('select 1', true, false, '')",
      "cursor_to_xml('mine', 1, true, false, '')",
      "ts_stat('select null::tsvector')",
      "ts_rewrite(''::tsquery, 'select null::tsquery, null::tsquery')",
      "table_to_xml('study', true, false, '')",
      "currtid2('study', '(0,1)')",
    ])
      expect(await ask(reader, own, sql.raw(`select ${call}`)), call).toBe("42501");
    // Control: the same rows, asked for as they are.
    expect(await ask(reader, own, sql`select from study`)).toHaveLength(1);
  });
});

/** What a statement gives that the driver names in the extended protocol, and what EXPLAIN EXECUTE says of it. */
async function planByName(actor: Actor): Promise<{ rows: number; plan: string }> {
  const direct = postgres(database.web, { max: 1, onnotice: () => {} });
  try {
    return await direct.begin(async (run) => {
      await takeOn((text) => run.unsafe(text), actor, database.actorSecret);
      const rows = await run`select 1 from crop`;
      const [named] = await run.unsafe(
        "select name from pg_prepared_statements where statement = 'select 1 from crop'",
      );
      const plan = await run.unsafe(`explain (format json) execute "${named?.name}"`);
      return { rows: rows.length, plan: JSON.stringify(plan[0]?.["QUERY PLAN"]) };
    });
  } finally {
    await direct.end();
  }
}

describe("the plan of a statement with a name, which is kept and told by that name,", () => {
  const radiologist = () => study.members.locating_radiologist;

  test("is one of no rows: nothing is planned for it; without the mend it tells how many there are", async () => {
    const told = await planByName(radiologist());
    expect(told.plan).toContain('"One-Time Filter":"false"');
    expect(told.plan).not.toContain("crop");
    expect(told.rows).toBe(0);
    // Control: a statement without a name.
    expect(await ask(radiologist(), "nw_locating_radiologist", sql`select 1 from crop`)).toHaveLength(3);
    const [gate] = await admin`select pg_get_functiondef('nw.has_claim()'::regprocedure) as text`;
    const without = String(gate?.text).replace(/AND \(NOT \(EXISTS[\s\S]*?pg_prepared_statement\b[\s\S]*$/, ")");
    expect(without).not.toBe(gate?.text);
    await admin.unsafe(without);
    const before = await planByName(radiologist());
    await admin.unsafe(String(gate?.text));
    expect(before.rows).toBe(3);
    expect(before.plan).toMatch(/"Relation Name":"crop".*"Plan Rows":[1-9]/);
  });
});

describe("a search for the hash of a password by plans", () => {
  const signs = "$,=+-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const ordered = [...new Set(signs)].sort();
  /** Whether a row meets the condition, as far as the plan tells: only then the question of the policy ran. */
  const meets = async (condition: string): Promise<boolean | string> => {
    const rows = await ask(
      study.members.reader,
      "nw_sign_in",
      sql.raw(
        `explain (analyze, format json, costs off, timing off, summary off, buffers off) select from credential where ${condition}`,
      ),
    );
    if (typeof rows !== "object") return rows ?? "";
    const text = JSON.stringify(rows[0]?.["QUERY PLAN"]);
    return /"Parent Relationship":"InitPlan".*?"Actual Loops":[1-9]/.test(text);
  };
  const search = async (length: number): Promise<string> => {
    let found = "";
    while (found.length < length) {
      let [low, high] = [0, ordered.length - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        const is = await meets(
          `password_hash collate "C" > '${found}' and password_hash collate "C" < '${found}${ordered[middle + 1]}'`,
        );
        if (typeof is === "string") return is;
        if (is) high = middle;
        else low = middle + 1;
      }
      found += ordered[low];
    }
    return found;
  };

  test("finds nothing; with the mends undone it finds the hash", async () => {
    expect(await search(1)).toBe("42501");
    const [smallest] = await admin`select min(password_hash collate "C") as hash from credential`;
    const [claim] = await admin`select pg_get_functiondef('nw.claim(int)'::regprocedure) as text`;
    await admin.unsafe(String(claim?.text).replace(/IF [^;]*current_query\(\)[\s\S]*?END IF;/, ""));
    expect(await search(20), "the gate alone").not.toBe(String(smallest?.hash).slice(0, 20));
    await admin.unsafe("drop policy claim on credential");
    expect(await search(20), "no function leakproof").not.toBe(String(smallest?.hash).slice(0, 20));
    await admin.unsafe("alter function text_lt(text, text) leakproof; alter function text_gt(text, text) leakproof");
    expect(await search(20)).toBe(String(smallest?.hash).slice(0, 20));
  });
});
