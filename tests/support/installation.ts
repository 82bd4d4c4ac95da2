import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import postgres from "postgres";
import { inject } from "vitest";
import { migrate } from "@/db/migrate";

const fixture = (version: string, name: string) =>
  readFileSync(new URL(`../db/fixtures/${version}/${name}`, import.meta.url));

/**
 * Fills an empty database with what an installation of an earlier version held: its schema as its migrations made it (`schema.sql`), then its rows
 * (`data.jsonl.gz`: a line is `["schema.table", row]`), past the triggers that would write the trail a second time.
 * @param ownerUrl the login that migrates, `adminUrl` one that may pass triggers; both name the database
 * @returns how many rows each table got
 */
async function loadInstallation(options: { version: string; ownerUrl: string; adminUrl: string }) {
  const owner = postgres(options.ownerUrl, { max: 1, onnotice: () => {} });
  const admin = postgres(options.adminUrl, { max: 1, onnotice: () => {} });
  const loaded: Record<string, number> = {};
  try {
    await owner.unsafe(fixture(options.version, "schema.sql").toString("utf8"));
    const rows = new Map<string, string[]>();
    for (const line of gunzipSync(fixture(options.version, "data.jsonl.gz")).toString("utf8").split("\n")) {
      const table = /^\["([\w.]+)"/.exec(line)?.[1];
      if (!table) throw new Error(`A line of the dump names no table: ${line.slice(0, 80)}`);
      const lines = rows.get(table);
      if (lines) lines.push(line);
      else rows.set(table, [line]);
    }
    await admin.begin(async (run) => {
      await run`set local session_replication_role = replica`;
      for (const [table, lines] of rows) {
        await run.unsafe(
          `insert into ${table} overriding system value
           select r.* from unnest($1::text[]) with ordinality l (line, place), jsonb_populate_record(null::${table}, l.line::jsonb -> 1) r order by l.place`,
          [lines],
        );
        loaded[table] = lines.length;
      }
      const counters = await run`
        select c.oid::regclass::text as table, a.attname as column, pg_get_serial_sequence(c.oid::regclass::text, a.attname) as name
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'drizzle'::regnamespace)
           and pg_get_serial_sequence(c.oid::regclass::text, a.attname) is not null`;
      for (const { table, column, name } of counters)
        await run.unsafe(`select setval('${name}', coalesce((select max(${column}) from ${table}), 0) + 1, false)`);
    });
  } finally {
    await Promise.all([owner.end(), admin.end()]);
  }
  return loaded;
}

/** Brings a database of the tests' server to this version; makes it where it is not there. */
export function migrateDatabase(database: string) {
  const password = (url: string) => decodeURIComponent(new URL(url).password);
  return migrate({
    adminUrl: inject("adminUrl"),
    passwords: {
      owner: password(inject("ownerUrl")),
      web: password(inject("webUrl")),
      worker: password(inject("workerUrl")),
    },
    actorSecret: inject("actorSecret"),
    database,
  });
}

/**
 * A database of a test's own with what an installation of 2283b68 held, or empty. `upgrade` brings it to this version, `remove` ends it.
 */
export async function oldInstallation({ filled = true } = {}) {
  const name = `old_${randomUUID().slice(0, 8)}`;
  const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  const [ownerUrl, adminUrl] = [at(inject("ownerUrl")), at(inject("adminUrl"))];
  const cluster = postgres(inject("adminUrl"), { max: 1, onnotice: () => {} });
  await cluster.unsafe(`create database ${name} owner nodewise_owner`);
  if (filled) await loadInstallation({ version: "2283b68", ownerUrl, adminUrl });
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  return {
    admin,
    ownerUrl,
    webUrl: at(inject("webUrl")),
    workerUrl: at(inject("workerUrl")),
    upgrade: () => migrateDatabase(name),
    async remove() {
      await admin.end();
      await cluster.unsafe(`drop database if exists ${name} with (force)`);
      await cluster.end();
    },
  };
}
