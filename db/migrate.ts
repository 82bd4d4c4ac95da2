import { DrizzleQueryError, sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import PgBoss from "pg-boss";
import postgres from "postgres";
import { connect, type Tx } from "./client";
import { ownClaim } from "./guards";
import { holdForMigration } from "./locks";
import { queues } from "./queues";
import { actorRoles } from "./schema/roles";
import { applyText } from "./text";

export interface Passwords {
  owner: string;
  web: string;
  worker: string;
}

/**
 * Seconds after which a statement, or a transaction in which nothing is said, is ended: none may hold rows and locks for ever because a person or a
 * process went away. The worker reads whole studies.
 */
const patience = {
  nodewise_web: { statement_timeout: 60, idle_in_transaction_session_timeout: 60 },
  nodewise_worker: { statement_timeout: 300, idle_in_transaction_session_timeout: 60 },
};

const migrations = readMigrationFiles({ migrationsFolder: new URL("./migrations", import.meta.url).pathname });
const moments = migrations.map(({ folderMillis }) => folderMillis);
/** When the baseline was drawn up: a database whose newest migration is older lacks what the baseline takes for granted. */
const baseline = Math.min(...moments);

/** The oldest major version of Postgres with all that the functions call (`nw.settled`). */
const oldest = 17;

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

function withUser(adminUrl: string, user: string, password: string, database: string): string {
  const url = new URL(adminUrl);
  url.username = user;
  url.password = encodeURIComponent(password);
  url.pathname = `/${database}`;
  return url.toString();
}

/** Login roles, actor roles and who may become whom. Roles belong to the cluster, so this runs as its administrator. */
async function createRoles(admin: postgres.Sql, passwords: Passwords): Promise<void> {
  const logins = { nodewise_owner: passwords.owner, nodewise_web: passwords.web, nodewise_worker: passwords.worker };
  const existing = new Set((await admin`select rolname from pg_roles`).map((row) => String(row.rolname)));
  for (const [name, password] of Object.entries(logins)) {
    const verb = existing.has(name) ? "alter" : "create";
    await admin.unsafe(
      `${verb} role ${name} login noinherit nosuperuser nocreatedb nocreaterole nobypassrls password ${quoted(password)}`,
    );
  }
  for (const [name, settings] of Object.entries(patience)) {
    // First what a login gave itself: settings of every connection to come.
    await admin.unsafe(`alter role ${name} reset all`);
    // Beside row policies no condition of a join finds its rows by an index (closeBuiltIns): one by one, each row of one table would be held against all of the
    // other. Functions, which no policy hides rows from, have it as Postgres does (db/text.ts).
    await admin.unsafe(`alter role ${name} set enable_nestloop = off`);
    for (const [setting, seconds] of Object.entries(settings))
      await admin.unsafe(`alter role ${name} set ${setting} = '${seconds}s'`);
  }
  const nologin = ["nw_kernel", ...actorRoles.map((role) => `nw_${role}`)];
  for (const name of nologin.filter((name) => !existing.has(name)))
    await admin.unsafe(`create role ${name} nologin nobypassrls`);
  await admin.unsafe("grant nw_kernel to nodewise_owner");
  for (const role of actorRoles)
    await admin.unsafe(`grant nw_${role} to ${role === "worker" ? "nodewise_worker" : "nodewise_web"}`);
}

/** Within a database, as the cluster's administrator. */
async function asAdministrator(
  adminUrl: string,
  database: string,
  fn: (inside: postgres.Sql) => Promise<unknown>,
): Promise<void> {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const inside = postgres(url.toString(), { max: 1, onnotice: () => {} });
  try {
    await fn(inside);
  } finally {
    await inside.end({ timeout: 5 });
  }
}

/**
 * What Postgres lets everybody call and nobody needs here: bytes kept beside every table, locks that outlive a transaction, other people's connections,
 * places of rows past their policies, statements in a text, which `nw.claim` does not see, and settings that change in the middle of a statement.
 */
const closed =
  "^(lo_|loread$|lowrite$|pg_(try_)?advisory_|pg_notify$|pg_(cancel|terminate)_backend$|currtid|(query|cursor|table|schema|database)_to_xml|ts_stat$|ts_rewrite$|set_config$|(pg_xact|txid)_status$|(pg|txid)_current_snapshot$)";

/**
 * Functions that count what others do: rows of each table, bytes of each table and of the log (by those of one record it is told a report that found the node
 * from one that did not), and who waits for whom.
 */
const counters =
  "^pg_(stat_|control_|logical_|.*(wal|_lsn$|replication_slot|replay)|.*(relation|table|indexes|database|tablespace)_size$|lock_status$|.*block(ing|ed$)|prepared_xact$|last_committed_xact$|xact_commit_|get_multixact|notification_queue)";
/** Views of the same. */
const counts = "^pg_(stat|statio)_|^pg_(locks|prepared_xacts|replication_slots)$";
/** The columns of `pg_class` that say how many rows and pages each table has, and how old they are. */
const estimates = "^rel(pages|tuples|allvisible|allfrozen|frozenxid|minmxid)$";

/**
 * Takes these from everybody, and blocks of plpgsql (DO), whose statements are texts, too. No function stays leakproof: a condition of such functions alone is
 * looked at before the row policies, in every row, and by how long that takes, or by the plan, it tells what stands in rows that are hidden. All of it as far
 * as this Postgres lets its administrator: it owns them on a server of one's own, not always on a rented one. Whoever watches over the server (`pg_monitor`)
 * keeps the counters.
 */
async function closeBuiltIns(adminUrl: string, database: string): Promise<void> {
  await asAdministrator(adminUrl, database, async (inside) => {
    await inside.unsafe(`
      do $$
      declare
        x record;
        open text;
      begin
        for x in select oid::regprocedure as f, proname ~ '${counters}' as counts from pg_proc
                  where pronamespace = 'pg_catalog'::regnamespace and proname ~ '${closed}|${counters}' loop
          execute format('revoke execute on function %s from public', x.f);
          if x.counts then execute format('grant execute on function %s to pg_monitor', x.f); end if;
        end loop;
        for x in select oid::regclass as v from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'v' and relname ~ '${counts}' loop
          execute format('revoke select on %s from public', x.v);
          execute format('grant select on %s to pg_monitor', x.v);
        end loop;
        select string_agg(attname, ', ') into open from pg_attribute where attrelid = 'pg_class'::regclass and not attisdropped and attname !~ '${estimates}';
        revoke select on pg_class from public;
        execute format('grant select (%s) on pg_class to public', open);
        grant select on pg_class to pg_monitor, nodewise_owner;
        for x in select oid::regprocedure as f from pg_proc where proleakproof loop
          begin
            execute format('alter function %s not leakproof', x.f);
          exception when insufficient_privilege then exit;
          end;
        end loop;
      end $$;
      revoke usage on language plpgsql from public;
      grant usage on language plpgsql to nw_kernel, nodewise_owner;
      grant execute on function pg_advisory_xact_lock(bigint) to nw_kernel, nodewise_owner, nodewise_worker;
      grant execute on function pg_advisory_xact_lock_shared(bigint), pg_try_advisory_xact_lock(bigint) to nw_kernel;
      grant execute on function set_config(text, text, boolean) to nw_kernel, nodewise_owner;
      grant execute on function pg_lock_status() to nw_kernel;
      grant select on pg_locks to nw_kernel;
      grant execute on function pg_current_wal_flush_lsn(), pg_current_wal_insert_lsn(), pg_logical_emit_message(boolean, text, text, boolean) to nw_kernel`);
    const [left] = await inside`
      select (select count(*) from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname ~ ${`${closed}|${counters}`}
                 and has_function_privilege('nw_reader', oid, 'execute'))
           + (select count(*) from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'v' and relname ~ ${counts}
                 and has_table_privilege('nw_reader', oid, 'select'))
           + has_table_privilege('nw_reader', 'pg_class', 'select')::int + has_language_privilege('nw_reader', 'plpgsql', 'usage')::int as open,
             (select count(*) from pg_proc where proleakproof) as leakproof`;
    if (Number(left?.open) > 0)
      console.warn(
        `This Postgres keeps ${left?.open} functions and views open to everybody: large objects (lo_*), session locks, counters of what others do (pg_stat_*), the length of its log, statements in texts (DO, *_to_xml). Revoke them from PUBLIC as its superuser.`,
      );
    if (Number(left?.leakproof) > 0)
      console.warn(
        `This Postgres keeps ${left?.leakproof} functions leakproof: by how long a query takes, a person with SQL of the pages' login can find out every value that is hidden from the own role. Readers are not blinded against that. Run ALTER FUNCTION ... NOT LEAKPROOF on each as its superuser.`,
      );
  });
}

/**
 * The logins of this installation come into its own database and no other of the cluster: there nothing is closed. Everybody else who could connect to those still
 * can. As far as this Postgres lets its administrator.
 */
async function closeOtherDatabases(admin: postgres.Sql, database: string): Promise<void> {
  const open = () => admin<{ name: string }[]>`
    select quote_ident(datname) as name from pg_database
     where datallowconn and datname <> ${database}
       and exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba))) where grantee = 0 and privilege_type in ('CONNECT', 'TEMPORARY'))
     order by 1`;
  const [others] = await admin<{ logins: string | null }[]>`
    select string_agg(quote_ident(rolname), ', ') as logins from pg_roles
     where rolcanlogin and not rolsuper and rolname not in ('nodewise_owner', 'nodewise_web', 'nodewise_worker')`;
  for (const { name } of await open())
    await admin
      .unsafe(
        `revoke connect, temporary on database ${name} from public;
         ${others?.logins ? `grant connect, temporary on database ${name} to ${others.logins}` : ""}`,
      )
      .catch((error) => {
        // Not this administrator's to give (42501), gone meanwhile (3D000), or being changed by somebody else (XX000).
        if (!(error instanceof postgres.PostgresError) || !["42501", "3D000", "XX000"].includes(error.code))
          throw error;
      });
  const left = await open();
  if (left.length > 0)
    console.warn(
      `This Postgres keeps databases open to everybody: ${left.map(({ name }) => name).join(", ")}. A person with SQL of the pages' login finds there what is closed here (counters, locks, large objects). Revoke CONNECT and TEMPORARY on each from PUBLIC as its owner.`,
    );
}

/**
 * The login of the pages makes and drops nothing. A role may give away what it was granted (DROP OWNED), its row policies with it, for good: no later start would
 * make them again. As far as this Postgres lets its administrator: it takes a superuser.
 */
async function closeDefinitions(adminUrl: string, database: string): Promise<void> {
  await asAdministrator(adminUrl, database, (inside) =>
    inside.unsafe(`
      create or replace function nw_private.refuse_definition() returns event_trigger language plpgsql as $$
      begin
        if session_user = 'nodewise_web' then raise exception 'This login defines nothing: %', tg_tag using errcode = '42501'; end if;
      end $$;
      drop event trigger if exists refuse_definition;
      create event trigger refuse_definition on ddl_command_start execute function nw_private.refuse_definition()`),
  ).catch((error) => {
    if (!(error instanceof postgres.PostgresError) || error.code !== "42501") throw error;
    console.warn(
      "This Postgres keeps its administrator from event triggers: a person with SQL of the pages' login could give its grants away.",
    );
  });
}

/**
 * The queue's tables belong to the owner; the worker takes jobs, and whoever asked for a job adds its turn in the same transaction: that one, and no other
 * (`nw.waits_for_turn`), whatever role the login of the pages has taken on. The kernel sees which wait.
 */
async function createQueues(ownerUrl: string, owner: postgres.Sql): Promise<void> {
  const boss = new PgBoss({ connectionString: ownerUrl, supervise: false, schedule: false, max: 1 });
  boss.on("error", () => {});
  await boss.start();
  for (const queue of Object.values(queues)) {
    if (await boss.getQueue(queue.name)) await boss.updateQueue(queue.name, { ...queue, policy: "standard" });
    else await boss.createQueue(queue.name, { ...queue, policy: "standard" });
  }
  await boss.stop({ graceful: false, close: true });
  const askerRoles = ["nw_worker", "nw_data_scientist", "nw_principal_investigator", "nw_importer"];
  const askers = askerRoles.join(", ");
  const ownTurn = "(select nw.role()) = current_user and nw.waits_for_turn(name, id, data)";
  await owner.unsafe(`
    revoke execute on all functions in schema pgboss from public;
    revoke all on all tables in schema pgboss from nw_kernel, ${askers};
    grant usage on schema pgboss to nodewise_worker, nw_kernel, ${askers};
    grant select, insert, update, delete on all tables in schema pgboss to nodewise_worker;
    grant execute on all functions in schema pgboss to nodewise_worker;
    grant select on pgboss.queue to ${askers};
    grant select (id, name, state) on pgboss.job to nw_kernel;
    grant select (id) on pgboss.job to ${askers};
    grant insert (id, name, data, priority, start_after, singleton_key, singleton_on, dead_letter, expire_in, keep_until, retry_limit, retry_delay, retry_backoff, policy)
      on pgboss.job to ${askers};
    alter table pgboss.job enable row level security;
    drop policy if exists worker on pgboss.job;
    create policy worker on pgboss.job to nodewise_worker using (true) with check (true);
    drop policy if exists kernel on pgboss.job;
    create policy kernel on pgboss.job for select to nw_kernel using (true);
    drop policy if exists claim on pgboss.job;
    create policy claim on pgboss.job as restrictive to ${askers} using (nw.has_claim());
    ${askerRoles
      .map(
        (role) => `drop policy if exists ${role} on pgboss.job;
    create policy ${role} on pgboss.job as restrictive to ${role} using (${ownClaim(role)});`,
      )
      .join("\n    ")}
    drop policy if exists seen_by_asker on pgboss.job;
    create policy seen_by_asker on pgboss.job for select to ${askers} using (${ownTurn});
    drop policy if exists added_by_asker on pgboss.job;
    create policy added_by_asker on pgboss.job for insert to ${askers}
      with check (${ownTurn} and priority = 0 and policy = 'standard' and singleton_key is null and dead_letter is null);
  `);
}

/** Runs the migrations that are later than the newest the database has, and notes them where drizzle's own migrator does: that one cannot share a transaction. */
async function runMigrations(tx: Tx): Promise<void> {
  await tx.execute(
    sql.raw(`create schema if not exists drizzle;
      create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`),
  );
  const [newest] = await tx.execute<{ at: number | null }>(
    sql`select max(created_at)::float8 as at from drizzle.__drizzle_migrations`,
  );
  for (const { sql: statements, hash, folderMillis } of migrations) {
    if (folderMillis <= (newest?.at ?? 0)) continue;
    for (const statement of statements) await tx.execute(sql.raw(statement));
    await tx.execute(
      sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis})`,
    );
  }
}

/** A database of a version before the baseline: the version that made the baseline migrates it first. Nothing is changed here. */
async function refuseOlder(adminUrl: string, database: string): Promise<void> {
  await asAdministrator(adminUrl, database, async (inside) => {
    const [journal] = await inside`select to_regclass('drizzle.__drizzle_migrations') as name`;
    if (!journal?.name) return;
    const [newest] = await inside`select max(created_at)::float8 as at from drizzle.__drizzle_migrations`;
    if (typeof newest?.at === "number" && newest.at < baseline)
      throw new Error(
        `The database ${database} is of a version before 2283b68, which this one cannot read. Nothing was changed. Start version 2283b68 on it once, then this one.`,
      );
  });
}

/**
 * Brings a Postgres to the state of this version, under an advisory lock so that two starts never meet: roles, database,
 * tables, policies, functions, grants (all of one database in one transaction), queues and the secret of the actor claim.
 * @param adminUrl a login that may create roles and databases; used for nothing else
 * @returns the login URLs of the three roles
 */
export async function migrate(options: {
  adminUrl: string;
  passwords: Passwords;
  actorSecret: string;
  database?: string;
}) {
  const database = options.database ?? "nodewise";
  const urls = {
    owner: withUser(options.adminUrl, "nodewise_owner", options.passwords.owner, database),
    web: withUser(options.adminUrl, "nodewise_web", options.passwords.web, database),
    worker: withUser(options.adminUrl, "nodewise_worker", options.passwords.worker, database),
  };
  const admin = postgres(options.adminUrl, { max: 1, onnotice: () => {} });
  const { db, pool: owner } = connect(urls.owner, 1);
  try {
    await holdForMigration(admin);
    const [server] = await admin`select current_setting('server_version_num')::int as version`;
    if (server?.version < oldest * 10_000)
      throw new Error(
        `This Postgres is of version ${Math.floor(server?.version / 10_000)}; Nodewise needs ${oldest} or later. Nothing was changed.`,
      );
    const exists = (await admin`select 1 from pg_database where datname = ${database}`).length > 0;
    if (exists) await refuseOlder(options.adminUrl, database);
    await createRoles(admin, options.passwords);
    if (!exists) {
      await admin.unsafe(`create database "${database}" owner nodewise_owner`);
    }
    // What a login gave itself: settings of every connection to come.
    for (const login of Object.keys(patience))
      await admin.unsafe(`alter role ${login} in database "${database}" reset all`);
    // No temporary tables either: one that outlived its transaction would stand in for ours on a pooled connection.
    await admin.unsafe(`revoke all on database "${database}" from public`);
    await admin.unsafe(`grant connect on database "${database}" to nodewise_web, nodewise_worker`);
    await db
      .transaction((tx) => applyText(tx, { newest: Math.max(...moments), migrate: () => runMigrations(tx) }))
      .catch((error) => {
        // What Postgres says, without the migration's text: a migration that stops says why and what to do.
        throw error instanceof DrizzleQueryError ? (error.cause ?? error) : error;
      });
    await owner`insert into nw_private.secret (value) values (${options.actorSecret}) on conflict (only_row) do update set value = excluded.value`;
    await createQueues(urls.owner, owner);
    await closeBuiltIns(options.adminUrl, database);
    await closeDefinitions(options.adminUrl, database);
    await closeOtherDatabases(admin, database);
    return urls;
  } finally {
    await Promise.all([admin.end({ timeout: 5 }), owner.end({ timeout: 5 })]);
  }
}
