import type { Protocol } from "@/core/protocol/protocol";
import type { Said } from "@/core/words";
import { type ManifestRow, manifestRow } from "@/server/schemas/import";
import { tStagesOf } from "@/server/services/enrolment/baseline-columns";
import { parseTable, type RowProblem, type TableRow } from "./parse-table";

export type ManifestTableRow = TableRow<ManifestRow>;

export const nodeKey = ({ subject, node }: { subject: string; node: string }) => JSON.stringify([subject, node]);
export const cropKey = (row: { subject: string; node: string; plane: string }) =>
  JSON.stringify([row.subject, row.node, row.plane]);
/** An image by its place in the study, or a node with all its planes. */
export const placeOf = (at: { subject: string; node: string; plane?: string | undefined }): Said => {
  const node = { subject: at.subject, node: at.node };
  return at.plane === undefined
    ? { key: "errors.node_place", values: node }
    : { key: "errors.image_place", values: { ...node, plane: at.plane } };
};

/** What a protocol does not know, as problems of the row. An empty list in the protocol means: anything goes. */
function unknownToProtocol({ row, value }: ManifestTableRow, document: Protocol): RowProblem[] {
  const lists = [
    { column: "plane", cell: value.plane, known: document.planes.map((plane) => plane.key) },
    { column: "region", cell: value.region, known: document.regions.map((region) => region.key) },
    { column: "t_stage", cell: value.t_stage, known: tStagesOf(document) },
  ];
  return lists
    .filter(({ cell, known }) => cell !== undefined && known.length > 0 && !known.includes(cell))
    .map(({ column, cell, known }) => ({
      row,
      reason: { key: "errors.unknown_in_protocol", values: { column, cell: cell ?? "", known: known.join(", ") } },
    }));
}

type Field = "truth" | "sa_mm" | "region" | "sex" | "age" | "t_stage";
const written: Record<Field, (value: NonNullable<ManifestRow[Field]>) => string> = {
  truth: (value) => (value ? "1" : "0"),
  sa_mm: (value) => `${value} mm`,
  region: String,
  sex: String,
  age: String,
  t_stage: String,
};

/** Rows that say different things of one node, or of one subject. Each later row is named with the first that it contradicts. */
function contradictions(rows: readonly ManifestTableRow[]): RowProblem[] {
  const said = new Map<string, { row: number; value: NonNullable<ManifestRow[Field]> }>();
  const check = (field: Field, { row, value }: ManifestTableRow, node?: string): RowProblem[] => {
    const cell = value[field];
    if (cell === undefined) return [];
    const key = JSON.stringify([field, value.subject, node]);
    const before = said.get(key);
    if (!before) said.set(key, { row, value: cell });
    if (!before || before.value === cell) return [];
    const write = written[field];
    return [
      {
        row,
        reason: {
          key: node === undefined ? "errors.contradicts_subject" : "errors.contradicts_node",
          values: {
            ...{ field, here: write(cell), before: write(before.value), row: before.row, subject: value.subject },
            ...(node !== undefined && { node }),
          },
        },
      },
    ];
  };
  return rows.flatMap((row) => [
    ...(["truth", "sa_mm", "region"] as const).flatMap((field) => check(field, row, row.value.node)),
    ...(["sex", "age", "t_stage"] as const).flatMap((field) => check(field, row)),
  ]);
}

/**
 * Reads a crop manifest and checks everything that the table itself can tell: columns, cells, the protocol's lists, contradictions.
 * @returns all rows that can be read, every problem found, and warnings; the images are not looked at
 * @throws AppError "invalid" when it is no table, has no rows, or lacks a required column
 */
export function parseManifest(bytes: Uint8Array, document: Protocol) {
  const table = parseTable(bytes, { schema: manifestRow, required: ["subject", "node", "plane", "file"] });
  const problems = [
    ...table.problems,
    ...table.rows.flatMap((row) => unknownToProtocol(row, document)),
    ...contradictions(table.rows),
  ];
  return { ...table, problems };
}
