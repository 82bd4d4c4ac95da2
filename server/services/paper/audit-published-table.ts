import { setImmediate as othersTurn } from "node:timers/promises";
import { auditRow, type RowAudit } from "@/core/stats/paper/audit-row";
import { auditSet, type SetAudit, setsOf, stepsOfSets } from "@/core/stats/paper/audit-set";
import { type Declared, mostColumns, mostRows, readPublishedTable } from "@/core/stats/paper/published-table";
import { problemOfCell } from "@/core/text/characters";
import { asMeant } from "@/core/text/spreadsheet";
import type { Said } from "@/core/words";
import { AppError } from "@/server/errors";
import type { TableAudit } from "@/server/schemas/paper";
import { takeRows } from "@/server/tables/parse-table";

/** Of a file; a pasted text is bounded by its schema. */
const mostBytes = 400_000;
/** Rows and columns may stand the other way round. */
const mostLines = Math.max(mostRows, mostColumns) + 1;

/**
 * Audits a published table of accuracy, as a file or a pasted text; between its rows others are answered.
 * @param options.declared numbers of images of the rows that name none themselves
 * @throws AppError "invalid" when it is no such table, or too large, with every cell that is not understood
 */
export async function auditPublishedTable(
  bytes: Uint8Array,
  { declared }: { declared: Declared },
): Promise<TableAudit> {
  if (bytes.byteLength > mostBytes)
    refuse([{ key: "paper.too_long", values: { count: bytes.byteLength, most: mostBytes } }]);
  const cells: string[][] = [];
  const strange: Said[] = [];
  const unread = await takeRows(bytes, (row, written) => {
    const meant = written.map(asMeant);
    for (const [at, cell] of meant.entries()) {
      const problem = problemOfCell(`${at + 1}`, cell);
      if (problem) strange.push({ key: "errors.row", values: { row, reason: problem } });
    }
    if (meant.some((cell) => cell !== "")) cells.push(meant);
    return cells.length < mostLines;
  });
  if (strange.length > 0) refuse(strange);
  if (unread > 0)
    refuse([{ key: "paper.too_many_rows", values: { count: cells.length + unread - 1, most: mostRows } }]);
  const { rows: read, problems, warnings } = readPublishedTable(cells, { declared });
  if (problems.length > 0) refuse(problems);

  const rows: RowAudit[] = [];
  for (const row of read) {
    rows.push(auditRow(row));
    await othersTurn();
  }
  const steps = { left: stepsOfSets };
  const sets: SetAudit[] = [];
  for (const set of setsOf(read)) {
    sets.push(auditSet(set, steps));
    await othersTurn();
  }
  const asksOfAuc = rows.some(({ contradictions }) => contradictions.some(({ key }) => key === "paper.auc_mean"));
  const notes: Said[] = [
    ...warnings,
    ...(asksOfAuc ? [{ key: "paper.auc_note" } as const] : []),
    ...(rows.length > 1 ? [{ key: "paper.note_sets" } as const] : []),
  ];
  return { rows, sets, notes };
}

function refuse(problems: readonly Said[]): never {
  throw new AppError("invalid", { key: "paper.refused" }, problems);
}
