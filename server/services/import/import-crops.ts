import { lookAlikes } from "@/core/ids";
import { findNearDuplicates } from "@/core/imaging/near-duplicates";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { hold } from "@/db/locks";
import {
  alikeCrops,
  baselineValue,
  crop,
  cropCanvas,
  node,
  nodeMatch,
  nodeSize,
  pathologyReport,
  specimen,
  subject,
} from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { readSignature } from "@/server/image-signature";
import { noteStored } from "@/server/services/imaging/note-stored";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { takeNotedFiles } from "@/server/services/imaging/take-noted-files";
import { dayAtSite } from "@/server/services/study/day-at-site";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import { asProblems, type RowProblem } from "@/server/tables/parse-table";
import { cropKey, nodeKey, placeOf } from "@/server/tables/places";
import { type DecodedRow, decodeFiles, type Progress } from "./decode-files";
import { forEachLimited } from "./for-each-limited";
import { parseManifest } from "./parse-manifest";
import { type CropsPlan, planCrops } from "./plan-crops";
import { refuseWhenLocked } from "./refuse-when-locked";
import { type StudyRecords, studyRecords } from "./study-records";

export interface CropsImported {
  /** Rows of the manifest. */
  rows: number;
  /** Rows whose image was there already. */
  unchanged: number;
  added: { subjects: number; nodes: number; crops: number; sizes: number; truths: number };
  /** Images of 16 bits a pixel, kept whole, and the levels that are shown black and white. */
  windowed: { row: number; low: number; high: number }[];
  /** Groups of images with the same pixels: their subjects always share a fold. */
  duplicates: {
    pixelSha256: string;
    crops: CropPlace[];
    /** The same image stands for a positive and for a negative node. */
    truthsDiffer: boolean;
  }[];
  /** Crops of two nodes that show the same picture, mirrored, turned, moved or cut anew as it may be; not those with the same pixels. Contradictions first. */
  alike: { crops: [CropPlace, CropPlace]; truthsDiffer: boolean }[];
  warnings: Said[];
}

export interface CropPlace {
  subject: string;
  node: string;
  plane: string;
}

type PicturedRow = Pick<DecodedRow, "row"> & NonNullable<DecodedRow["picture"]>;
type KnownCrop = CropPlace & { id: string };
type AlikeCrops = [KnownCrop, KnownCrop];

/** Pairs that look alike beyond this many are counted, not named. */
const alikeNamed = 20;

const storesAtOnce = 4;
/** Postgres takes 65,535 values a statement. */
const rowsAtOnce = 10_000;
/** Of a picture that lost some: 12 bits of which the upper 8 of 16 were kept have at most 16, 13 bits 32. */
const fewLevels = 32;

/**
 * Imports the crops of a manifest, all rows or none. Manages its own transactions: images are decoded and stored between them.
 * The same manifest again adds nothing.
 * @param options.folder what the paths of the manifest are relative to
 * @param options.pictures false: the manifest declares images of which nothing but reads, or scores, was published, and names no files
 * @throws AppError "invalid" with every bad row, its number and the reason; "locked" after the lock. Nothing is kept then
 */
export async function importCrops(
  actor: StudyActor,
  options: { manifest: Uint8Array; folder: string; pictures?: boolean; onProgress?: Progress },
): Promise<CropsImported> {
  const {
    document,
    id: protocolVersionId,
    day,
  } = await withActor(actor, async (tx) => {
    await refuseWhenLocked(tx, actor);
    return { ...(await studyProtocol(tx, actor)), day: await dayAtSite(tx, actor) };
  });
  const table = await parseManifest(options.manifest, { document, day, pictures: options.pictures ?? true });
  const files = await decodeFiles(table.rows, options);
  try {
    const known = [...table.problems, ...files.problems];
    const bad = new Set(known.map(({ row }) => row));
    const good = files.decoded.filter(({ row }) => !bad.has(row.row));
    const plan = async (tx: Tx) => {
      const records = await studyRecords(tx, actor);
      return { ...planCrops(good, records, { studyId: actor.studyId, protocolVersionId }), records };
    };
    const first = await withActor(actor, plan);
    refuseProblems([...known, ...first.problems], table.rows);
    // Every pair of images is looked at: outside transactions.
    const brought = new Set(good.map(({ row }) => cropKey(row.value)));
    const alike = alikeAmong(first.records, brought, new Set(first.records.crops.keys()));

    const hashes = first.plan.objects.map((object) => object.sha256);
    const attempt = hashes.length > 0 ? await withActor(actor, (tx) => noteStoring(tx, hashes)) : null;
    let stored = 0;
    await forEachLimited(hashes, storesAtOnce, async (hash) => {
      await store.put(await files.staged(hash));
      stored += 1;
      options.onProgress?.({ phase: "storing", done: stored, total: hashes.length });
    });

    const written = await withActor(actor, async (tx) => {
      if (attempt) await takeNotedFiles(tx, attempt);
      // Two imports into one study wait for each other; the study may have changed since the first look.
      await hold(tx, "records of a study", actor.studyId);
      await hold(tx, "pictures of a study", actor.studyId);
      const { plan: rows, problems, unchanged, records } = await plan(tx);
      refuseProblems(problems, table.rows);
      await write(tx, actor, rows);
      const seen = first.records.crops;
      const meanwhile = [...records.crops].filter(([key, { signature }]) => seen.get(key)?.signature !== signature);
      const pairs = [...alike, ...alikeAmong(records, brought, new Set(meanwhile.map(([key]) => key)))].flatMap(
        ([a, b]): AlikeCrops[] => {
          const [first, second] = [records.crops.get(a), records.crops.get(b)];
          return first && second ? [[first, second]] : [];
        },
      );
      await noteAlike(tx, actor, pairs);
      const added = {
        subjects: rows.subjects.length,
        nodes: rows.nodes.length,
        crops: rows.crops.length,
        sizes: rows.sizes.length,
        truths: rows.reports.length,
      };
      await record(tx, "records.imported", {
        entity: "manifest",
        entityId: sha256(options.manifest),
        detail: { rows: table.rows.length, ...added },
      });
      return { rows: table.rows.length, unchanged, added, records, alike: pairs };
    });
    return report({ ...written, decoded: good, warnings: table.warnings });
  } finally {
    await files.discard();
  }
}

