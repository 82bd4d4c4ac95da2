import { randomUUID } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { occasionOf } from "@/core/reading/schedule";
import type { Said, WordKey } from "@/core/words";
import { insertInChunks } from "@/db/insert-in-chunks";
import { hold } from "@/db/locks";
import { caseCrop, currentRead, read } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type ReadsRow, readsRow } from "@/server/schemas/import";
import { makeCases } from "@/server/services/reading/make-cases";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { asProblems, parseTable, type RowProblem, type TableRow } from "@/server/tables/parse-table";
import { cropKey, placeOf } from "@/server/tables/places";
import { type Answer, answerOfRow } from "./answer-of-row";
import { refuseWhenLocked } from "./refuse-when-locked";
import { seemsRating } from "./seems-rating";
import { studyRecords } from "./study-records";

export interface ReadsImported {
  /** Rows of the file. */
  rows: number;
  /** Rows whose read was there already. */
  unchanged: number;
  added: number;
  /** Rows whose read took the place of the one that was imported before. */
  corrected: number;
  warnings: Said[];
}

type Content = Answer & { activeMs: number | null; criteria: Record<string, boolean> };

const same = (a: Content, b: Content) =>
  a.call === b.call &&
  a.confidence === b.confidence &&
  a.rating === b.rating &&
  a.notEvaluable === b.notEvaluable &&
  a.activeMs === b.activeMs &&
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

const unknown = (column: string, cell: string, known: readonly string[]): Said => ({
  key: "errors.unknown_in_protocol",
  values: { column, cell, known: known.join(", ") || "none" },
});

/** By image a row names the plane; by node it speaks of all planes. */
function planeProblems({ plane }: ReadsRow, document: Protocol): Said[] {
  const known = document.planes.map(({ key }) => key);
  if (document.reading.case === "node")
    return plane === undefined ? [] : [{ key: "errors.plane_by_node", values: { plane } }];
  if (plane === undefined) return [{ key: "errors.plane_empty", values: { known: known.join(", ") } }];
  return known.includes(plane) ? [] : [unknown("plane", plane, known)];
}

/** Why a row that says something else than the read before it is refused; undefined: it corrects that, or is the first. */
function refusalOf(
  before: { row: number | null; id?: string | undefined } | undefined,
  reason: string | undefined,
): WordKey | undefined {
  if (!before) return reason === undefined ? undefined : "errors.nothing_to_correct";
  if (before.row !== null) return "errors.contradicts_read_row";
  if (before.id === undefined) return "errors.contradicts_read_made_here";
  return reason === undefined ? "errors.contradicts_read_study" : undefined;
}

/** The planes of what a row speaks of, in the order in which they are shown. */
const planesOf = ({ plane }: ReadsRow, document: Protocol): string[] =>
  plane === undefined ? document.planes.map(({ key }) => key) : [plane];

function unknownToProtocol({ row, value }: TableRow<ReadsRow>, document: Protocol): RowProblem[] {
  const criteria = document.form.criteria.map(({ key }) => key);
  const reasons = [
    !document.readers.includes(value.reader) && unknown("reader", value.reader, document.readers),
    conditionKey(value.condition, document) === undefined &&
      unknown(
        "condition",
        value.condition,
        document.conditions.map(({ key }) => key),
      ),
    ...planeProblems(value, document),
    ...answerOfRow(value, document).problems,
    ...(value.criteria ?? [])
      .filter((key) => !criteria.includes(key))
      .map((key) => unknown("criterion", key, criteria)),
  ];
  return reasons.filter((reason) => reason !== false).map((reason) => ({ row, reason }));
}

/** Which time the reader saw the cases in this condition. */
function occasionIn(key: string, { conditions }: Protocol): number {
  const condition = conditions.find((each) => each.key === key);
  return condition ? occasionOf(condition, conditions) : 1;
}

const contentOf = (value: ReadsRow, document: Protocol): Content => ({
  ...answerOfRow(value, document).answer,
  activeMs: value.seconds === undefined ? null : Math.round(value.seconds * 1000),
  criteria: Object.fromEntries(
    value.criteria === undefined
      ? []
      : document.form.criteria.map(({ key }) => [key, value.criteria?.includes(key) ?? false]),
  ),
});

/**
 * Imports reads that were made outside, all rows or none; they are marked as imported wherever they show. The same file again adds nothing; a row that
 * says something else than the read that was imported before corrects it, with its reason.
 * @throws AppError "invalid" with every bad row, its number and the reason; "locked" after the lock. Nothing is kept then
 */
