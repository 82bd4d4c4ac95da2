import { pipeline } from "node:stream/promises";
import { setImmediate as othersTurn } from "node:timers/promises";
import { CsvError, parse } from "csv-parse";
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

/** So many rows, and wordings, of one kind of problem are named; what goes beyond is counted. */
const rowsNamed = 5;

/** What kind of problem it is, whatever the cells of the row say. */
function kindOf({ key, values = {} }: Said): string {
  const { column = "", field = "" } = values;
  const inner = Object.values(values).map((value) => (typeof value === "object" ? kindOf(value) : ""));
  return [key, column, field, ...inner].join(" ");
}

function grouped<K>(problems: readonly RowProblem[], key: (reason: Said) => K): RowProblem[][] {
  const groups = new Map<K, RowProblem[]>();
  for (const problem of problems) {
    const group = groups.get(key(problem.reason));
    if (group) group.push(problem);
    else groups.set(key(problem.reason), [problem]);
  }
  return [...groups.values()];
}

/** One line of problems: their first rows, how many more there are, and what is wrong in the first. */
function atRows(problems: readonly RowProblem[], key: "errors.rows" | "errors.rows_unlike"): Said[] {
  const [first, second] = problems;
  if (!first || !second) return problems.map(({ row, reason }) => atRow(row, reason));
  const rows = problems.slice(0, rowsNamed).map(({ row }) => row);
  return [{ key, values: { rows: rows.join(", "), more: problems.length - rows.length, reason: first.reason } }];
}

/** The problems of one kind: each with its row where they are few, a line for each wording where these are, or one line. */
function linesOf(problems: readonly RowProblem[]): Said[] {
  if (problems.length <= rowsNamed) return problems.map(({ row, reason }) => atRow(row, reason));
  const wordings = grouped(problems, (reason) => JSON.stringify(reason));
  return wordings.length <= rowsNamed
    ? wordings.flatMap((alike) => atRows(alike, "errors.rows"))
    : atRows(problems, "errors.rows_unlike");
}

/** Problems with their rows, in the order of the file: more than a few of one kind are one line. */
export const asProblems = (problems: readonly RowProblem[]): Said[] =>
  grouped(
    problems.toSorted((a, b) => a.row - b.row),
    kindOf,
  ).flatMap(linesOf);

/** Of a table, at a time: some milliseconds of parsing. */
const sliceBytes = 2_048;
/** Characters of a row, and bytes of a line: more than a record holds (`bounded`). One without end would be one slice. */
const longestRow = 65_536;
/** Columns of a header: more than a protocol of the longest length has items. */
const mostColumns = 1_000;
/** Blank lines between rows: each is parsed as a row is. What a spreadsheet leaves at the end of a file is passed over, however long. */
const mostBlank = 1_000;

const newLine = "\n".charCodeAt(0);
const carriageReturn = "\r".charCodeAt(0);

const notATable = (reason: Said) => new AppError("invalid", { key: "errors.not_a_table", values: { reason } });

/** The bytes in slices that end with a line, between which others are answered. @throws AppError "invalid" for a line without end */
async function* slices(bytes: Buffer) {
  // Excel for Macintosh still ends lines as machines of that name once did.
  const lineEnd = bytes.includes(newLine) ? newLine : carriageReturn;
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(lineEnd, from + sliceBytes) + 1 || bytes.length;
    if (end - from > sliceBytes + longestRow)
      throw notATable({ key: "errors.row_long", values: { limit: longestRow } });
    yield bytes.subarray(from, end);
    from = end;
    await othersTurn();
  }
}

