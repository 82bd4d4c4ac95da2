import { getTableColumns, getTableName, type Name, type SQL, sql } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Tx } from "./actor";

/** Some hundred kilobytes of JSON: what is built for a chunk is gone before it counts. */
const rowsPerInsert = 1_000;

const isJson = (column: PgColumn): boolean => column.getSQLType() === "jsonb";
const asJson = (column: PgColumn, value: unknown): unknown =>
  value === null || value === undefined || isJson(column) ? value : column.mapToDriverValue(value);
const asText = (column: PgColumn, value: unknown): string =>
  isJson(column) ? JSON.stringify(value) : String(asJson(column, value));

/**
 * Inserts any number of rows, in order, a chunk a statement: as one document, because with a parameter for each cell the client takes longer than the
 * database. What all rows of a chunk have in common is sent once; what no row names has its default.
 * @throws Error when a column that has a default is named by some rows of a chunk and not by others
 */
export async function insertInChunks<T extends PgTable>(
  tx: Tx,
  table: T,
  rows: Iterable<T["$inferInsert"]>,
): Promise<void> {
  let chunk: T["$inferInsert"][] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < rowsPerInsert) continue;
    await insertAtOnce(tx, table, chunk);
    chunk = [];
  }
  if (chunk.length > 0) await insertAtOnce(tx, table, chunk);
}

async function insertAtOnce(tx: Tx, table: PgTable, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  const columns = Object.entries(getTableColumns(table)).flatMap(([key, column]) => {
    const named = rows.filter((row) => row[key] !== undefined).length;
    if (named > 0 && named < rows.length && column.hasDefault)
      throw new Error(`${getTableName(table)}: only some rows say ${key}, which has a default.`);
    const name = sql.identifier(toSnakeCase(column.name));
    return named > 0 ? [{ key, column, name, type: sql.raw(column.getSQLType()) }] : [];
  });
  const [first] = rows;
  const isShared = ({ key }: { key: string }) =>
    typeof first?.[key] !== "object" && rows.every((row) => row[key] === first?.[key]);
  const own = columns.filter((column) => !isShared(column));
  // A record has one column at least.
  const ofRow = own.length > 0 ? own : columns;
  const document = JSON.stringify(
    rows.map((row) => Object.fromEntries(ofRow.map(({ key, column }) => [key, asJson(column, row[key])]))),
  );
  const list = (parts: readonly (SQL | Name)[]) => sql.join([...parts], sql`, `);
  const values = columns.map((each) =>
    ofRow.includes(each)
      ? sql.identifier(each.key)
      : sql`${asText(each.column, first?.[each.key])}::text::${each.type}`,
  );
  const record = ofRow.map(({ key, type }) => sql`${sql.identifier(key)} ${type}`);
  await tx.execute(
    sql`insert into ${table} (${list(columns.map(({ name }) => name))})
        select ${list(values)} from jsonb_to_recordset(${document}::jsonb) as added (${list(record)})`,
  );
}