export async function importReads(actor: StudyActor, options: { reads: Uint8Array }): Promise<ReadsImported> {
  return withActor(actor, async (tx) => {
    await refuseWhenLocked(tx, actor);
    await hold(tx, "records of a study", actor.studyId);
    const { document, id: protocolVersionId } = await studyProtocol(tx, actor);
    const table = await parseTable(options.reads, {
      schema: readsRow,
      required: [
        "reader",
        "condition",
        "subject",
        "node",
        ...(document.reading.case === "image" ? ["plane" as const] : []),
        ...(document.form.rating?.positiveFrom === undefined ? ["call" as const] : []),
      ],
    });
    const problems = [...table.problems, ...table.rows.flatMap((row) => unknownToProtocol(row, document))];
    const bad = new Set(problems.map(({ row }) => row));

    const { crops } = await studyRecords(tx, actor);
    const said: { row: number; value: ReadsRow; condition: string; place: Said; shown: string[] }[] = [];
    for (const { row, value } of table.rows) {
      const condition = conditionKey(value.condition, document);
      if (bad.has(row) || !condition) continue;
      const planes = planesOf(value, document);
      const shown = planes.flatMap((plane) => crops.get(cropKey({ ...value, plane }))?.id ?? []);
      const place = placeOf(value);
      if (shown.length === planes.length) said.push({ row, value, condition, place, shown });
      else if (value.plane === undefined)
        problems.push({
          row,
          reason: { key: "errors.image_not_imported_in_every_plane", values: { place, planes: planes.join(", ") } },
        });
      else problems.push({ row, reason: { key: "errors.image_not_imported", values: { place } } });
    }
    const sets = new Map(said.map(({ shown }) => [shown.join(" "), shown]));
    const cases = await makeCases(tx, [...sets.values()]);
    const caseOf = new Map([...sets.keys()].map((key, index) => [key, cases[index]]));

    const existing = await tx
      .select({
        id: currentRead.id,
        caseId: currentRead.caseId,
        cropId: caseCrop.cropId,
        reader: currentRead.readerCode,
        condition: currentRead.conditionKey,
        source: currentRead.source,
        call: currentRead.call,
        confidence: currentRead.confidence,
        rating: currentRead.rating,
        notEvaluable: currentRead.notEvaluable,
        activeMs: currentRead.activeMs,
        criteria: sql<Record<string, boolean>>`${currentRead.criteria}`,
      })
      .from(currentRead)
      .innerJoin(caseCrop, and(eq(caseCrop.caseId, currentRead.caseId), eq(caseCrop.studyId, currentRead.studyId)))
      .where(eq(currentRead.studyId, actor.studyId));
    const keyOf = (id: string, { reader, condition }: { reader: string; condition: string }) =>
      `${reader} ${condition} ${id}`;
    const key = ({ caseId, ...by }: { caseId: string; reader: string; condition: string }) => keyOf(caseId, by);
    /** `id`: of an imported read, which a row may correct. `row`: where it stands in this file; null: in the study. */
    const known = new Map<string, { content: Content; row: number | null; id?: string | undefined }>(
      existing.map((each) => [
        key(each),
        { content: each, row: null, id: each.source === "imported" ? each.id : undefined },
      ]),
    );

    /** The case in which a reader judged an image, by that image. */
    const judgedIn = new Map(existing.map((each) => [keyOf(each.cropId, each), each.caseId]));

    const rows: (typeof read.$inferInsert)[] = [];
    let unchanged = 0;
    for (const { row, value, condition, place, shown } of said) {
      const caseId = caseOf.get(shown.join(" "));
      if (caseId === undefined) throw new AppError("unavailable", { key: "errors.unavailable" });
      const content = contentOf(value, document);
      const here = { caseId, reader: value.reader, condition };
      if (shown.some((cropId) => (judgedIn.get(keyOf(cropId, here)) ?? caseId) !== caseId)) {
        const values = { reader: value.reader, condition, place };
        problems.push({ row, reason: { key: "errors.image_in_other_case", values } });
        continue;
      }
      const before = known.get(key(here));
      if (before && same(before.content, content)) {
        unchanged += 1;
        continue;
      }
      const correctionReason = value.correction_reason;
      const refusal = refusalOf(before, correctionReason);
      if (refusal) {
        const values = { reader: value.reader, condition, place, ...(before?.row && { row: before.row }) };
        problems.push({ row, reason: { key: refusal, values } });
        continue;
      }
      known.set(key(here), { content, row });
      rows.push({
        studyId: actor.studyId,
        caseId,
        readerCode: value.reader,
        conditionKey: condition,
        occasion: occasionIn(condition, document),
        ...content,
        protocolVersionId,
        source: "imported",
        idempotencyKey: randomUUID(),
        supersedes: before?.id,
        correctionReason,
      });
    }
    if (problems.length > 0) {
      throw new AppError(
        "invalid",
        { key: "errors.reads_refused", values: { rows: new Set(problems.map(({ row }) => row)).size } },
        asProblems(problems),
      );
    }
    const warnings = [...table.warnings, ...seemsRating(table.rows.map(({ value }) => value))];
    await insertInChunks(tx, read, rows);
    const corrected = rows.filter(({ supersedes }) => supersedes).length;
    const added = rows.length - corrected;
    await record(tx, "records.imported", {
      entity: "reads",
      entityId: sha256(options.reads),
      detail: { rows: table.rows.length, added, corrected },
    });
    return { rows: table.rows.length, unchanged, added, corrected, warnings };
  });
}
