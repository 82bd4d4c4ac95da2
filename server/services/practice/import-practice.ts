import { randomUUID } from "node:crypto";
import { asc, desc, eq } from "drizzle-orm";
import { findNearDuplicates } from "@/core/imaging/near-duplicates";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { practiceCase, practiceImage } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { readSignature } from "@/server/image-signature";
import type { PracticeRow } from "@/server/schemas/import";
import { noteStored } from "@/server/services/imaging/note-stored";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { takeNotedFiles } from "@/server/services/imaging/take-noted-files";
import { cropsByPlace } from "@/server/services/import/crops-by-place";
import { type DecodedRow, decodeFiles, type Progress } from "@/server/services/import/decode-files";
import { forEachLimited } from "@/server/services/import/for-each-limited";
import { refuseWhenLocked } from "@/server/services/import/refuse-when-locked";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import { asProblems, type RowProblem, type TableRow } from "@/server/tables/parse-table";
import { placeOf } from "@/server/tables/places";
import { parsePractice } from "./parse-practice";

export interface PracticeImported {
  rows: number;
  cases: number;
  /** The number of the set: rounds that begin from now on are of it. */
  set: number;
  /** The set that was there is this one. */
  unchanged: boolean;
  warnings: Said[];
}

type PicturedRow = DecodedRow<TableRow<PracticeRow>> & { picture: object };
type PracticeSet = { cases: (typeof practiceCase.$inferInsert)[]; images: (typeof practiceImage.$inferInsert)[] };

const storesAtOnce = 4;

/**
 * Imports practice cases, all rows or none: they take the place of those that are there, for every round that begins later. Manages its own transactions. The same table
 * again changes nothing.
 * @param options.folder what the paths of the table are relative to
 * @throws AppError "invalid" with every bad row, its number and the reason, a picture of the study among them; "locked" after the lock. Nothing is kept then
 */
export async function importPractice(
  actor: StudyActor,
  options: { table: Uint8Array; folder: string; onProgress?: Progress },
): Promise<PracticeImported> {
  const { document, known } = await withActor(actor, async (tx) => {
    await refuseWhenLocked(tx, actor);
    return { ...(await studyProtocol(tx, actor)), known: await cropsByPlace(tx, actor) };
  });
  const table = await parsePractice(options.table, document);
  const files = await decodeFiles(table.rows, options);
  try {
    const decoded = files.decoded.filter((row): row is PicturedRow => row.picture !== null);
    const problems = [...table.problems, ...files.problems, ...ofTheStudy(decoded, [...known.values()])];
    if (problems.length > 0) {
      const bad = new Set(problems.map(({ row }) => row));
      const rows = new Set([...bad, ...table.rows.map(({ row }) => row)]).size;
      throw new AppError(
        "invalid",
        { key: "errors.rows_refused", values: { bad: bad.size, rows } },
        asProblems(problems),
      );
    }
    const objects = new Map(decoded.flatMap((row) => row.files).map((file) => [file.sha256, file]));
    const attempt = await withActor(actor, (tx) => noteStoring(tx, [...objects.keys()]));
    let stored = 0;
    await forEachLimited([...objects.keys()], storesAtOnce, async (hash) => {
      await store.put(await files.staged(hash));
      stored += 1;
      options.onProgress?.({ phase: "storing", done: stored, total: objects.size });
    });
    const planes = document.planes.map(({ key }) => key);
    const written = await withActor(actor, async (tx) => {
      await takeNotedFiles(tx, attempt);
      // Crops that come meanwhile are held against these, and two imports number their sets one after the other.
      await hold(tx, "pictures of a study", actor.studyId);
      const newest = await newestSet(tx, actor);
      const number = newest.number + 1;
      const { cases, images } = setOf(decoded, { studyId: actor.studyId, setNumber: number, planes });
      if (contentOf({ cases, images }) === newest.content)
        return { set: newest.number, cases: cases.length, unchanged: true };
      await noteStored(
        tx,
        actor,
        [...objects.values()].map((file) => ({ ...file, mediaType: "image/png" })),
      );
      await tx.insert(practiceCase).values(cases);
      await tx.insert(practiceImage).values(images);
      await record(tx, "records.imported", {
        entity: "manifest",
        entityId: sha256(options.table),
        detail: { practiceCases: cases.length, set: number },
      });
      return { set: number, cases: cases.length, unchanged: false };
    });
    const [truth, ...others] = new Set(decoded.map(({ row }) => row.value.truth));
    const warnings: Said[] = [
      ...table.warnings,
      ...(document.reading.practice ? [] : [{ key: "errors.practice_not_planned" } as const]),
      ...(truth && others.length === 0 ? [{ key: "errors.practice_one_truth", values: { truth } } as const] : []),
    ];
    return { rows: table.rows.length, ...written, warnings };
  } finally {
    await files.discard();
  }
}

