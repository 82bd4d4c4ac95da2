import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import type { Said } from "@/core/words";
import { hold } from "@/db/locks";
import { read } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type ReadsRow, readsRow } from "@/server/schemas/import";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { insertInChunks } from "./insert-in-chunks";
import { cropKey, placeOf } from "./parse-manifest";
import { asProblems, parseTable, type RowProblem, type TableRow } from "./parse-table";
import { refuseWhenLocked } from "./refuse-when-locked";
import { studyRecords } from "./study-records";

export interface ReadsImported {
  /** Rows of the file. */
  rows: number;
  /** Rows whose read was there already. */
  unchanged: number;
  added: number;
  warnings: Said[];
}

type Content = Pick<typeof read.$inferInsert, "call" | "confidence" | "activeMs"> & {
  criteria: Record<string, boolean>;
};

const same = (a: Content, b: Content) =>
  a.call === b.call &&
  (a.confidence ?? null) === (b.confidence ?? null) &&
  (a.activeMs ?? null) === (b.activeMs ?? null) &&
  presentIn(a) === presentIn(b);
const presentIn = ({ criteria }: Content) =>
  Object.keys(criteria)
    .filter((key) => criteria[key])
    .sort()
    .join(" ");

/** A condition goes by its key or its label, in any case. */
function conditionKey(cell: string, document: Protocol): string | undefined {
  const wanted = cell.toLowerCase();
  return document.conditions.find(({ key, label }) => key === wanted || label.toLowerCase() === wanted)?.key;
}

function unknownToProtocol({ row, value }: TableRow<ReadsRow>, document: Protocol): RowProblem[] {
  const criteria = document.form.criteria.map(({ key }) => key);
  const unknown = (column: string, cell: string, known: readonly string[]): Said => ({
    key: "errors.unknown_in_protocol",
    values: { column, cell, known: known.join(", ") || "none" },
  });
  const reasons = [
    !document.readers.includes(value.reader) && unknown("reader", value.reader, document.readers),
    conditionKey(value.condition, document) === undefined &&
      unknown(
        "condition",
        value.condition,
        document.conditions.map(({ key }) => key),
      ),
    !document.planes.some(({ key }) => key === value.plane) &&
      unknown(
        "plane",
        value.plane,
        document.planes.map(({ key }) => key),
      ),
    ...(value.criteria ?? [])
      .filter((key) => !criteria.includes(key))
      .map((key) => unknown("criterion", key, criteria)),
  ];
  return reasons.filter((reason) => reason !== false).map((reason) => ({ row, reason }));
}

const contentOf = (value: ReadsRow, document: Protocol): Content => ({
  call: value.call,
  confidence: value.confidence ?? null,
  activeMs: value.seconds === undefined ? null : Math.round(value.seconds * 1000),
  criteria: Object.fromEntries(
    value.criteria === undefined
      ? []
      : document.form.criteria.map(({ key }) => [key, value.criteria?.includes(key) ?? false]),
  ),
});

/**
 * Imports reads that were made outside, all rows or none; they are marked as imported wherever they show. The same file again adds nothing.
 * @throws AppError "invalid" with every bad row, its number and the reason; "locked" after the lock. Nothing is kept then
 */
export async function importReads(actor: StudyActor, options: { reads: Uint8Array }): Promise<ReadsImported> {
  return withActor(actor, async (tx) => {
    await refuseWhenLocked(tx, actor);
    await hold(tx, "records of a study", actor.studyId);
    const { document, id: protocolVersionId } = await studyProtocol(tx, actor);
    const table = parseTable(options.reads, {
      schema: readsRow,
      required: ["reader", "condition", "subject", "node", "plane", "call"],
    });
    const problems = [...table.problems, ...table.rows.flatMap((row) => unknownToProtocol(row, document))];
    const bad = new Set(problems.map(({ row }) => row));

    const { crops } = await studyRecords(tx, actor);
    const existing = await tx
      .select({
        cropId: read.cropId,
        reader: read.readerCode,
        condition: read.conditionKey,
        call: read.call,
        confidence: read.confidence,
        activeMs: read.activeMs,
        criteria: sql<Record<string, boolean>>`${read.criteria}`,
      })
      .from(read)
      .where(eq(read.studyId, actor.studyId));
    const key = (of: { cropId: string; reader: string; condition: string }) =>
      `${of.reader} ${of.condition} ${of.cropId}`;
    const known = new Map<string, { content: Content; row: number | null }>(
      existing.map((each) => [key(each), { content: each, row: null }]),
    );

    const rows: (typeof read.$inferInsert)[] = [];
    let unchanged = 0;
    for (const { row, value } of table.rows) {
      const condition = conditionKey(value.condition, document);
      if (bad.has(row) || !condition) continue;
      const place = placeOf(value);
      const crop = crops.get(cropKey(value));
      if (!crop) {
        problems.push({ row, reason: { key: "errors.image_not_imported", values: { place } } });
        continue;
      }
      const content = contentOf(value, document);
      const before = known.get(key({ cropId: crop.id, reader: value.reader, condition }));
      if (before) {
        if (same(before.content, content)) unchanged += 1;
        else
          problems.push({
            row,
            reason: {
              key: before.row === null ? "errors.contradicts_read_study" : "errors.contradicts_read_row",
              values: {
                ...{ reader: value.reader, condition, place },
                ...(before.row !== null && { row: before.row }),
              },
            },
          });
        continue;
      }
      known.set(key({ cropId: crop.id, reader: value.reader, condition }), { content, row });
      rows.push({
        studyId: actor.studyId,
        cropId: crop.id,
        readerCode: value.reader,
        conditionKey: condition,
        ...content,
        protocolVersionId,
        source: "imported",
        idempotencyKey: randomUUID(),
      });
    }
    if (problems.length > 0) {
      throw new AppError(
        "invalid",
        { key: "errors.reads_refused", values: { rows: new Set(problems.map(({ row }) => row)).size } },
        asProblems(problems),
      );
    }
    await insertInChunks(tx, read, rows);
    await record(tx, "records.imported", {
      entity: "reads",
      entityId: sha256(options.reads),
      detail: { rows: table.rows.length, added: rows.length },
    });
    return { rows: table.rows.length, unchanged, added: rows.length, warnings: table.warnings };
  });
}
