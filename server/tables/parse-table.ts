import { CsvError, parse } from "csv-parse/sync";
import type { z } from "zod";
import { problemOfCell } from "@/core/text/characters";
import { asMeant } from "@/core/text/spreadsheet";
import type { Said } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";
import { asWritten } from "@/core/words/said";
import { AppError } from "@/server/errors";
import { separated } from "./delimiter";
import { decode } from "./encoding";

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
  reason: Said;
}

/** What is wrong in a row. */
export const atRow = (row: number, reason: Said): Said => ({ key: "errors.row", values: { row, reason } });

/** Problems in the order of the file, each with its row. */
export const asProblems = (problems: readonly RowProblem[]): Said[] =>
  [...problems].sort((a, b) => a.row - b.row).map(({ row, reason }) => atRow(row, reason));

function records(bytes: Uint8Array): string[][] {
  const { table, delimiter } = separated(decode(bytes));
  try {
    return parse(table, { trim: true, relax_column_count: true, delimiter });
  } catch (error) {
    const reason = error instanceof CsvError ? asWritten(error.message) : ({ key: "errors.reason_unknown" } as const);
    throw new AppError("invalid", { key: "errors.not_a_table", values: { reason } });
  }
}

function refuseHeader(header: readonly string[], known: readonly string[], required: readonly string[]): void {
  const missing = required.filter((column) => !header.includes(column));
  const twice = known.filter((column) => header.indexOf(column) !== header.lastIndexOf(column));
  if (missing.length === 0 && twice.length === 0) return;
  throw new AppError("invalid", { key: "errors.header_refused", values: { required: required.join(", ") } }, [
    ...missing.map((column) =>
      atRow(1, { key: "errors.column_missing", values: { column, columns: header.join(", ") } }),
    ),
    ...twice.map((column) => atRow(1, { key: "errors.column_twice", values: { column } })),
  ]);
}

/**
 * Reads a CSV file with a header into rows of a schema. Columns are found by name in any order; blank lines are passed over. A row that has a
 * character which is not kept (`strangeCharacter`) is a problem; what `toCsv` made harmless is taken as it was.
 * @returns every row that passed, every row that did not with its reason, how many were not looked at, and a warning for each column that is not used
 * @param options.others columns that are used beside those of the schema; their cells come as text
 * @param options.aliases what a column may also be called
 * @param options.most how many rows are looked at, blank lines aside: whoever asks has nothing to do with more
 * @throws AppError "invalid" when it is no table, has no rows, or lacks a required column
 */
export function parseTable<S extends z.ZodObject>(
  bytes: Uint8Array,
  options: {
    schema: S;
    required: readonly (keyof S["shape"] & string)[];
    others?: readonly string[];
    aliases?: Readonly<Record<string, string>>;
    most?: number;
  },
): { rows: TableRow<z.infer<S>>[]; problems: RowProblem[]; unread: number; warnings: Said[] } {
  const [first = [], ...body] = records(bytes);
  const header = first.map((cell) => options.aliases?.[cell.toLowerCase()] ?? cell.toLowerCase());
  const others = options.others ?? [];
  const known = [...Object.keys(options.schema.shape), ...others];
  refuseHeader(header, known, options.required);
  const rows: TableRow<z.infer<S>>[] = [];
  const problems: RowProblem[] = [];
  const most = options.most ?? body.length;
  let looked = 0;
  let unread = 0;
  for (const [index, cells] of body.entries()) {
    const row = index + 2;
    if (cells.every((cell) => cell === "")) continue;
    if (looked === most) {
      unread++;
      continue;
    }
    looked++;
    if (cells.length !== header.length) {
      problems.push({
        row,
        reason: { key: "errors.cells_differ", values: { cells: cells.length, columns: header.length } },
      });
      continue;
    }
    const named = Object.fromEntries(header.map((column, i) => [column, asMeant(cells[i] ?? "")]));
    const strange = known.flatMap((column) => problemOfCell(column, named[column] ?? "") ?? []);
    if (strange.length > 0) {
      problems.push(...strange.map((reason) => ({ row, reason })));
      continue;
    }
    const parsed = options.schema.safeParse(named, { reportInput: true });
    if (parsed.success)
      rows.push({
        row,
        value: parsed.data,
        others: Object.fromEntries(others.map((column) => [column, named[column] ?? ""])),
      });
    else problems.push(...parsed.error.issues.map((issue) => ({ row, reason: saidOf(issue) })));
  }
  if (rows.length + problems.length === 0) throw new AppError("invalid", { key: "errors.no_rows" });
  const warnings = header
    .filter((column) => !known.includes(column))
    .map((column): Said => ({ key: "errors.column_unused", values: { column, known: known.join(", ") } }));
  return { rows, problems, unread, warnings };
}
