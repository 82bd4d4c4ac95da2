import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDoor, type Tx } from "@/db/actor";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { takeOn } from "../support/claim";
import { freshDatabase } from "../support/database";
import { addPatient, draw, type MadeStudy, makeStudy, readCases } from "../support/study";

/*
 * A reader with raw SQL who changes settings: for the functions that decide what is shown, and for whoever gets the connection next.
 */

const database = await freshDatabase();
const { door } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

const washOutDays = 28;
let study: MadeStudy;

beforeAll(async () => {
  const { source } = await shippedProtocol("demonstration");
  study = await makeStudy({
    door,
    ownerUrl: database.owner,
    source: source.replace("shows: [size], washOutDays: 0", `shows: [size], washOutDays: ${washOutDays}`),
  });
  await addPatient(door, study, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
  await draw(door, study);
  await readCases(door, study.members.reader, 3);
});

describe("a wash-out of 28 days", () => {
  /** Makes the reads of Cohort 1 this many hours old. */
  const wait = (hours: number) =>
    admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      await run`update reading_progress set submitted_at = clock_timestamp() - ${hours}::float8 * interval '1 hour'`;
    });
  /** What a reader finds under a setting: whether Cohort 2 is open, and hours to its opening. */
  const find = async (setting: string, value: string) => {
    const [row] = await door.withActor(study.members.reader, async (tx) => {
      await tx.execute(sql.raw(`set local ${setting} = '${value}'`));
      return tx.execute<{ state: string; hours: number; opened: boolean }>(sql`
        select state, extract(epoch from opens_at - now())::float8 / 3600 as hours, nw.open_case('current') as opened
          from nw.my_lists() where condition_key = 'cohort-2'`);
    });
    return row;
  };

  test.each([
    ["TimeZone", "UTC"],
    ["TimeZone", "AAA167BBB-167,J1,J365"],
    ["TimeZone", "AAA-167BBB167,0/0,J365/0"],
    ["TimeZone", "America/New_York"],
    ["DateStyle", "SQL, DMY"],
    ["IntervalStyle", "iso_8601"],
    ["search_path", "pg_temp, nw_private"],
    ["row_security", "off"],
    ["bytea_output", "escape"],
    ["array_nulls", "off"],
    ["standard_conforming_strings", "off"],
    ["transform_null_equals", "on"],
  ])("is 672 hours, whatever %s is set to (%s)", async (setting, value) => {
    for (const [hours, state] of [
      [0, "wash-out"],
      [671.9, "wash-out"],
      [672.1, "open"],
    ] as const) {
      await wait(hours);
      const row = await find(setting, value);
      expect(row).toMatchObject({ state, opened: state === "open" });
      expect(row?.hours).toBeCloseTo(24 * washOutDays - hours, 1);
    }
  });
});

/** Settings of this kind that no function fixes, and why it need not. */
const turnsNothing: Record<string, string> = {
  ...Object.fromEntries(
    [
      "default_text_search_config",
      "gin_fuzzy_search_limit",
      "lc_monetary",
      "lc_numeric",
      "lc_time",
      "xmlbinary",
      "xmloption",
    ].map((name) => [name, "of search, money, names of months and XML, of which there is none"]),
  ),
  ...Object.fromEntries(
    [
      "check_function_bodies",
      "createrole_self_grant",
      "default_table_access_method",
      "default_tablespace",
      "default_toast_compression",
    ].map((name) => [name, "of what is made, and nobody makes anything"]),
  ),
  ...Object.fromEntries(
    [
      "idle_in_transaction_session_timeout",
      "idle_session_timeout",
      "lock_timeout",
      "statement_timeout",
      "transaction_timeout",
    ].map((name) => [name, "ends a statement, whole"]),
  ),
  ...Object.fromEntries(
    ["transaction_isolation", "transaction_read_only", "transaction_deferrable"].flatMap((name) => [
      [name, "refused by nw.claim, or writes nothing"],
      [`default_${name}`, "set anew for each transaction"],
    ]),
  ),
  backslash_quote: "refuses, and there is no such quote",
  client_encoding: "of the wire",
  escape_string_warning: "warns",
  gin_pending_list_limit: "of indexes that are not there",
  icu_validation_level: "of collations that are made",
  quote_all_identifiers: "of texts for people",
  restrict_nonsystem_relation_kind: "refuses",
  search_path: "in the text of each function",
  synchronize_seqscans: "the order of rows that were not put in order",
  temp_tablespaces: "where, not what",
  timezone_abbreviations: "of names of zones in values, which hold offsets",
};