const isBlank = (cells: readonly string[]) => cells.every((cell) => cell === "");
/** As `isBlank`, of a line that is not parsed any more. */
const isBlankLine = (line: string) => !/[^\s,;"]/.test(line);

/** The bytes of the table alone: without a mark, and without the line that names the delimiter. Not copied: they may be many. */
async function tableOf(bytes: Uint8Array): Promise<{ all: Buffer; delimiter: string }> {
  const text = decode(bytes);
  await othersTurn();
  const { table, delimiter } = separated(text);
  const length = Buffer.byteLength(table);
  return { all: Buffer.from(bytes.buffer, bytes.byteOffset + bytes.byteLength - length, length), delimiter };
}

/** What is done with each row, the header included. @returns whether it wants more */
type Take = (row: number, cells: readonly string[]) => boolean;

/**
 * Parses a table row by row, as far as is wanted: for tables whose columns are not known beforehand.
 * @returns how many rows follow that were not wanted, blank ones aside; of those that were not parsed at all each line counts
 * @throws AppError "invalid" when it is no table
 */
export async function takeRows(bytes: Uint8Array, take: Take): Promise<number> {
  const { all, delimiter } = await tableOf(bytes);
  await othersTurn();
  let more = true;
  let unread = 0;
  async function* wanted() {
    for await (const slice of slices(all))
      if (more) yield slice;
      else
        unread += slice
          .toString()
          .split(/[\n\r]/)
          .filter((line) => !isBlankLine(line)).length;
  }
  async function takeAll(rows: AsyncIterable<string[]>) {
    let row = 0;
    for await (const cells of rows) {
      row += 1;
      if (more) more = take(row, cells);
      else if (!isBlank(cells)) unread += 1;
    }
  }
  try {
    const parser = parse({ trim: true, relax_column_count: true, delimiter, max_record_size: longestRow });
    await pipeline(wanted(), parser, takeAll);
    return unread;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof CsvError ? asWritten(error.message) : ({ key: "errors.reason_unknown" } as const);
    throw notATable(reason);
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

interface TableOptions<S extends z.ZodObject> {
  schema: S;
  /** Columns without which it is no such table. */
  required: readonly (keyof S["shape"] & string)[];
  /** Columns that are used beside those of the schema; their cells come as text. */
  others?: readonly string[];
  /** What a column may also be called. */
  aliases?: Readonly<Record<string, string>>;
  /** How many rows are looked at, blank lines aside: whoever asks has nothing to do with more. */
  most?: number;
}

/** What a table has beside its good rows. */
interface TableRead {
  /** Names of the columns, in the order of the file. */
  columns: string[];
  problems: RowProblem[];
  /** Rows that were not looked at. */
  unread: number;
  /** A warning for each column that is not used. */
  warnings: Said[];
}

/**
 * Reads a CSV file with a header row by row, and keeps none. Columns are found by name in any order; blank lines are passed over, more than a thousand
 * of them only at the end. A row that has a character which is not kept (`strangeCharacter`) is a problem; what `toCsv` made harmless is taken as
 * it was.
 * @param take is given every row that passed, in order
 * @throws AppError "invalid" when it is no table, has no rows, or lacks a required column
 */
export async function eachRow<S extends z.ZodObject>(
  bytes: Uint8Array,
  options: TableOptions<S>,
  take: (row: TableRow<z.infer<S>>) => void,
): Promise<TableRead> {
  const others = options.others ?? [];
  const known = [...Object.keys(options.schema.shape), ...others];
  const problems: RowProblem[] = [];
  let header: string[] = [];
  let looked = 0;
  let blank = 0;
  function lookAt(row: number, cells: readonly string[]): void {
    if (cells.length !== header.length) {
      problems.push({
        row,
        reason: { key: "errors.cells_differ", values: { cells: cells.length, columns: header.length } },
      });
      return;
    }
    const named = Object.fromEntries(header.map((column, i) => [column, asMeant(cells[i] ?? "")]));
    const strange = known.flatMap((column) => problemOfCell(column, named[column] ?? "") ?? []);
    if (strange.length > 0) {
      problems.push(...strange.map((reason) => ({ row, reason })));
      return;
    }
    const parsed = options.schema.safeParse(named, { reportInput: true });
    if (parsed.success)
      take({
        row,
        value: parsed.data,
        others: Object.fromEntries(others.map((column) => [column, named[column] ?? ""])),
      });
    else problems.push(...parsed.error.issues.map((issue) => ({ row, reason: saidOf(issue) })));
  }
  const unread = await takeRows(bytes, (row, cells) => {
    if (row === 1) {
      if (cells.length > mostColumns) throw notATable({ key: "errors.columns_many", values: { limit: mostColumns } });
      header = cells.map((cell) => options.aliases?.[cell.toLowerCase()] ?? cell.toLowerCase());
      refuseHeader(header, known, options.required);
    } else if (isBlank(cells)) blank += 1;
    else {
      lookAt(row, cells);
      looked += 1;
    }
    return looked !== options.most && blank !== mostBlank;
  });
  if (blank === mostBlank && unread > 0)
    throw new AppError("invalid", { key: "errors.blank_lines", values: { limit: mostBlank } });
  // A file without a line has no header either.
  if (header.length === 0) refuseHeader(header, known, options.required);
  if (looked === 0) throw new AppError("invalid", { key: "errors.no_rows" });
  const warnings = header
    .filter((column) => !known.includes(column))
    .map((column): Said => ({ key: "errors.column_unused", values: { column, known: known.join(", ") } }));
  return { columns: header, problems, unread, warnings };
}

/** Reads a whole table at once, as `eachRow`. @returns every row that passed beside what else was read */
export async function parseTable<S extends z.ZodObject>(
  bytes: Uint8Array,
  options: TableOptions<S>,
): Promise<TableRead & { rows: TableRow<z.infer<S>>[] }> {
  const rows: TableRow<z.infer<S>>[] = [];
  const read = await eachRow(bytes, options, (row) => rows.push(row));
  return { ...read, rows };
}
