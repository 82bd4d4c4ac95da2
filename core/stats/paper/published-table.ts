import type { Said, WordKey, WordValues } from "../../words";
import { StatsError } from "../errors";
import { type Measure, meaningOf } from "./headings";
import { type Figures, figureNames, fraction, mostDecimals, mostImages, type Printed, percent } from "./printed";

/** Numbers of images that a paper declares; null where it does not. */
export interface Declared {
  positives: number | null;
  negatives: number | null;
  images: number | null;
}

/** A row of a published table: one reader under one condition, or one method. */
export interface PublishedRow {
  name: string;
  /** The last of several labels: kappa compares two rows that have it in common. */
  condition: string | null;
  figures: Figures;
  /** Not bound to the other figures as the AUC of the read is. */
  scoreAuc: Printed | undefined;
  kappa: Printed | undefined;
  intervals: Readonly<Partial<Record<Measure, { lower: Printed; upper: Printed }>>>;
  declared: Declared;
}

export interface PublishedTable {
  rows: PublishedRow[];
  /** Each with its row, its column, the value and what to do; where there is one there are no rows. */
  problems: Said[];
  /** What was left out. */
  warnings: Said[];
}

/** A published table has some dozen rows; the audit of each costs up to 30 ms. */
export const mostRows = 100;
export const mostColumns = 60;

/**
 * Reads a published table of accuracy: its rows are readers under conditions, or methods; its columns any of the figures with their intervals, and
 * the declared numbers of images. A table whose figures stand in the first column is turned.
 *
 * A figure is in per cent where its cell or its heading says %, or where a number of its column exceeds 1. A number of such a column that does not
 * exceed 1 could be either and is refused.
 * @param cells the headings first; rows may be of different lengths
 * @param options.declared for rows that have no numbers of their own
 */
export function readPublishedTable(
  cells: readonly (readonly string[])[],
  { declared }: { declared: Declared },
): PublishedTable {
  const written = cells.map((row) => row.map((cell) => cell.trim())).filter((row) => row.some((cell) => cell !== ""));
  const [header = [], ...body] = hasFigure(written[0] ?? []) ? written : turned(written);
  const problem = problemOfShape(header, body);
  if (problem) return { rows: [], problems: [problem], warnings: [] };

  const { columns, labels, unknown, problems } = layoutOf(header);
  const nameOf = (line: readonly string[]) => labels.flatMap((label) => line[label] || []).join(" ");
  const names = body.map((line, at) => nameOf(line) || String(at + 1));
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  problems.push(...[...new Set(twice)].map((row): Said => ({ key: "paper.row_twice", values: { row } })));
  const warnings: Said[] = unknown.map((column) => ({ key: "paper.column_unknown", values: { column } }));

  const read = columns.map((column) => ({ column, cells: readColumn(column, body, names) }));
  const rows: PublishedRow[] = [];
  for (const [at, line] of body.entries()) {
    const row = names[at] ?? "";
    const width = header.length;
    if (line.slice(width).some((cell) => cell !== ""))
      problems.push({ key: "paper.cells_beyond", values: { row, columns: width } });
    const estimates: Partial<Record<Measure, Printed>> = {};
    const limits: Partial<Record<Measure, { lower?: Printed | undefined; upper?: Printed | undefined }>> = {};
    const own: Declared = { positives: null, negatives: null, images: null };
    for (const { column, cells: ofColumn } of read) {
      const cell = ofColumn[at];
      if (!cell) continue;
      if ("problem" in cell) {
        problems.push(cell.problem);
        continue;
      }
      if (column.holds === "number") own[column.of] = cell.count ?? null;
      else {
        if (cell.estimate) estimates[column.measure] = cell.estimate;
        limits[column.measure] = { ...limits[column.measure], ...cell.limits };
      }
    }
    const numbers = completed(own, declared);
    if ("key" in numbers) problems.push({ key: numbers.key, values: { row, ...numbers.values } });
    else if (Object.keys(estimates).length === 0) warnings.push({ key: "paper.row_empty", values: { row } });
    else rows.push({ ...asRow(estimates, limits), name: row, condition: conditionOf(line, labels), declared: numbers });
  }
  if (problems.length === 0 && rows.length === 0) problems.push({ key: "paper.no_rows" });
  return { rows: problems.length > 0 ? [] : rows, problems, warnings };
}

const hasFigure = (row: readonly string[]) => row.some((cell) => meaningOf(cell)?.is === "figure");

/** Rows as columns. */
function turned(rows: readonly (readonly string[])[]): string[][] {
  const width = Math.max(0, ...rows.slice(0, mostColumns + 1).map((row) => row.length));
  return Array.from({ length: Math.min(width, mostRows + 2) }, (_, at) => rows.map((row) => row[at] ?? ""));
}

