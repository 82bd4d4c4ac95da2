import { randomUUID } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { occasionOf } from "@/core/reading/schedule";
import type { Said, WordKey } from "@/core/words";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { hold } from "@/db/locks";
import {
  caseCrop,
  currentRead,
  membership,
  read,
  readingClosure,
  readingList,
  readingProgress,
  readingSlot,
  type readSource,
} from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type ReadsRow, readsRow } from "@/server/schemas/import";
import { makeCases } from "@/server/services/reading/make-cases";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { asProblems, eachRow, type RowProblem } from "@/server/tables/parse-table";
import { cropKey, placeOf } from "@/server/tables/places";
import { type Answer, answerOfRow } from "./answer-of-row";
import { cropsByPlace } from "./crops-by-place";
import { refuseWhenLocked } from "./refuse-when-locked";
import { seemsRating } from "./seems-rating";

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

/** The conditions of this name, key or label, in any case, and of this modality; a cell that is left out fits each. */
function conditionsNamed({ condition, modality }: ReadsRow, { conditions }: Protocol) {
  const fits = (cell: string | undefined, names: readonly (string | undefined)[]) =>
    cell === undefined || names.some((name) => name?.toLowerCase() === cell.toLowerCase());
  return conditions.filter((each) => fits(condition, [each.key, each.label]) && fits(modality, [each.modality]));
}

/** What a row names that is no condition, or not one alone. */
function conditionProblems(value: ReadsRow, document: Protocol): Said[] {
  const { condition, modality } = value;
  const found = conditionsNamed(value, document);
  if (found.length === 1) return [];
  const keys = document.conditions.map(({ key }) => key);
  const modalities = [...new Set(document.conditions.flatMap((each) => each.modality ?? []))];
  if (modality !== undefined && conditionsNamed({ ...value, condition: undefined }, document).length === 0)
    return [unknown("modality", modality, modalities)];
  if (condition !== undefined && found.length === 0 && modality !== undefined)
    return [{ key: "errors.condition_of_other_modality", values: { condition, modality, known: keys.join(", ") } }];
  if (condition !== undefined && found.length === 0) return [unknown("condition", condition, keys)];
  return [{ key: "errors.condition_open", values: { known: found.map(({ key }) => key).join(", ") } }];
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
  before: Pick<Before, "row" | "isImported"> | undefined,
  reason: string | undefined,
): WordKey | undefined {
  if (!before) return reason === undefined ? undefined : "errors.nothing_to_correct";
  if (before.row !== null) return "errors.contradicts_read_row";
  if (!before.isImported) return "errors.contradicts_read_made_here";
  return reason === undefined ? "errors.contradicts_read_study" : undefined;
}

/** The planes of what a row speaks of, in the order in which they are shown. */
const planesOf = ({ plane }: ReadsRow, document: Protocol): string[] =>
  plane === undefined ? document.planes.map(({ key }) => key) : [plane];

function unknownToProtocol(value: ReadsRow, document: Protocol): Said[] {
  const criteria = document.form.criteria.map(({ key }) => key);
  return [
    ...(document.readers.includes(value.reader) ? [] : [unknown("reader", value.reader, document.readers)]),
    ...conditionProblems(value, document),
    ...planeProblems(value, document),
    ...answerOfRow(value, document).problems,
    ...(value.criteria ?? [])
      .filter((key) => !criteria.includes(key))
      .map((key) => unknown("criterion", key, criteria)),
  ];
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

/** What a row judges: the images of one case. Rows of one case share it. */
interface Judged {
  place: Said;
  /** Ids of its images as they are shown. */
  images: string[];
  caseId: string;
}

/** A reader in a condition, and what is known of the reads: by their case. */
interface Series {
  reader: string;
  condition: string;
  reads: Map<string, Before>;
  /** Cases that this reader has in the schedule and has not read. */
  scheduled: Set<string>;
}

/** What was read of a case: in an earlier row, or (`row` null) in the study. */
interface Before {
  row: number | null;
  content: Content;
  /** In the study: whether it was imported, and a row may correct it. */
  isImported?: boolean;
}

/** A good row. Rows share what they have in common: there may be hundreds of thousands. */
interface Row extends Before {
  row: number;
  series: Series;
  judged: Judged;
  correctionReason: string | undefined;
}

/** The same object for the same key, made where it is not there yet. */
function shared<T>(): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  return (key, make) => {
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  };
}

const seriesKey = (of: { reader: string; condition: string }) => JSON.stringify([of.reader, of.condition]);