function refuseProblems(problems: readonly RowProblem[], read: readonly { row: number }[]): void {
  if (problems.length === 0) return;
  const bad = new Set(problems.map(({ row }) => row)).size;
  const rows = new Set([...problems, ...read].map(({ row }) => row)).size;
  throw new AppError("invalid", { key: "errors.rows_refused", values: { bad, rows } }, asProblems(problems));
}

async function write(tx: Tx, actor: StudyActor, plan: CropsPlan): Promise<void> {
  await insertInChunks(tx, subject, plan.subjects);
  await insertInChunks(tx, baselineValue, plan.values);
  await insertInChunks(tx, node, plan.nodes);
  await insertInChunks(tx, nodeSize, plan.sizes);
  await noteStored(
    tx,
    actor,
    plan.objects.map((file) => ({ ...file, mediaType: "image/png" })),
  );
  await insertInChunks(tx, crop, plan.crops);
  await insertInChunks(tx, cropCanvas, plan.canvases);
  await insertInChunks(tx, specimen, plan.specimens);
  await insertInChunks(tx, nodeMatch, plan.matches);
  await insertInChunks(tx, pathologyReport, plan.reports);
}

async function noteAlike(tx: Tx, { studyId }: StudyActor, alike: readonly AlikeCrops[]): Promise<void> {
  const rows = alike.map(([first, second]) => ({ studyId, cropId: first.id, otherId: second.id }));
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await tx
      .insert(alikeCrops)
      .values(rows.slice(from, from + rowsAtOnce))
      .onConflictDoNothing();
}

function report(options: {
  rows: number;
  unchanged: number;
  added: CropsImported["added"];
  decoded: readonly DecodedRow[];
  records: StudyRecords;
  alike: readonly AlikeCrops[];
  warnings: readonly Said[];
}): CropsImported {
  const { rows, unchanged, added, decoded, records } = options;
  const pictured = decoded.flatMap(({ row, picture }) => (picture ? [{ row, ...picture }] : []));
  const windowed = pictured.flatMap(({ row: { row }, image: { windowLow: low, windowHigh: high } }) =>
    low === null || high === null ? [] : [{ row, low, high }],
  );
  const duplicates = duplicatesAmong(pictured, records);
  const alike = options.alike
    .map(([first, second]) => {
      const crops: [CropPlace, CropPlace] = [placeIn(first), placeIn(second)];
      return { crops, truthsDiffer: truthsDiffer(crops, records) };
    })
    .sort((one, other) => Number(other.truthsDiffer) - Number(one.truthsDiffer));
  const rowOf = new Map(decoded.map(({ row }) => [cropKey(row.value), row.row]));
  const placesOf = (crops: readonly CropPlace[]): Said =>
    inList(
      crops.map((each): Said => {
        const row = rowOf.get(cropKey(each));
        const place = placeOf(each);
        return row
          ? { key: "errors.place_of_row", values: { place, row } }
          : { key: "errors.place_before", values: { place } };
      }),
    );
  const warnings: Said[] = [
    ...options.warnings,
    ...subjectsAlike(decoded, records),
    ...duplicates.map(
      ({ crops, truthsDiffer }): Said => ({
        key: truthsDiffer ? "errors.same_pixels_truths_differ" : "errors.same_pixels",
        values: { places: placesOf(crops) },
      }),
    ),
    ...alike.slice(0, alikeNamed).map(
      ({ crops, truthsDiffer }): Said => ({
        key: truthsDiffer ? "errors.look_alike_truths_differ" : "errors.look_alike",
        values: { places: placesOf(crops) },
      }),
    ),
    ...(alike.length > alikeNamed
      ? [{ key: "errors.look_alike_more", values: { more: alike.length - alikeNamed } } as const]
      : []),
    ...poorImages(pictured),
    ...(windowed.length > 0
      ? [{ key: "errors.shown_in_a_window", values: { windowed: windowed.length, rows } } as const]
      : []),
  ];
  return { rows, unchanged, added, windowed, duplicates, alike, warnings };
}

