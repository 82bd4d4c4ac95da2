import type { Protocol } from "@/core/protocol/protocol";
import { type BaselineItem, checkValue, type ItemValue, problemsOfOrder } from "@/core/protocol/values";
import { declaredRow, type ManifestRow, manifestRow } from "@/server/schemas/import";
import { parseTable, type RowProblem, type TableRow } from "@/server/tables/parse-table";

export interface ManifestTableRow {
  row: number;
  value: ManifestRow;
  /** Of the subject, by item. */
  items: Readonly<Record<string, ItemValue>>;
}

/** What the column of an item was called before protocols said their items. */
const aliases = { age: "age_years" };

/** What a protocol does not know, as problems of the row. An empty list in the protocol means: anything goes. */
function unknownToProtocol({ row, value }: TableRow<ManifestRow>, document: Protocol): RowProblem[] {
  const lists = [
    { column: "plane", cell: value.plane, known: document.planes.map((plane) => plane.key) },
    { column: "region", cell: value.region, known: document.regions.map((region) => region.key) },
  ];
  return lists
    .filter(({ cell, known }) => cell !== undefined && known.length > 0 && !known.includes(cell))
    .map(({ column, cell, known }) => ({
      row,
      reason: { key: "errors.unknown_in_protocol", values: { column, cell: cell ?? "", known: known.join(", ") } },
    }));
}

/** A choice goes by the key or the label of an option in any case, or by letters that only one begins with: F is female. */
function optionOf(item: BaselineItem, cell: string): string {
  if (item.type !== "choice") return cell;
  const wanted = cell.toLowerCase();
  const named = item.options.find(({ key, label }) => [key, label].some((name) => name.toLowerCase() === wanted));
  const begun = item.options.filter(({ key }) => key.toLowerCase().startsWith(wanted));
  return named?.key ?? (begun.length === 1 ? begun[0]?.key : undefined) ?? cell;
}

function withItems(
  { row, value, others }: TableRow<ManifestRow>,
  baseline: Protocol["baseline"],
  day: string,
): { row: ManifestTableRow; problems: RowProblem[] } {
  const items: Record<string, ItemValue> = {};
  const problems: RowProblem[] = [];
  for (const item of baseline.items) {
    const cell = others[item.key] ?? "";
    if (cell === "") continue;
    const checked = checkValue(item, optionOf(item, cell), day);
    if (checked.problem === null) items[item.key] = checked.value;
    else
      problems.push({ row, reason: { key: "errors.of_cell", values: { column: item.key, problem: checked.problem } } });
  }
  for (const { name, problem } of problemsOfOrder(baseline, items))
    problems.push({ row, reason: { key: "errors.of_cell", values: { column: name, problem } } });
  return { row: { row, value, items }, problems };
}

type Field = "truth" | "sa_mm" | "region";
const written: Record<Field, (value: NonNullable<ManifestRow[Field]>) => string> = {
  truth: (value) => (value ? "1" : "0"),
  sa_mm: (value) => `${value} mm`,
  region: String,
};

/** Rows that say different things of one node, or of one subject. Each later row is named with the first that it contradicts. */
function contradictions(rows: readonly ManifestTableRow[]): RowProblem[] {
  const said = new Map<string, { row: number; cell: string }>();
  const check = (field: string, { row, value }: ManifestTableRow, cell: string, node?: string): RowProblem[] => {
    const key = JSON.stringify([field, value.subject, node]);
    const before = said.get(key);
    if (!before) said.set(key, { row, cell });
    if (!before || before.cell === cell) return [];
    return [
      {
        row,
        reason: {
          key: node === undefined ? "errors.contradicts_subject" : "errors.contradicts_node",
          values: {
            ...{ field, here: cell, before: before.cell, row: before.row, subject: value.subject },
            ...(node !== undefined && { node }),
          },
        },
      },
    ];
  };
  return rows.flatMap((row) => [
    ...(["truth", "sa_mm", "region"] as const).flatMap((field) => {
      const cell = row.value[field];
      return cell === undefined ? [] : check(field, row, written[field](cell), row.value.node);
    }),
    ...Object.entries(row.items).flatMap(([key, cell]) => check(key, row, String(cell))),
  ]);
}

/**
 * Reads a crop manifest and checks everything that the table itself can tell: columns, cells, the protocol's items and lists, contradictions.
 * @param day today, yyyy-mm-dd: nothing recorded is later
 * @param pictures whether each row names a file; otherwise there is no column of files
 * @returns all rows that can be read, every problem found, and warnings; the images are not looked at
 * @throws AppError "invalid" when it is no table, has no rows, or lacks a required column
 */
export async function parseManifest(
  bytes: Uint8Array,
  { document, day, pictures }: { document: Protocol; day: string; pictures: boolean },
) {
  const { items } = document.baseline;
  const names = items.map(({ key }) => key);
  const columns = {
    others: names.filter((key) => !Object.hasOwn(manifestRow.shape, key)),
    aliases: names.includes("age") ? {} : aliases,
  };
  const named = ["subject", "node", "plane"] as const;
  const table: Awaited<ReturnType<typeof parseTable<typeof declaredRow>>> = pictures
    ? await parseTable(bytes, { ...columns, schema: manifestRow, required: [...named, "file"] })
    : await parseTable(bytes, { ...columns, schema: declaredRow, required: named });
  const read = table.rows.map((row) => withItems(row, document.baseline, day));
  const rows = read.map(({ row }) => row);
  const problems = [
    ...table.problems,
    ...table.rows.flatMap((row) => unknownToProtocol(row, document)),
    ...read.flatMap((each) => each.problems),
    ...contradictions(rows),
  ];
  return { rows, problems, warnings: table.warnings };
}
