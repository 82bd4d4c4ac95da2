import { findNearDuplicates } from "@/core/imaging/near-duplicates";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { hold } from "@/db/locks";
import {
  baselineValue,
  crop,
  node,
  nodeMatch,
  nodeSize,
  pathologyReport,
  specimen,
  storedObject,
  subject,
} from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { readSignature } from "@/server/image-signature";
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
  /** Crops of two nodes that show the same picture, mirrored, turned, moved or cut anew as it may be; not those with the same pixels. */
  alike: { crops: [CropPlace, CropPlace]; truthsDiffer: boolean }[];
  warnings: Said[];
}

export interface CropPlace {
  subject: string;
  node: string;
  plane: string;
}

/** Pairs that look alike beyond this many are counted, not named. */
const alikeNamed = 20;

const storesAtOnce = 4;

/**
 * Imports the crops of a manifest, all rows or none. Manages its own transactions: images are decoded and stored between them.
 * The same manifest again adds nothing.
 * @param options.folder what the paths of the manifest are relative to
 * @throws AppError "invalid" with every bad row, its number and the reason; "locked" after the lock. Nothing is kept then
 */
export async function importCrops(
  actor: StudyActor,
  options: { manifest: Uint8Array; folder: string; onProgress?: Progress },
): Promise<CropsImported> {
  const { document, id: protocolVersionId } = await withActor(actor, async (tx) => {
    await refuseWhenLocked(tx, actor);
    return studyProtocol(tx, actor);
  });
  const table = parseManifest(options.manifest, document);
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
    refuseProblems([...known, ...first.problems], table.rows.length);

    const hashes = first.plan.objects.map((object) => object.sha256);
    let stored = 0;
    await forEachLimited(hashes, storesAtOnce, async (hash) => {
      await store.put(await files.staged(hash));
      stored += 1;
      options.onProgress?.({ phase: "storing", done: stored, total: hashes.length });
    });

    const done = await withActor(actor, async (tx) => {
      // Two imports into one study wait for each other; the study may have changed since the first look.
      await hold(tx, "records of a study", actor.studyId);
      const { plan: rows, problems, unchanged, records } = await plan(tx);
      refuseProblems(problems, table.rows.length);
      await write(tx, rows);
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
      return { rows: table.rows.length, unchanged, added, decoded: good, records };
    });
    return report({ ...done, warnings: table.warnings });
  } finally {
    await files.discard();
  }
}

function refuseProblems(problems: readonly RowProblem[], rows: number): void {
  if (problems.length === 0) return;
  const bad = new Set(problems.map(({ row }) => row)).size;
  throw new AppError(
    "invalid",
    { key: "errors.rows_refused", values: { bad, rows: Math.max(rows, bad) } },
    asProblems(problems),
  );
}

async function write(tx: Tx, plan: CropsPlan): Promise<void> {
  await insertInChunks(tx, subject, plan.subjects);
  await insertInChunks(tx, baselineValue, plan.values);
  await insertInChunks(tx, node, plan.nodes);
  await insertInChunks(tx, nodeSize, plan.sizes);
  await insertInChunks(tx, storedObject, plan.objects);
  await insertInChunks(tx, crop, plan.crops);
  await insertInChunks(tx, specimen, plan.specimens);
  await insertInChunks(tx, nodeMatch, plan.matches);
  await insertInChunks(tx, pathologyReport, plan.reports);
}

function report(options: {
  rows: number;
  unchanged: number;
  added: CropsImported["added"];
  decoded: readonly DecodedRow[];
  records: StudyRecords;
  warnings: readonly Said[];
}): CropsImported {
  const { rows, unchanged, added, decoded, records } = options;
  const windowed = decoded.flatMap(({ row: { row }, image: { windowLow: low, windowHigh: high } }) =>
    low === null || high === null ? [] : [{ row, low, high }],
  );
  const duplicates = duplicatesAmong(decoded, records);
  const alike = alikeAmong(decoded, records);
  const rowOf = new Map(decoded.map(({ row }) => [cropKey(row.value), row.row]));
  const placesOf = (crops: readonly CropPlace[]) =>
    crops
      .map((each): Said => {
        const row = rowOf.get(cropKey(each));
        const place = placeOf(each);
        return row
          ? { key: "errors.place_of_row", values: { place, row } }
          : { key: "errors.place_before", values: { place } };
      })
      .reduceRight((rest, first) => ({ key: "errors.listed", values: { first, rest } }));
  const warnings: Said[] = [
    ...options.warnings,
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
    ...(windowed.length > 0
      ? [{ key: "errors.shown_in_a_window", values: { windowed: windowed.length, rows } } as const]
      : []),
  ];
  return { rows, unchanged, added, windowed, duplicates, alike, warnings };
}

/** Groups of more than one crop with the same pixels, where at least one comes from this manifest. */
function duplicatesAmong(decoded: readonly DecodedRow[], records: StudyRecords): CropsImported["duplicates"] {
  const groups = new Map<string, CropsImported["duplicates"][number]["crops"]>();
  for (const { image } of decoded) groups.set(image.pixelSha256, []);
  for (const { pixelSha256, subject, node, plane } of records.crops.values())
    groups.get(pixelSha256)?.push({ subject, node, plane });
  return [...groups]
    .filter(([, crops]) => crops.length > 1)
    .map(([pixelSha256, crops]) => ({ pixelSha256, crops, truthsDiffer: truthsDiffer(crops, records) }));
}

function truthsDiffer(crops: readonly CropPlace[], records: StudyRecords): boolean {
  const truths = crops.map((each) => records.reports.get(records.nodes.get(nodeKey(each))?.id ?? "")?.result);
  return truths.includes("positive") && truths.includes("negative");
}

/** Pairs of crops of two nodes that look alike, where at least one comes from this manifest. */
function alikeAmong(decoded: readonly DecodedRow[], records: StudyRecords): CropsImported["alike"] {
  const crops = [...records.crops.values()];
  const items = crops.flatMap(({ signature }, i) =>
    signature ? [{ id: String(i), signature: readSignature(signature) }] : [],
  );
  const here = new Set(decoded.map(({ row }) => cropKey(row.value)));
  const only = new Set(crops.flatMap((crop, i) => (here.has(cropKey(crop)) ? [String(i)] : [])));
  return findNearDuplicates(items, { only }).flatMap(({ a, b }) => {
    const [one, other] = [crops[Number(a)], crops[Number(b)]];
    if (!one || !other || one.pixelSha256 === other.pixelSha256 || nodeKey(one) === nodeKey(other)) return [];
    const places = [one, other].map(({ subject, node, plane }) => ({ subject, node, plane })) as [CropPlace, CropPlace];
    return [{ crops: places, truthsDiffer: truthsDiffer(places, records) }];
  });
}
