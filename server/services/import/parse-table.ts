import { CsvError, parse } from "csv-parse/sync";
import type { z } from "zod";
import { AppError } from "@/server/errors";

/** A row that passed its schema, with its number as a spreadsheet shows it (the header is row 1). */
export interface TableRow<T> {
  row: number;
  value: T;
  /** Cells of the columns that the schema does not name, as text. */
  others: Readonly<Record<string, string>>;
}

/** A row that did not, and why. */
export interface RowProblem {
  row: number;
  reason: string;
}

/** How many problems fit on a screen; the rest are in the JSON answer. */
export const asProblems = (problems: readonly RowProblem[]): string[] =>
  [...problems].sort((a, b) => a.row - b.row).map(({ row, reason }) => `row ${row}: ${reason}`);

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AppError("invalid", "The file is not UTF-8 text. Nothing was imported; save it as CSV in UTF-8.");
  }
}

/** Spreadsheets write commas, semicolons or tabs: the header says which. */
function delimiterOf(text: string): string {
  const header = text.slice(0, (text.indexOf("\n") + 1 || text.length + 1) - 1);
  return [",", ";", "\t"].reduce((best, each) => (header.split(each).length > header.split(best).length ? each : best));
}

function records(bytes: Uint8Array): string[][] {
  const text = decode(bytes);
  try {
    return parse(text, { bom: true, trim: true, relax_column_count: true, delimiter: delimiterOf(text) });
  } catch (error) {
    const reason = error instanceof CsvError ? error.message : "unknown reason";
    throw new AppError(
      "invalid",
      `The file is not a table: ${reason}. Nothing was imported; correct it and try again.`,
    );
  }
}

function refuseHeader(header: readonly string[], known: readonly string[], required: readonly string[]): void {
  const missing = required.filter((column) => !header.includes(column));
  const twice = known.filter((column) => header.indexOf(column) !== header.lastIndexOf(column));
  if (missing.length === 0 && twice.length === 0) return;
  throw new AppError(
    "invalid",
    `The first row must name the columns ${required.join(", ")}. Nothing was imported; correct the header and try again.`,
    [
      ...missing.map((column) => `row 1: the column ${column} is missing; there are: ${header.join(", ")}`),
      ...twice.map((column) => `row 1: the column ${column} is there twice`),
    ],
  );
}

/**
 * Reads a CSV file with a header into rows of a schema. Columns are found by name in any order; blank lines are passed over.
 * @returns every row that passed, every row that did not with its reason, and a warning for each column that is not used
 * @param options.others columns that are used beside those of the schema; their cells come as text
 * @param options.aliases what a column may also be called
 * @throws AppError "invalid" when it is no table, has no rows, or lacks a required column
 */
export function parseTable<S extends z.ZodObject>(
  bytes: Uint8Array,
  options: {
    schema: S;
    required: readonly (keyof S["shape"] & string)[];
    others?: readonly string[];
    aliases?: Readonly<Record<string, string>>;
  },
): { rows: TableRow<z.infer<S>>[]; problems: RowProblem[]; warnings: string[] } {
  const [first = [], ...body] = records(bytes);
  const header = first.map((cell) => options.aliases?.[cell.toLowerCase()] ?? cell.toLowerCase());
  const others = options.others ?? [];
  const known = [...Object.keys(options.schema.shape), ...others];
  refuseHeader(header, known, options.required);
  const rows: TableRow<z.infer<S>>[] = [];
  const problems: RowProblem[] = [];
  for (const [index, cells] of body.entries()) {
    const row = index + 2;
    if (cells.every((cell) => cell === "")) continue;
    if (cells.length !== header.length) {
      problems.push({
        row,
        reason: `has ${cells.length} cells, the header has ${header.length}; quote cells that hold the separator`,
      });
      continue;
    }
    const named = Object.fromEntries(header.map((column, i) => [column, cells[i] ?? ""]));
    const parsed = options.schema.safeParse(named);
    if (parsed.success)
      rows.push({
        row,
        value: parsed.data,
        others: Object.fromEntries(others.map((column) => [column, named[column] ?? ""])),
      });
    else problems.push(...parsed.error.issues.map((issue) => ({ row, reason: issue.message })));
  }
  if (rows.length + problems.length === 0)
    throw new AppError("invalid", "The file has a header and no rows. Nothing was imported.");
  const warnings = header
    .filter((column) => !known.includes(column))
    .map((column) => `column "${column}" is not used; known columns: ${known.join(", ")}`);
  return { rows, problems, warnings };
}
