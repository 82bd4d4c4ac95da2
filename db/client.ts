import { getTableColumns, is, Param } from "drizzle-orm";
import type { PgDialect } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { endWithConnection } from "./lost-connection";
import * as schema from "./schema";

const columnsOfTable = Symbol.for("drizzle:Columns");

/**
 * Drizzle's INSERT names every column of its table, with DEFAULT for what no row gives; a role may name only the columns that it was granted
 * (`may`). Here an INSERT names the columns of which some row has a value.
 */
function nameGivenColumns(dialect: PgDialect): void {
  const build = dialect.buildInsertQuery.bind(dialect);
  dialect.buildInsertQuery = (config) => {
    const { table, values } = config;
    if (!Array.isArray(values)) return build(config);
    const given = new Set(
      values.flatMap((row) => Object.keys(row).filter((key) => !(is(row[key], Param) && row[key].value === undefined))),
    );
    const columns = Object.fromEntries(Object.entries(getTableColumns(table)).filter(([key]) => given.has(key)));
    return build({ ...config, table: Object.create(table, { [columnsOfTable]: { value: columns } }) });
  };
}

/** A drizzle client over its own pool. Only `db/` holds one: everybody else comes through `withActor`. */
export function connect(url: string, max = 10) {
  const pool = postgres(url, {
    max,
    idle_timeout: 600,
    connect_timeout: 10,
    onnotice: () => {},
    // Whoever has a connection can put another statement under a name that stays on it: the next person would run that.
    prepare: false,
    // A login may give itself other settings for every connection to come (ALTER ROLE), to which RESET ALL goes back; what a connection asks for comes first.
    connection: { application_name: "nodewise", search_path: "public", row_security: "on" },
  });
  const db = drizzle(endWithConnection(pool), { schema, casing: "snake_case" });
  // Its type keeps the dialect to itself.
  nameGivenColumns((db as unknown as { dialect: PgDialect }).dialect);
  return { db, pool };
}

export type Database = ReturnType<typeof connect>["db"];
export type Tx = Parameters<Parameters<Database["transaction"]>[0]>[0];
