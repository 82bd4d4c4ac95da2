import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Protocol } from "@/core/protocol/protocol";
import { occasionOf } from "@/core/reading/schedule";
import type { Said, WordKey } from "@/core/words";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { hold } from "@/db/locks";
import { call, caseCrop, currentRead, read, readSource } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type ReadsRow, readsRow } from "@/server/schemas/import";
import { makeCases } from "@/server/services/reading/make-cases";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { asProblems, eachRow, type RowProblem } from "@/server/tables/parse-table";
import { cropKey, placeOf } from "@/server/tables/places";
import { cropsByPlace } from "./crops-by-place";
import { refuseWhenLocked } from "./refuse-when-locked";

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

function unknownToProtocol(value: ReadsRow, document: Protocol): Said[] {
  const criteria = document.form.criteria.map(({ key }) => key);
  return [
    ...(document.readers.includes(value.reader) ? [] : [unknown("reader", value.reader, document.readers)]),
    ...conditionProblems(value, document),
    ...planeProblems(value, document),
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
  call: value.call,
  confidence: value.confidence ?? null,
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

/** A good row, in little: there may be hundreds of thousands. */
interface Row {
  row: number;
  reader: string;
  condition: string;
  judged: Judged;
  content: Content;
  correctionReason: string | undefined;
}

/** `id`: of an imported read, which a row may correct. `row`: where it stands in this file; null: in the study. */
interface Before {
  content: Content;
  row: number | null;
  id?: string | undefined;
}

/** Reads by their case, of each reader in each condition. */
type ReadsBefore = Map<string, Map<string, Before>>;
const whose = ({ reader, condition }: { reader: string; condition: string }) => JSON.stringify([reader, condition]);

/** The rows of a file that the protocol and the records know, and every problem of the others. */
async function rowsOfFile(reads: Uint8Array, document: Protocol, images: ReadonlyMap<string, { id: string }>) {
  const rows: Row[] = [];
  const problems: RowProblem[] = [];
  const cases = new Map<string, Judged>();
  const contents = new Map<string, Content>();
  function judgedBy(value: ReadsRow): Judged | Said {
    const planes = planesOf(value, document);
    const place = placeOf(value);
    const shown = planes.flatMap((plane) => images.get(cropKey({ ...value, plane }))?.id ?? []);
    if (shown.length < planes.length)
      return value.plane === undefined
        ? { key: "errors.image_not_imported_in_every_plane", values: { place, planes: planes.join(", ") } }
        : { key: "errors.image_not_imported", values: { place } };
    const judged = cases.get(shown.join(" ")) ?? { place, images: shown, caseId: "" };
    cases.set(shown.join(" "), judged);
    return judged;
  }
  function contentBy(value: ReadsRow): Content {
    const content = contentOf(value, document);
    const key = JSON.stringify(content);
    const known = contents.get(key) ?? content;
    contents.set(key, known);
    return known;
  }
  const required = [
    "reader",
    ...(document.conditions.some(({ modality }) => modality !== undefined) ? [] : ["condition" as const]),
    "subject",
    "node",
    ...(document.reading.case === "image" ? ["plane" as const] : []),
    "call",
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
    else
      rows.push({
        row,
        reader: document.readers.find((code) => code === value.reader) ?? value.reader,
        condition: condition.key,
        judged,
        content: contentBy(value),
        correctionReason: value.correction_reason,
      });
  });
  return { rows, cases: [...cases.values()], problems: [...table.problems, ...problems], warnings: table.warnings };
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
    const { document, id: protocolVersionId } = await studyProtocol(tx, actor);
    const { rows, cases, problems, warnings } = await rowsOfFile(
      options.reads,
      document,
      await cropsByPlace(tx, actor),
    );
    const ids = await makeCases(
      tx,
      cases.map(({ images }) => images),
    );
    for (const [at, judged] of cases.entries()) judged.caseId = ids[at] ?? "";
    const sharing = await casesSharing(tx, actor);
    const known = await readsBefore(tx, new Set(rows.map(whose)));

    let unchanged = 0;
    let corrected = 0;
    const added: { of: Row; supersedes: string | undefined }[] = [];
    for (const each of rows) {
      const { row, reader, condition, judged, content, correctionReason } = each;
      const { place, caseId } = judged;
      const ofReader = known.get(whose(each)) ?? new Map<string, Before>();
      known.set(whose(each), ofReader);
      if (sharing.get(caseId)?.some((other) => ofReader.has(other))) {
        problems.push({ row, reason: { key: "errors.image_in_other_case", values: { reader, condition, place } } });
        continue;
      }
      const before = ofReader.get(caseId);
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
      ofReader.set(caseId, { content, row });
      if (before) corrected += 1;
      added.push({ of: each, supersedes: before?.id });
    }
    if (problems.length > 0) {
      throw new AppError(
        "invalid",
        { key: "errors.reads_refused", values: { rows: new Set(problems.map(({ row }) => row)).size } },
        asProblems(problems),
      );
    }
    function* inserted(): Iterable<typeof read.$inferInsert> {
      for (const { of, supersedes } of added) {
        const { reader, condition, judged, content, correctionReason } = of;
        yield {
          studyId: actor.studyId,
          caseId: judged.caseId,
          readerCode: reader,
          conditionKey: condition,
          occasion: occasionIn(condition, document),
          ...content,
          protocolVersionId,
          source: "imported",
          idempotencyKey: randomUUID(),
          supersedes,
          correctionReason,
        };
      }
    }
    await insertInChunks(tx, read, inserted());
    const counts = { added: added.length - corrected, corrected };
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
const readsAtOnce = 5_000;
const readBefore = z.array(
  z.object({
    id: z.string(),
    case_id: z.string(),
    reader_code: z.string(),
    condition_key: z.string(),
    source: z.enum(readSource.enumValues),
    call: z.enum(call.enumValues),
    confidence: z.number().nullable(),
    active_ms: z.number().nullable(),
    criteria: z.record(z.string(), z.boolean()),
  }),
);

/** The reads in the study of these readers in these conditions: through a cursor, because there may be more than memory holds at once. */
async function readsBefore(tx: Tx, wanted: ReadonlySet<string>): Promise<ReadsBefore> {
  const known: ReadsBefore = new Map();
  await tx.execute(
    sql`declare reads_before cursor for select id, case_id, reader_code, condition_key, source, call, confidence, active_ms, criteria
          from ${currentRead} where study_id = (select nw.study_id())`,
  );
  for (;;) {
    const page = readBefore.parse([...(await tx.execute(sql.raw(`fetch ${readsAtOnce} from reads_before`)))]);
    for (const each of page) {
      const by = { reader: each.reader_code, condition: each.condition_key };
      if (!wanted.has(whose(by))) continue;
      const ofReader = known.get(whose(by)) ?? new Map<string, Before>();
      known.set(whose(by), ofReader);
      const content = {
        call: each.call,
        confidence: each.confidence,
        activeMs: each.active_ms,
        criteria: each.criteria,
      };
      ofReader.set(each.case_id, { content, row: null, id: each.source === "imported" ? each.id : undefined });
    }
    if (page.length < readsAtOnce) break;
  }
  await tx.execute(sql`close reads_before`);
  return known;
}