/** The rows of a file that the protocol and the records know, and every problem of the others. */
async function rowsOfFile(reads: Uint8Array, document: Protocol, images: ReadonlyMap<string, { id: string }>) {
  const rows: Row[] = [];
  const problems: RowProblem[] = [];
  const cases = new Map<string, Judged>();
  const series = new Map<string, Series>();
  const contents = shared<Content>();
  function judgedBy(value: ReadsRow): Judged | Said {
    const planes = planesOf(value, document);
    const shown = planes.flatMap((plane) => images.get(cropKey({ ...value, plane }))?.id ?? []);
    const key = shown.join(" ");
    const known = cases.get(key);
    if (known && shown.length === planes.length) return known;
    const place = placeOf(value);
    if (shown.length < planes.length)
      return value.plane === undefined
        ? { key: "errors.image_not_imported_in_every_plane", values: { place, planes: planes.join(", ") } }
        : { key: "errors.image_not_imported", values: { place } };
    const judged = { place, images: shown, caseId: "" };
    cases.set(key, judged);
    return judged;
  }
  function seriesOf(by: { reader: string; condition: string }): Series {
    const found = series.get(seriesKey(by)) ?? { ...by, reads: new Map(), scheduled: new Set() };
    series.set(seriesKey(by), found);
    return found;
  }
  const required = [
    "reader",
    ...(document.conditions.some(({ modality }) => modality !== undefined) ? [] : ["condition" as const]),
    "subject",
    "node",
    ...(document.reading.case === "image" ? ["plane" as const] : []),
    ...(document.form.rating?.positiveFrom === undefined ? ["call" as const] : []),
  ] as const;
  const table = await eachRow(reads, { schema: readsRow, required }, ({ row, value }) => {
    const unfit = unknownToProtocol(value, document);
    const [condition] = conditionsNamed(value, document);
    if (unfit.length > 0 || !condition) {
      problems.push(...unfit.map((reason) => ({ row, reason })));
      return;
    }
    const judged = judgedBy(value);
    if ("key" in judged) problems.push({ row, reason: judged });
    else {
      const content = contentOf(value, document);
      rows.push({
        row,
        series: seriesOf({ reader: value.reader, condition: condition.key }),
        judged,
        content: contents(JSON.stringify(content), () => content),
        correctionReason: value.correction_reason,
      });
    }
  });
  return {
    rows,
    cases: [...cases.values()],
    series,
    problems: [...table.problems, ...problems],
    warnings: [...table.warnings, ...seemsRating(rows.map(({ content }) => content))],
  };
}

/**
 * Imports reads that were made outside, all rows or none; they are marked as imported wherever they show. The same file again adds nothing; a row that
 * says something else than the read that was imported before corrects it, with its reason.
 * @throws AppError "invalid" with what is wrong in which rows; "locked" after the lock. Nothing is kept then
 */
export async function importReads(actor: StudyActor, options: { reads: Uint8Array }): Promise<ReadsImported> {
  return withActor(actor, async (tx) => {
    await refuseWhenLocked(tx, actor);
    await hold(tx, "records of a study", actor.studyId);
    await hold(tx, "reading schedule of a study", actor.studyId);
    const { document, id: protocolVersionId } = await studyProtocol(tx, actor);
    const images = await cropsByPlace(tx, actor);
    const { rows, cases, series, problems, warnings } = await rowsOfFile(options.reads, document, images);
    const ids = await makeCases(
      tx,
      cases.map((judged) => judged.images),
    );
    for (const [at, judged] of cases.entries()) judged.caseId = ids[at] ?? "";
    const sharing = await casesSharing(tx, actor);
    await addReadsOfStudy(tx, series);
    await addScheduled(tx, actor, series);

    let unchanged = 0;
    const added: Row[] = [];
    const corrected: Row[] = [];
    for (const each of rows) {
      const { row, series, judged, content, correctionReason } = each;
      const { reader, condition, reads, scheduled } = series;
      const { place, caseId } = judged;
      if (sharing.get(caseId)?.some((other) => reads.has(other))) {
        problems.push({ row, reason: { key: "errors.image_in_other_case", values: { reader, condition, place } } });
        continue;
      }
      if (!reads.has(caseId) && [caseId, ...(sharing.get(caseId) ?? [])].some((each) => scheduled.has(each))) {
        problems.push({ row, reason: { key: "errors.read_is_scheduled", values: { reader, condition, place } } });
        continue;
      }
      const before = reads.get(caseId);
      if (before && same(before.content, content)) {
        unchanged += 1;
        continue;
      }
      const refusal = refusalOf(before, correctionReason);
      if (refusal) {
        const values = { reader, condition, place, ...(before?.row && { row: before.row }) };
        problems.push({ row, reason: { key: refusal, values } });
        continue;
      }
      reads.set(caseId, each);
      (before ? corrected : added).push(each);
    }
    if (problems.length > 0) {
      throw new AppError(
        "invalid",
        { key: "errors.reads_refused", values: { rows: new Set(problems.map(({ row }) => row)).size } },
        asProblems(problems),
      );
    }
    const superseded = await idsOfReads(tx, corrected);
    function* inserted(): Iterable<typeof read.$inferInsert> {
      for (const each of [...added, ...corrected]) {
        const { series, judged, content, correctionReason } = each;
        yield {
          studyId: actor.studyId,
          caseId: judged.caseId,
          readerCode: series.reader,
          conditionKey: series.condition,
          occasion: occasionIn(series.condition, document),
          ...content,
          protocolVersionId,
          source: "imported",
          idempotencyKey: randomUUID(),
          supersedes: superseded.get(each),
          correctionReason,
        };
      }
    }
    await insertInChunks(tx, read, inserted());
    const counts = { added: added.length, corrected: corrected.length };
    await record(tx, "records.imported", {
      entity: "reads",
      entityId: sha256(options.reads),
      detail: { rows: rows.length, ...counts },
    });
    return { rows: rows.length, unchanged, ...counts, warnings };
  });
}

