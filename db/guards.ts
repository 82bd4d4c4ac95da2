import { is, SQL } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import { getTableConfig, type PgColumn, PgDialect, type PgPolicy, PgTable } from "drizzle-orm/pg-core";
import { z } from "zod";
import * as schema from "./schema";
import { bounded, keepingOf } from "./schema/kept";
import { actorRoles, namedColumns } from "./schema/roles";

/** In one order, however the modules were loaded: the text that follows from them is hashed. */
const tables = Object.values<unknown>(schema)
  .filter((value): value is PgTable => is(value, PgTable))
  .toSorted((a, b) => (getTableConfig(a).name < getTableConfig(b).name ? -1 : 1));
const everyRole = actorRoles.map((role) => `nw_${role}`).join(", ");
/** Who brings records that were made elsewhere says also who made them, and when. */
const importer = "nw_importer";

const nameOf = (column: PgColumn) => toSnakeCase(column.name);

/** Whether the row itself says who or when: such a column is left to its default. */
function isStamp(column: PgColumn): boolean {
  if (column.generatedIdentity) return true;
  if (!is(column.default, SQL)) return false;
  const { sql: text } = new PgDialect().sqlToQuery(column.default);
  return (
    text === "now()" || text === "clock_timestamp()" || text === "nw.person_id()" || text.startsWith("txid_current()")
  );
}

/** The roles that a policy names. */
const rolesOf = ({ to, name }: PgPolicy): string[] =>
  [to ?? []].flat().map((role) => {
    if (typeof role !== "object" || !("name" in role)) throw new Error(`The policy ${name} names no role of ours.`);
    return role.name;
  });

/** The grants that follow from the policies of a table. */
function grants(table: PgTable): string[] {
  const { name, columns, policies } = getTableConfig(table);
  return policies.flatMap((policy) => {
    const roles = rolesOf(policy);
    const named = namedColumns(policy);
    return roles.map((role) => {
      // What is read is read by its columns: those of Postgres itself (xmin, xmax, ctid) tell when others wrote or locked a row.
      const columnNames =
        named ??
        (policy.for === "select" ? columns.map(nameOf) : undefined) ??
        (policy.for === "insert" && role !== importer
          ? columns.filter((column) => !isStamp(column)).map(nameOf)
          : undefined);
      return `GRANT ${policy.for?.toUpperCase()}${columnNames ? ` (${columnNames.join(", ")})` : ""} ON ${name} TO ${role};`;
    });
  });
}

/** What bounds the rows of a table. (Of rows that are there nothing is asked: NOT VALID.) */
function bounds(table: PgTable): string[] {
  const { name, columns } = getTableConfig(table);
  const unbounded = columns.filter((column) => /^(text|jsonb?)$|\[\]$/.test(column.getSQLType())).map(nameOf);
  if (unbounded.length === 0) return [];
  return [
    `ALTER TABLE ${name} DROP CONSTRAINT IF EXISTS ${name}_is_bounded;`,
    `ALTER TABLE ${name} ADD CONSTRAINT ${name}_is_bounded CHECK (pg_column_size(ROW(${unbounded.join(", ")})) <= ${keepingOf(table).largest ?? bounded}) NOT VALID;`,
  ];
}

/** What is taken in, before defaults are added. */
const jsonSchema = (document: z.ZodType): string =>
  JSON.stringify(z.toJSONSchema(document, { io: "input" })).replaceAll("'", "''");