test("whatever a connection can set of how values and texts are understood is fixed by each function, or turns nothing", async () => {
  const settings = await admin<{ name: string }[]>`
    select name from pg_settings where context = 'user' and (category ~ 'Locale and Formatting|Statement Behavior|^Version and Platform' or name like 'gin_%') order by name`;
  const names = settings.map(({ name }) => name);
  for (const known of ["extra_float_digits", "DateStyle", "standard_conforming_strings", "search_path"])
    expect(names).toContain(known);
  const [claim, ...others] = await admin<{ fixed: string[] }[]>`
    select distinct array(select split_part(c, '=', 1) from unnest(proconfig) c order by 1) as fixed from pg_proc where pronamespace = 'nw'::regnamespace and prosqlbody is null`;
  expect(others, "every function fixes the same").toEqual([]);
  expect(names.filter((name) => !claim?.fixed.includes(name) && !turnsNothing[name])).toEqual([]);
});

test("who calls a function first on a connection does not say how its text is read, for oneself and for the next person", async () => {
  const fresh = openDoor({ url: database.web, secret: database.actorSecret, max: 1 });
  const claimed = (tx: Tx) => tx.execute<{ role: string }>(sql`select nw.claim(1) as role`);
  const { reader, coordinator } = study.members;
  const first = await fresh.withActor(reader, async (tx) => {
    await tx.execute(sql.raw("set local standard_conforming_strings = off"));
    return claimed(tx);
  });
  expect([...first]).toEqual([{ role: "reader" }]);
  expect([...(await fresh.withActor(coordinator, claimed))]).toEqual([{ role: "coordinator" }]);
  await fresh.close();
});

