import type { Protocol } from "@/core/protocol/protocol";
import type { Said } from "@/core/words";
import { type PracticeRow, practiceRow } from "@/server/schemas/import";
import { parseTable, type RowProblem, type TableRow } from "@/server/tables/parse-table";

/** What the rows of one case have to say alike. */
const facts = ["truth", "sa_mm", "explanation"] as const;

/** Each later row that the protocol does not know, that is there twice, or that says of its case something else than the first. */
function problemsOf(rows: readonly TableRow<PracticeRow>[], { planes, reading }: Protocol): RowProblem[] {
  const known = planes.map(({ key }) => key);
  const first = new Map<string, TableRow<PracticeRow>>();
  const places = new Map<string, number>();
  return rows.flatMap(({ row, value, ...rest }) => {
    const name = value.case;
    const before = first.get(name);
    const place = JSON.stringify([name, value.plane]);
    const same = places.get(place);
    if (!before) first.set(name, { row, value, ...rest });
    if (same === undefined) places.set(place, row);
    const reasons: Said[] = [];
    if (!known.includes(value.plane))
      reasons.push({
        key: "errors.unknown_in_protocol",
        values: { column: "plane", cell: value.plane, known: known.join(", ") },
      });
    if (before && reading.case === "image")
      reasons.push({ key: "errors.practice_case_twice", values: { name, row: before.row } });
    else if (same !== undefined)
      reasons.push({ key: "errors.practice_plane_twice", values: { name, plane: value.plane, row: same } });
    else if (before)
      for (const field of facts)
        if (value[field] !== undefined && value[field] !== before.value[field])
          reasons.push({
            key: "errors.practice_contradicts",
            values: { name, field, here: value[field], before: before.value[field] ?? "", row: before.row },
          });
    return reasons.map((reason) => ({ row, reason }));
  });
}

/**
 * Reads a table of practice cases and checks what it can tell alone: columns, cells, planes of the protocol, and rows of one case that contradict each other.
 * @throws AppError "invalid" when it is no table, has no rows, or lacks a required column
 */
export async function parsePractice(bytes: Uint8Array, document: Protocol) {
  const table = await parseTable(bytes, { schema: practiceRow, required: ["case", "plane", "file", "truth"] });
  return { ...table, problems: [...table.problems, ...problemsOf(table.rows, document)] };
}