/** The other cases that show an image of a case. */
async function casesSharing(tx: Tx, { studyId }: StudyActor): Promise<ReadonlyMap<string, string[]>> {
  const images = await tx
    .select({ caseId: caseCrop.caseId, cropId: caseCrop.cropId })
    .from(caseCrop)
    .where(eq(caseCrop.studyId, studyId));
  const ofImage = new Map<string, string[]>();
  for (const { caseId, cropId } of images) ofImage.set(cropId, [...(ofImage.get(cropId) ?? []), caseId]);
  const sharing = new Map<string, string[]>();
  for (const cases of ofImage.values())
    if (cases.length > 1)
      for (const caseId of cases)
        sharing.set(caseId, [...(sharing.get(caseId) ?? []), ...cases.filter((other) => other !== caseId)]);
  return sharing;
}

/** Reads that are asked for at a time. */
const readsAtOnce = 1_000;

type ReadOfStudy = {
  case_id: string;
  reader_code: string;
  condition_key: string;
  source: (typeof readSource.enumValues)[number];
  call: Content["call"];
  confidence: number | null;
  rating: number | null;
  not_evaluable: string | null;
  active_ms: number | null;
  criteria: Record<string, boolean>;
};

/** Adds the reads that the study has of these series, of a case that a list had twice the first: through a cursor, because there may be more than memory holds at once. */
async function addReadsOfStudy(tx: Tx, series: ReadonlyMap<string, Series>): Promise<void> {
  const known = shared<Before>();
  await tx.execute(
    sql`declare reads_of_study cursor for select case_id, reader_code, condition_key, source, call, confidence, rating, not_evaluable, active_ms, criteria
          from ${currentRead} where study_id = (select nw.study_id()) order by occasion desc`,
  );
  for (;;) {
    const page = await tx.execute<ReadOfStudy>(sql.raw(`fetch ${readsAtOnce} from reads_of_study`));
    for (const { case_id, reader_code: reader, condition_key: condition, source, ...said } of page) {
      const { call, confidence, rating, not_evaluable: notEvaluable, active_ms: activeMs, criteria } = said;
      series.get(seriesKey({ reader, condition }))?.reads.set(
        case_id,
        known(JSON.stringify([source, said]), () => ({
          row: null,
          content: { call, confidence, rating, notEvaluable, activeMs, criteria },
          isImported: source === "imported",
        })),
      );
    }
    if (page.length < readsAtOnce) break;
  }
  await tx.execute(sql`close reads_of_study`);
}

/** Adds which cases the readers of these series have before them: what is read there is not imported. */
async function addScheduled(tx: Tx, { studyId }: StudyActor, series: ReadonlyMap<string, Series>): Promise<void> {
  const due = await tx
    .select({ caseId: readingSlot.caseId, reader: membership.readerCode, condition: readingList.conditionKey })
    .from(readingSlot)
    .innerJoin(readingList, eq(readingList.id, readingSlot.listId))
    .innerJoin(membership, eq(membership.id, readingList.membershipId))
    .leftJoin(readingProgress, eq(readingProgress.slotId, readingSlot.id))
    .leftJoin(readingClosure, eq(readingClosure.listId, readingList.id))
    .where(and(eq(readingSlot.studyId, studyId), isNull(readingProgress.slotId), isNull(readingClosure.listId)));
  for (const { caseId, reader, condition } of due)
    if (reader !== null) series.get(seriesKey({ reader, condition }))?.scheduled.add(caseId);
}

/** The reads of the study that these rows correct. */
async function idsOfReads(tx: Tx, rows: readonly Row[]): Promise<ReadonlyMap<Row, string>> {
  if (rows.length === 0) return new Map();
  const wanted = rows.map(({ series, judged }, place) => ({
    place,
    reader: series.reader,
    condition: series.condition,
    case: judged.caseId,
  }));
  const found = await tx.execute<{ place: number; id: string }>(
    sql`select w.place, r.id from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) w (place int, reader text, condition text, "case" uuid)
          join ${currentRead} r on r.study_id = (select nw.study_id()) and r.reader_code = w.reader and r.condition_key = w.condition and r.case_id = w.case`,
  );
  return new Map(found.flatMap(({ place, id }) => (rows[place] ? [[rows[place], id] as const] : [])));
}
