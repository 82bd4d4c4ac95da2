import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { sql } from "drizzle-orm";
import type { Tx } from "./client";
import { tableGates, tableGuards, tableTriggers } from "./guards";
import { actorRoles } from "./schema/roles";

const everyRole = actorRoles.map((role) => `nw_${role}`).join(", ");

const filesOf = (folder: "functions" | "views"): string[] => {
  const url = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(url)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => readFileSync(new URL(name, url), "utf8"));
};

/** Away with what is made anew, so that whatever no file holds any more is gone. A function that a policy or a default calls stays, to be replaced. */
const clear = `
SET LOCAL search_path = public, pg_temp;
DO $$
DECLARE x record;
BEGIN
  FOR x IN SELECT tgname, tgrelid::regclass AS t FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT tgisinternal LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', x.tgname, x.t);
  END LOOP;
END $$;
GRANT CREATE, USAGE ON SCHEMA nw TO nw_kernel;
GRANT TRIGGER ON ALL TABLES IN SCHEMA public TO nw_kernel;
DO $$
DECLARE x record;
BEGIN
  FOR x IN SELECT oid::regprocedure AS f FROM pg_proc WHERE pronamespace = 'nw'::regnamespace AND proowner = current_user::regrole LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO nw_kernel', x.f);
  END LOOP;
  FOR x IN SELECT typname AS t FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE c.relkind = 'c' AND t.typnamespace = 'nw'::regnamespace AND t.typowner = current_user::regrole LOOP
    EXECUTE format('ALTER TYPE nw.%I OWNER TO nw_kernel', x.t);
  END LOOP;
END $$;
SET LOCAL ROLE nw_kernel;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nw FROM PUBLIC, ${everyRole};
DO $$
DECLARE x record;
BEGIN
  FOR x IN SELECT oid::regprocedure AS f FROM pg_proc p WHERE pronamespace = 'nw'::regnamespace
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND d.deptype = 'n') LOOP
    EXECUTE format('DROP FUNCTION %s', x.f);
  END LOOP;
  FOR x IN SELECT typname AS t FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE c.relkind = 'c' AND t.typnamespace = 'nw'::regnamespace LOOP
    EXECUTE format('DROP TYPE nw.%I', x.t);
  END LOOP;
END $$;
RESET ROLE;`;

/**
 * What turns values into text and back, or what a body's own words mean (a body is read when a connection first calls it, and kept for the next person), and who
 * sees which rows. Through keys functions find rows one by one, which the logins do not (`createRoles` in db/migrate.ts).
 */
const fixed = {
  timezone: "UTC",
  datestyle: "ISO, YMD",
  intervalstyle: "postgres",
  extra_float_digits: "1",
  bytea_output: "hex",
  array_nulls: "on",
  standard_conforming_strings: "on",
  transform_null_equals: "off",
  row_security: "on",
  client_min_messages: "warning",
  enable_nestloop: "on",
};

/**
 * What a function does hangs on no setting of its caller; its search_path is in its text. Nor does it tell its caller its plans, which hold what it looks at
 * (`debug_print_plan`). A body that is bound when it is made has no words left that a
 * setting would turn.
 */
const fixSettings = `
DO $$
DECLARE x record;
BEGIN
  FOR x IN SELECT oid::regprocedure AS f FROM pg_proc WHERE pronamespace = 'nw'::regnamespace AND prosqlbody IS NULL LOOP
    EXECUTE format('ALTER FUNCTION %s ${Object.entries(fixed)
      .map(([name, value]) => `SET ${name} = ''${value}''`)
      .join(" ")}', x.f);
  END LOOP;
END $$;`;

/** Bodies are checked when all are there: a function may call one of a later file. */
const check = `
SET LOCAL check_function_bodies = on;
DO $$
DECLARE x record;
BEGIN
  FOR x IN SELECT p.oid, l.lanname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = 'nw'::regnamespace LOOP
    IF x.lanname = 'sql' THEN PERFORM fmgr_sql_validator(x.oid); ELSE PERFORM plpgsql_validator(x.oid); END IF;
  END LOOP;
END $$;
SELECT nw.check_keys();
RESET ROLE;
REVOKE CREATE ON SCHEMA nw FROM nw_kernel;
REVOKE TRIGGER ON ALL TABLES IN SCHEMA public FROM nw_kernel;`;

/** A view holds on to the columns of its tables: it goes before a migration that may change them. */
const clearViews = `
DO $$
DECLARE x record;
BEGIN
  IF to_regnamespace('nw') IS NULL THEN RETURN; END IF;
  SET LOCAL ROLE nw_kernel;
  FOR x IN SELECT viewname AS v FROM pg_views WHERE schemaname = 'nw' LOOP
    EXECUTE format('DROP VIEW IF EXISTS nw.%I CASCADE', x.v);
  END LOOP;
  RESET ROLE;
END $$;`;

/**
 * Brings what stands beside the migrations to this version: what tables keep and who may touch them (`db/schema`), views (`db/views`), functions with
 * their triggers and grants (`db/functions`). Everything is made anew, unless the database says that it holds these very texts.
 * @param migrate runs between: after the views of the old tables are gone, before those of the new ones are made
 * @returns whether anything was done
 */
export async function applyText(tx: Tx, options: { newest: number; migrate: () => Promise<void> }): Promise<boolean> {
  const [views, functions] = [filesOf("views"), filesOf("functions")];
  const texts = [tableGuards(), clear, ...views, ...functions, fixSettings, tableTriggers(), check, tableGates()];
  const hash = createHash("sha256")
    .update([...texts, options.newest].join("\n"))
    .digest("hex");
  const [held] = await tx.execute<{ hash: string | null }>(
    sql`select obj_description(to_regnamespace('nw')::oid, 'pg_namespace') as hash`,
  );
  if (held?.hash === hash) return false;

  const run = (text: string) => tx.execute(sql.raw(text));
  await run(clearViews);
  await options.migrate();
  await run(tableGuards());
  await run(clear);
  await run("SET LOCAL ROLE nw_kernel; SET LOCAL check_function_bodies = off;");
  for (const text of [...views, ...functions, fixSettings, tableTriggers()]) if (text) await run(text);
  await run(check);
  await run(tableGates());

  const defined = new Set(
    functions.flatMap((text) => [...text.matchAll(/^CREATE OR REPLACE FUNCTION nw\.(\w+)/gm)].map(([, name]) => name)),
  );
  const there = await tx.execute<{ name: string }>(
    sql`select proname as name from pg_proc where pronamespace = 'nw'::regnamespace`,
  );
  const stale = there.map(({ name }) => name).filter((name) => !defined.has(name));
  if (stale.length > 0)
    throw new Error(`A policy or a default calls nw.${stale.join(", nw.")}, which no file of db/functions defines.`);
  await run(`COMMENT ON SCHEMA nw IS '${hash}'`);
  return true;
}