const inList = (places: readonly Said[]): Said =>
  places.reduceRight((rest, first) => ({ key: "errors.listed", values: { first, rest } }));

/** Images that show little: what is lost in them is lost before they come. */
function poorImages(decoded: readonly PicturedRow[]): Said[] {
  const flat = decoded.filter(({ levels }) => levels <= fewLevels);
  const faint = decoded.filter(({ image }) => image.signature === null);
  return [
    ...(flat.length > 0
      ? [
          {
            key: "errors.few_levels",
            values: {
              images: flat.length,
              places: inList(
                flat.map(({ row: { row, value }, levels }) => ({
                  key: "errors.place_with_levels",
                  values: { place: placeOf(value), row, levels },
                })),
              ),
            },
          } as const,
        ]
      : []),
    ...(faint.length > 0
      ? [
          {
            key: "errors.no_signature",
            values: {
              images: faint.length,
              places: inList(
                faint.map(({ row: { row, value } }) => ({
                  key: "errors.place_of_row",
                  values: { place: placeOf(value), row },
                })),
              ),
            },
          } as const,
        ]
      : []),
  ];
}

/** Of the images of two nodes that are not the same to the pixel, the pairs of one of `brought` and one of `others` that look alike; by their keys. */
function alikeAmong(
  records: StudyRecords,
  brought: ReadonlySet<string>,
  others: ReadonlySet<string>,
): [a: string, b: string][] {
  // As a rule nothing came meanwhile, and whoever waits for this transaction waits for no look.
  if (others.size === 0) return [];
  const items = [...records.crops].flatMap(([id, { signature }]) =>
    signature && (brought.has(id) || others.has(id)) ? [{ id, signature: readSignature(signature) }] : [],
  );
  const found = findNearDuplicates(items, { only: brought.size < others.size ? brought : others }).filter(
    ({ a, b }) => (brought.has(a) && others.has(b)) || (brought.has(b) && others.has(a)),
  );
  return found.flatMap(({ a, b }): [string, string][] => {
    const [first, second] = [records.crops.get(a), records.crops.get(b)];
    if (!first || !second || first.pixelSha256 === second.pixelSha256 || nodeKey(first) === nodeKey(second)) return [];
    return [[a, b]];
  });
}

const placeIn = ({ subject, node, plane }: CropPlace): CropPlace => ({ subject, node, plane });

function truthsDiffer(crops: readonly CropPlace[], records: StudyRecords): boolean {
  const truths = crops.map((each) => records.reports.get(records.nodes.get(nodeKey(each))?.id ?? "")?.result);
  return truths.includes("positive") && truths.includes("negative");
}

/** Pairs of subjects that may be one patient, where at least one comes from this manifest; a row is named once, with the first that it looks like. */
function subjectsAlike(decoded: readonly DecodedRow[], records: StudyRecords): Said[] {
  const rowOf = new Map<string, number>();
  for (const { row } of decoded) if (!rowOf.has(row.value.subject)) rowOf.set(row.value.subject, row.row);
  const said = (subject: string): Said => {
    const row = rowOf.get(subject);
    return row === undefined
      ? { key: "errors.subject_before", values: { subject } }
      : { key: "errors.subject_of_row", values: { subject, row } };
  };
  return lookAlikes([...records.subjects.keys()])
    .filter((pair) => pair.some((subject) => rowOf.has(subject)))
    .map(
      ([earlier, later]): Said => ({
        key: "errors.subjects_alike",
        values: { first: said(later), second: said(earlier) },
      }),
    );
}

/** Groups of more than one crop with the same pixels, where at least one comes from this manifest. */
function duplicatesAmong(decoded: readonly PicturedRow[], records: StudyRecords): CropsImported["duplicates"] {
  const groups = new Map<string, CropsImported["duplicates"][number]["crops"]>();
  for (const { image } of decoded) groups.set(image.pixelSha256, []);
  for (const { pixelSha256, subject, node, plane } of records.crops.values())
    groups.get(pixelSha256 ?? "")?.push({ subject, node, plane });
  return [...groups]
    .filter(([, crops]) => crops.length > 1)
    .map(([pixelSha256, crops]) => ({ pixelSha256, crops, truthsDiffer: truthsDiffer(crops, records) }));
}