/** The rows whose picture is one of the study, or looks like one: their readers would be told what it is. (The database refuses the same pixels, whatever comes first.) */
function ofTheStudy(
  rows: readonly PicturedRow[],
  crops: readonly {
    subject: string;
    node: string;
    plane: string;
    pixelSha256: string | null;
    signature: string | null;
  }[],
): RowProblem[] {
  const items = (prefix: string, signatures: readonly (string | null | undefined)[]) =>
    signatures.flatMap((signature, at) =>
      signature ? [{ id: `${prefix}${at}`, signature: readSignature(signature) }] : [],
    );
  const brought = items(
    "p",
    rows.map(({ picture }) => picture?.image.signature),
  );
  const there = items(
    "c",
    crops.map(({ signature }) => signature),
  );
  const pairs = findNearDuplicates([...brought, ...there], { only: new Set(brought.map(({ id }) => id)) });
  return rows.flatMap(({ row, picture }, at) => {
    const like = pairs.find(({ a, b }) => b === `p${at}` && a.startsWith("c"))?.a.slice(1);
    const crop =
      crops.find(({ pixelSha256 }) => pixelSha256 !== null && pixelSha256 === picture?.image.pixelSha256) ??
      (like === undefined ? undefined : crops[Number(like)]);
    return crop ? [{ row: row.row, reason: { key: "errors.practice_is_crop", values: { place: placeOf(crop) } } }] : [];
  });
}

/** The rows that a table makes: planes of one case stand in the order of the protocol. */
function setOf(
  decoded: readonly PicturedRow[],
  { studyId, setNumber, planes }: { studyId: string; setNumber: number; planes: readonly string[] },
): PracticeSet {
  const set: PracticeSet = { cases: [], images: [] };
  for (const name of new Set(decoded.map(({ row }) => row.value.case))) {
    const id = randomUUID();
    const rows = decoded.filter(({ row }) => row.value.case === name);
    const [first] = rows;
    if (!first) continue;
    const { truth, sa_mm: shortAxisMm = null, explanation = null } = first.row.value;
    set.cases.push({ id, studyId, setNumber, name, truth, shortAxisMm, explanation });
    const ordered = rows.toSorted((a, b) => planes.indexOf(a.row.value.plane) - planes.indexOf(b.row.value.plane));
    for (const [at, { row, picture }] of ordered.entries())
      if (picture)
        set.images.push({
          ...{ caseId: id, studyId, ordinal: at + 1, plane: row.value.plane },
          ...{ sha256: picture.image.sha256, canvasSha256: picture.image.canvasSha256 },
          pixelSha256: picture.image.pixelSha256,
        });
  }
  return set;
}

/** What a set is, whatever its ids. */
function contentOf({ cases, images }: PracticeSet): string {
  const said = cases.map(({ id, name, truth, shortAxisMm, explanation }) => [
    ...[name, truth, shortAxisMm, explanation],
    ...images
      .filter(({ caseId }) => caseId === id)
      .toSorted((a, b) => a.ordinal - b.ordinal)
      .map(({ plane, sha256 }) => `${plane} ${sha256}`),
  ]);
  return JSON.stringify(said.map((each) => JSON.stringify(each)).toSorted());
}

async function newestSet(tx: Tx, { studyId }: StudyActor): Promise<{ number: number; content: string }> {
  const [newest] = await tx
    .select({ number: practiceCase.setNumber })
    .from(practiceCase)
    .where(eq(practiceCase.studyId, studyId))
    .orderBy(desc(practiceCase.setNumber))
    .limit(1);
  if (!newest) return { number: 0, content: "" };
  const cases = await tx.select().from(practiceCase).where(eq(practiceCase.studyId, studyId));
  const images = await tx
    .select()
    .from(practiceImage)
    .where(eq(practiceImage.studyId, studyId))
    .orderBy(asc(practiceImage.ordinal));
  const ofSet = cases.filter(({ setNumber }) => setNumber === newest.number);
  return { number: newest.number, content: contentOf({ cases: ofSet, images }) };
}