test("the plans of a function hold what it looks at, and are not told to whoever asks for plans", async () => {
  const { reader2 } = study.members;
  const told: string[] = [];
  const direct = postgres(database.web, {
    max: 1,
    prepare: false,
    onnotice: (notice) => told.push((notice.detail ?? "").replaceAll(/\s+/g, " ")),
  });
  await direct.begin(async (run) => {
    await takeOn((text) => run.unsafe(text), reader2, database.actorSecret);
    await run.unsafe(
      "set local client_min_messages = log; set local debug_print_plan = on; set local debug_pretty_print = off",
    );
    await run`select 'my own'::text, nw.open_case('current')`;
  });
  await direct.end();
  const [view] = await admin<{ shown_sha256: string }[]>`
    select v.shown_sha256 from reading_view v join reading_slot s on s.id = v.slot_id join reading_list l on l.id = s.list_id
     where l.membership_id = ${reader2.membershipId}`;
  const asTold = (constant: string) => [...Buffer.from(constant)].join(" ");
  // With the hash and the crops of Cohort 1, the size is tried out: before the view is in the trail.
  expect(view?.shown_sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(told.filter((plan) => plan.includes(asTold(view?.shown_sha256 ?? "")))).toEqual([]);
  expect(told.filter((plan) => plan.includes(asTold("my own")))).not.toEqual([]);
});

test("where plans are printed no row is looked at: they hold estimates of the rows of all studies", async () => {
  const { coordinator } = study.members;
  const subjects = (print: string) =>
    door.withActor(coordinator, async (tx) => {
      await tx.execute(sql.raw(`set local debug_print_plan = ${print}`));
      return tx.execute(sql`select from subject`);
    });
  expect(await subjects("on")).toHaveLength(0);
  expect(await subjects("off")).not.toHaveLength(0);
});

describe("the next person on the same connection", () => {
  const one = openDoor({ url: database.web, secret: database.actorSecret, max: 1 });
  afterAll(() => one.close());
  const backend = sql`select pg_backend_pid() as pid, current_setting('TimeZone') as zone, current_setting('search_path') as path,
    current_setting('transaction_read_only') as read_only, current_setting('transaction_isolation') as isolation, current_user as role,
    current_setting('DateStyle') as dates, nullif(current_setting('nodewise.kept', true), '') as kept, current_setting('client_encoding') as encoding`;

  test.each([
    ["TimeZone", "AAA167BBB-167"],
    ["search_path", "nw_private, pg_temp"],
    ["default_transaction_read_only", "on"],
    ["default_transaction_isolation", "serializable"],
    ["row_security", "off"],
    ["DateStyle", "German"],
    ["client_encoding", "SQL_ASCII"],
    ["role", "nw_reader"],
    ["nodewise.actor", "reader|x"],
    ["nodewise.kept", "a claim of somebody else"],
  ])("finds %s as it was before a reader set it for good", async (setting, value) => {
    const { reader, coordinator } = study.members;
    const look = () =>
      one.withActor(coordinator, async (tx) => (await tx.execute<Record<string, unknown>>(backend))[0]);
    const before = await look();
    await one.withActor(reader, (tx) => tx.execute(sql.raw(`set ${setting} = '${value}'`)));
    expect(await look()).toEqual(before);
    // As raw SQL would do it that ends its transaction and goes on outside.
    await one.withActor(reader, (tx) => tx.execute(sql.raw(`commit; set ${setting} = '${value}'; begin`)));
    expect(await look(), "on the same connection").toEqual(before);
    await one.withActor(coordinator, (tx) =>
      tx.execute(sql`insert into subject (study_id, number) values (${study.studyId}, ${`${setting} ${value}`})`),
    );
  });

  test.each([
    ["search_path", "pgboss"],
    ["row_security", "off"],
  ])("finds %s as it was, also on a new connection after a reader set it for the login", async (setting, value) => {
    const { reader, coordinator } = study.members;
    const look = async () => {
      const fresh = openDoor({ url: database.web, secret: database.actorSecret, max: 1 });
      const [found] = await fresh.withActor(coordinator, (tx) =>
        tx.execute(sql`select current_setting(${setting}) as setting, (select count(*) from subject) as subjects`),
      );
      await fresh.close();
      return found;
    };
    const before = await look();
    const set = (to: string) =>
      one.withActor(reader, (tx) =>
        tx.execute(sql.raw(`reset role; alter role current_user in database ${database.name} ${to}`)),
      );
    await set(`set ${setting} = '${value}'`);
    const direct = postgres(database.web, { max: 1 });
    expect((await direct`select current_setting(${setting}) as setting`)[0]).toEqual({ setting: value });
    await direct.end();
    expect(await look()).toEqual(before);
    await set("reset all");
  });

  test("finds no cursor that a reader left open, and listens to nothing", async () => {
    const left =
      "select (select count(*)::int from pg_cursors) as cursors, (select count(*)::int from pg_listening_channels()) as channels";
    const leave = "declare mine cursor with hold for select 'left by a reader'; listen mine";
    // Control: both outlive their transaction.
    const direct = postgres(database.web, { max: 1, prepare: false });
    await direct.unsafe(`begin; ${leave}; commit`);
    expect([...(await direct.unsafe(left))]).toEqual([{ cursors: 1, channels: 1 }]);
    await direct.end();
    const { reader, coordinator } = study.members;
    await one.withActor(reader, (tx) => tx.execute(sql.raw(leave)));
    const found = () => one.withActor(coordinator, async (tx) => [...(await tx.execute(sql.raw(left)))]);
    // Postgres stops listening with the transaction that says so; what it heard meanwhile is told to nobody within it.
    expect(await found()).toMatchObject([{ cursors: 0 }]);
    expect(await found()).toEqual([{ cursors: 0, channels: 0 }]);
  });

  test("runs no statement that has a name, under which a reader could have put another", async () => {
    const names = sql`select name from pg_prepared_statements`;
    const { reader } = study.members;
    expect([...(await one.withActor(reader, (tx) => tx.execute(names)))]).toEqual([]);
    await one.withActor(reader, async (tx) => {
      await tx.execute(sql.raw("prepare mine as select 1"));
      expect([...(await tx.execute(names))]).toEqual([{ name: "mine" }]);
    });
    expect([...(await one.withActor(reader, (tx) => tx.execute(names)))]).toEqual([]);
  });
});
