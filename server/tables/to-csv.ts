import { stringify } from "csv-stringify/sync";

type Cell = string | number | boolean | null | undefined;

function flatten(value: unknown, prefix = ""): [string, Cell][] {
  if (value !== null && typeof value === "object" && !(value instanceof Date)) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(inner, prefix ? `${prefix}_${key}` : key));
  }
  return [[prefix, value instanceof Date ? value.toISOString() : (value as Cell)]];
}

/** Records as CSV with a header; `{auc: {lower}}` becomes the column `auc_lower`. Numbers keep every digit. */
export function toCsv(records: readonly object[]): string {
  const rows = records.map((each) => Object.fromEntries(flatten(each)));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return stringify(rows, { header: true, columns, escape_formulas: true, cast: { boolean: String } });
}