/** The triggers that keep the rows of a table, and that keep out whose role ended. */
function triggers(table: PgTable): string[] {
  const { name, columns } = getTableConfig(table);
  const { appendOnly, untilLock, audited, documents = {} } = keepingOf(table);
  const changed = (columns: readonly string[]) => {
    const rest = (row: string) => `to_jsonb(${row}) - '{${columns.join(",")}}'::text[]`;
    return `WHEN (${rest("old")} IS DISTINCT FROM ${rest("new")})`;
  };
  return [
    `CREATE TRIGGER refuse_ended AFTER INSERT OR UPDATE OR DELETE ON ${name} EXECUTE FUNCTION nw.refuse_ended();`,
    ...(untilLock
      ? [
          `CREATE TRIGGER refuse_added_when_locked AFTER INSERT ON ${name} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.refuse_added_when_locked();`,
          `CREATE TRIGGER refuse_when_locked AFTER UPDATE ON ${name} FOR EACH ROW EXECUTE FUNCTION nw.refuse_when_locked();`,
        ]
      : []),
    ...Object.entries(documents).map(
      ([column, document]) =>
        `CREATE TRIGGER refuse_unreadable_${column} AFTER INSERT ON ${name} FOR EACH ROW ${columns.some((each) => each.name === column && !each.notNull) ? `WHEN (new.${column} IS NOT NULL) ` : ""}EXECUTE FUNCTION nw.refuse_unreadable('${column}', '${jsonSchema(document)}');`,
    ),
    ...(appendOnly
      ? [
          `CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION nw.refuse_change();`,
          `CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ${name} EXECUTE FUNCTION nw.refuse_change();`,
        ]
      : []),
    ...(audited
      ? [
          `CREATE TRIGGER audit_added AFTER INSERT ON ${name} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION nw.audit_added();`,
          ...(audited === true
            ? [
                `CREATE TRIGGER audit_row AFTER UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION nw.audit_row();`,
              ]
            : [
                `CREATE TRIGGER audit_row AFTER DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION nw.audit_row();`,
                `CREATE TRIGGER audit_row_change AFTER UPDATE ON ${name} FOR EACH ROW ${changed(audited.exceptFor)} EXECUTE FUNCTION nw.audit_row();`,
              ]),
        ]
      : []),
  ];
}

/**
 * Row level security for owner and kernel, every grant on tables, and how large a row can be, out of `db/schema`: no grant, no row, whatever a policy says.
 * What an actor role holds otherwise is taken from it. Runs as the owner.
 */
export const tableGuards = (): string =>
  [
    `GRANT USAGE ON SCHEMA public TO nw_kernel, ${everyRole};`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${everyRole};`,
    ...tables.flatMap((table) => {
      const { name } = getTableConfig(table);
      return [
        `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`,
        `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;`,
        `DROP POLICY IF EXISTS kernel ON ${name};`,
        `CREATE POLICY kernel ON ${name} TO nw_kernel USING (true) WITH CHECK (true);`,
        `REVOKE ALL ON ${name} FROM nw_kernel;`,
        `GRANT SELECT, INSERT, UPDATE${keepingOf(table).forgotten ? ", DELETE" : ""} ON ${name} TO nw_kernel;`,
        ...grants(table),
        ...bounds(table),
      ];
    }),
  ].join("\n");

/** What a statement that was planned under a role asks when it runs: the claim of that very role. */
export const ownClaim = (role: string) => `(SELECT nw.role()) = '${role}'`;

/**
 * Beside the policies of every table: without a claim nothing of it is planned, and what was planned under a role looks at its rows under the claim of that role alone.
 * (Grants and policies are those of the role under which a statement is planned and a portal opened; `current_user` is the one under which it runs.) Runs as the
 * owner, when `nw.has_claim` is there.
 */
export const tableGates = (): string =>
  [
    `DO $$
DECLARE x record;
BEGIN
  FOR x IN SELECT polname, polrelid::regclass AS t FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT polpermissive LOOP
    EXECUTE format('DROP POLICY %I ON %s', x.polname, x.t);
  END LOOP;
END $$;`,
    ...tables.flatMap((table) => {
      const { name, policies } = getTableConfig(table);
      return [
        `CREATE POLICY claim ON ${name} AS RESTRICTIVE TO ${everyRole} USING (nw.has_claim());`,
        ...[...new Set(policies.flatMap(rolesOf))].map(
          (role) => `CREATE POLICY ${role} ON ${name} AS RESTRICTIVE TO ${role} USING (${ownClaim(role)});`,
        ),
      ];
    }),
  ].join("\n");

/** The triggers of every table. */
export const tableTriggers = (): string => tables.flatMap(triggers).join("\n");