function problemOfShape(header: readonly string[], { length }: readonly string[][]): Said | null {
  if (!hasFigure(header)) return { key: "paper.no_figure" };
  if (header.length > mostColumns)
    return { key: "paper.too_many_columns", values: { count: header.length, most: mostColumns } };
  if (length > mostRows) return { key: "paper.too_many_rows", values: { count: length, most: mostRows } };
  return length === 0 ? { key: "paper.no_rows" } : null;
}

function conditionOf(line: readonly string[], labels: readonly number[]): string | null {
  const last = labels.length > 1 ? line[labels.at(-1) ?? 0] : null;
  return last || null;
}

function asRow(
  estimates: Partial<Record<Measure, Printed>>,
  limits: Partial<Record<Measure, { lower?: Printed | undefined; upper?: Printed | undefined }>>,
) {
  const { scoreAuc, kappa } = estimates;
  const figures: Figures = Object.fromEntries(
    figureNames.flatMap((name) => (estimates[name] ? [[name, estimates[name]]] : [])),
  );
  const intervals = Object.fromEntries(
    Object.entries(limits).flatMap(([measure, { lower, upper }]) =>
      lower && upper ? [[measure, { lower, upper }]] : [],
    ),
  );
  return { figures, scoreAuc, kappa, intervals };
}

interface Place {
  at: number;
  header: string;
}
interface FigureColumn extends Place {
  holds: "figure";
  measure: Measure;
  part: "estimate" | "lower" | "upper" | "both";
  inPercent: boolean;
}
interface NumberColumn extends Place {
  holds: "number";
  of: keyof Declared;
}
type Column = FigureColumn | NumberColumn;

/** What each column holds. The first is a label when nothing else is understood of it. */
function layoutOf(headings: readonly string[]) {
  const columns: Column[] = [];
  const labels: number[] = [];
  const unknown: string[] = [];
  const taken = new Map<string, string>();
  const problems: Said[] = [];
  const hasBoth = headings.includes("P") && headings.includes("N");
  let last: FigureColumn | null = null;
  for (const [at, header] of headings.entries()) {
    const heading = meaningOf(header);
    if (heading?.is === "label" || (!heading && at === 0)) labels.push(at);
    else if (!heading) unknown.push(...(header ? [header] : []));
    else if (heading.is === "number") {
      // But side by side, "P" is a P value and "N" the number of all images.
      const letter = heading.isLetter ? header : null;
      if (letter && heading.of === "positives" && !hasBoth) unknown.push(header);
      else columns.push({ holds: "number", at, header, of: letter === "N" && hasBoth ? "negatives" : heading.of });
    } else if (heading.is === "interval") {
      if (last) columns.push({ ...last, at, header, part: heading.part });
      else unknown.push(header);
    } else {
      const { measure, inPercent } = heading;
      // "Sensitivity", and then "Sensitivity (95% CI)" of its own.
      const isInterval = heading.hasInterval && heading.part === "estimate" && taken.has(`${measure} estimate`);
      const column: FigureColumn = {
        holds: "figure",
        at,
        header,
        measure,
        inPercent,
        part: isInterval ? "both" : heading.part,
      };
      columns.push(column);
      if (column.part === "estimate") last = column;
    }
    const column = columns.at(-1);
    if (column?.at !== at) continue;
    const key = column.holds === "number" ? column.of : `${column.measure} ${column.part}`;
    const first = taken.get(key);
    if (first !== undefined) problems.push({ key: "paper.column_twice", values: { column: header, first } });
    else taken.set(key, header);
  }
  return { columns, labels, unknown, problems };
}

interface Cell {
  count?: number;
  estimate?: Printed | undefined;
  limits?: { lower?: Printed | undefined; upper?: Printed | undefined };
}

/** The cells of a column, a row each; null where nothing was printed. */
function readColumn(
  column: Column,
  body: readonly (readonly string[])[],
  names: readonly string[],
): (Cell | { problem: Said } | null)[] {
  const texts = body.map((line) => line[column.at] ?? "");
  const at = (row: number) => (key: WordKey, values?: WordValues) => ({
    problem: { key, values: { row: names[row] ?? "", column: column.header, cell: texts[row] ?? "", ...values } },
  });
  if (column.holds === "number") return texts.map((text, row) => readCount(text, column, at(row)));
  const parts = texts.map(partsOf);
  const inPercent = column.inPercent || parts.some((numbers) => numbers?.some(exceedsOne));
  return parts.map((numbers, row) => {
    if (!numbers) return at(row)("paper.cell_unreadable");
    return numbers.length === 0 ? null : readFigure(numbers, { ...column, inPercent }, at(row));
  });
}

type Refuse = (key: WordKey, values?: WordValues) => { problem: Said };

function readCount(text: string, { of }: NumberColumn, refuse: Refuse): Cell | { problem: Said } | null {
  if (isMissing(text)) return null;
  const most = of === "images" ? 2 * mostImages : mostImages;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= most ? { count } : refuse("paper.cell_count", { most });
}

