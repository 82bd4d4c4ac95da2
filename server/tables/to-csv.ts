import { stringify } from "csv-stringify/sync";
import { harmless, utf8Mark } from "@/core/text/spreadsheet";

type Cell = string | number | boolean | null | undefined;

function flatten(value: unknown, prefix = ""): [string, Cell][] {
  if (value !== null && typeof value === "object" && !(value instanceof Date)) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(inner, prefix ? `${prefix}_${key}` : key));
  }
  return [[prefix, value instanceof Date ? value.toISOString() : (value as Cell)]];
}

/**
 * Records as CSV with a header; `{auc: {lower}}` becomes the column `auc_lower`. Numbers keep every digit. With the mark by which Excel knows UTF-8, and no
 * text that a spreadsheet would compute.
 * @param fixed the columns, whatever the records have; left out: what one of the records has
 * @throws Error for a value that has no column among them
 */
export function toCsv(records: readonly object[], fixed?: readonly string[]): string {
  const rows = records.map((each) => Object.fromEntries(flatten(each)));
  const found = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // Nothing, where other records have something with parts.
  const isEmpty = (column: string) =>
    fixed?.some((part) => part.startsWith(`${column}_`)) && rows.every((row) => (row[column] ?? null) === null);
  const lost = fixed && found.filter((column) => !fixed.includes(column) && !isEmpty(column));
  if (lost && lost.length > 0) throw new Error(`The table has no column for ${lost.join(", ")}.`);
  const columns = fixed ?? found;
  return (
    utf8Mark + stringify(rows, { header: true, columns: [...columns], cast: { boolean: String, string: harmless } })
  );
}