function readFigure(numbers: readonly string[], column: FigureColumn, refuse: Refuse): Cell | { problem: Said } {
  const { measure, part, inPercent } = column;
  const [first = ""] = numbers;
  if (part === "estimate" && inPercent && !first.endsWith("%") && couldBeFraction(first))
    return refuse("paper.cell_either", { number: first });
  if (numbers.some((text) => decimalsOf(text) > mostDecimals - (inPercent || text.endsWith("%") ? 2 : 0)))
    return refuse("paper.cell_too_fine", { most: mostDecimals, mostPercent: mostDecimals - 2 });
  const printed = numbers.flatMap((text) => asPrinted(text, inPercent) ?? []);
  const least = measure === "kappa" ? -1 : 0;
  if (printed.length < numbers.length || printed.some(({ value }) => value < least || value > 1))
    return refuse("paper.cell_range", { measure });
  const [a, b, c] = printed;
  const [lower, upper] = printed.slice(-2);
  if (printed.length > 1 && lower && upper && lower.value > upper.value) return refuse("paper.cell_unreadable");
  if (part === "estimate" && printed.length !== 2) return { estimate: a, limits: c ? { lower: b, upper: c } : {} };
  if (part === "both" && printed.length === 2) return { limits: { lower: a, upper: b } };
  if ((part === "lower" || part === "upper") && printed.length === 1) return { limits: { [part]: a } };
  return refuse("paper.cell_unreadable");
}

const isMissing = (text: string) => /^([-‐–—−/.]*|n\.?a\.?|n\/a|n\.?r\.?|n\/r|nd|nan|none|未报告|无)$/i.test(text);

const number = "[-−]?(?:\\d+(?:[.·]\\d+)?|[.·]\\d+)(?:\\s*%)?";
const between = "\\s*(?:-|‐|–|—|−|~|to|至|到|,|;|、)\\s*";
const level = "(?:9\\d(?:\\.\\d)?\\s*%?\\s*-?\\s*(?:CI|confidence interval|置信区间)\\s*[:,;=]?\\s*)?";
const interval = `[([]?\\s*${level}(${number})${between}(${number})\\s*[)\\]]?`;
const estimateCell = new RegExp(`^(${number})(?:(?:\\s+|(?=[([]))${interval})?$`, "i");
const intervalCell = new RegExp(`^${interval}$`, "i");
/** 62,7: no two numbers, and not to be guessed at. */
const decimalComma = /(^|[^.·\d])\d+,\d/;
const longestCell = 200;

/** The numbers of a cell as they stand there: an estimate, with its limits or without, or limits alone; none of an empty cell, null of no such cell. */
function partsOf(cell: string): string[] | null {
  const text = cell.normalize("NFKC").trim();
  if (isMissing(text)) return [];
  if (text.length > longestCell || decimalComma.test(text)) return null;
  const found = estimateCell.exec(text) ?? intervalCell.exec(text);
  return found ? found.slice(1).filter((each) => each !== undefined) : null;
}

const sizeOf = (text: string) => Math.abs(Number(text.replace("−", "-").replace("·", ".").replace(/\s*%$/, "")));
const decimalsOf = (text: string) => (text.replace(/\s*%$/, "").split(/[.·]/)[1] ?? "").length;
const exceedsOne = (text: string) => !text.endsWith("%") && sizeOf(text) > 1;
const couldBeFraction = (text: string) => sizeOf(text) > 0 && sizeOf(text) <= 1;

function asPrinted(text: string, inPercent: boolean): Printed | null {
  try {
    return inPercent || text.endsWith("%") ? percent(text) : fraction(text);
  } catch (error) {
    if (error instanceof StatsError) return null;
    throw error;
  }
}

/** The numbers of a row, or those of the table where it has none; the third from the two others. */
function completed(own: Declared, ofTable: Declared): Declared | { key: WordKey; values: WordValues } {
  const { positives, negatives, images } = Object.values(own).some((each) => each !== null) ? own : ofTable;
  const rest = (known: number | null) => (images !== null && known !== null ? images - known : null);
  const [p, n] = [positives ?? rest(negatives), negatives ?? rest(positives)];
  if (images === null && p === null && n === null) return { positives, negatives, images };
  const values = { positives: p ?? "?", negatives: n ?? "?", images: images ?? "?" };
  const most = mostImages;
  if ([p, n].some((each) => each !== null && !(each >= 1 && each <= most)) || (images ?? 2) < 2)
    return { key: "paper.numbers_range", values: { ...values, most } };
  if (p === null || n === null) return { positives: p, negatives: n, images };
  if (images !== null && p + n !== images) return { key: "paper.numbers_differ", values };
  return { positives: p, negatives: n, images: p + n };
}
