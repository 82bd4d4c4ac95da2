import type { Tx } from "@/db/actor";
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
import { studyProtocol } from "@/server/services/study/study-protocol";
import { putObject, sha256 } from "@/server/storage";
import { type DecodedRow, decodeFiles, forEachLimited, type Progress } from "./decode-files";
import { insertInChunks } from "./insert-in-chunks";
import { cropKey, nodeKey, parseManifest } from "./parse-manifest";
import { asProblems, type RowProblem } from "./parse-table";
import { type CropsPlan, planCrops } from "./plan-crops";
import { refuseWhenLocked } from "./refuse-when-locked";
import { type StudyRecords, studyRecords } from "./study-records";

export interface CropsImported {
  /** Rows of the manifest. */
  rows: number;
  /** Rows whose image was there already. */
  unchanged: number;
  added: { subjects: number; nodes: number; crops: number; sizes: number; truths: number };
  /** Images larger than the network's input, scaled down with their shape kept; sizes in px. */
  scaled: { row: number; from: [number, number]; to: [number, number] }[];
  /** Groups of images with the same pixels: their subjects always share a fold. */
  duplicates: {
    pixelSha256: string;
    crops: { subject: string; node: string; plane: string }[];
    /** The same image stands for a positive and for a negative node. */
    truthsDiffer: boolean;
  }[];
  warnings: string[];
}

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
      await putObject(await files.staged(hash));
      stored += 1;
      options.onProgress?.({ phase: "storing", done: stored, total: hashes.length });
    });

    return await withActor(actor, async (tx) => {
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
      return report({ rows: table.rows.length, unchanged, added, decoded: good, records, warnings: table.warnings });
    });
  } finally {
    await files.discard();
  }
}

function refuseProblems(problems: readonly RowProblem[], rows: number): void {
  if (problems.length === 0) return;
  const bad = new Set(problems.map(({ row }) => row)).size;
  throw new AppError(
    "invalid",
    `${bad} of ${Math.max(rows, bad)} rows cannot be imported. Nothing was imported; correct them and import the whole file again.`,
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
  warnings: readonly string[];
}): CropsImported {
  const { rows, unchanged, added, decoded, records } = options;
  const scaled = decoded
    .filter((image) => image.width !== image.sourceWidth || image.height !== image.sourceHeight)
    .map((image) => ({
      row: image.row.row,
      from: [image.sourceWidth, image.sourceHeight] as [number, number],
      to: [image.width, image.height] as [number, number],
    }));
  const duplicates = duplicatesAmong(decoded, records);
  const rowOf = new Map(decoded.map(({ row }) => [cropKey(row.value), row.row]));
  const warnings = [
    ...options.warnings,
    ...duplicates.map(({ crops, truthsDiffer }) => {
      const places = crops.map((each) => {
        const row = rowOf.get(cropKey(each));
        return `subject ${each.subject} node ${each.node} plane ${each.plane} (${row ? `row ${row}` : "in the study before"})`;
      });
      return `the same pixels: ${places.join(", ")}; their subjects always share a fold${truthsDiffer ? ", and their truths differ" : ""}`;
    }),
    ...(scaled.length > 0
      ? [`${scaled.length} of ${rows} images were larger than 299 px and were scaled down with their shape kept`]
      : []),
  ];
  return { rows, unchanged, added, scaled, duplicates, warnings };
}

/** Groups of more than one crop with the same pixels, where at least one comes from this manifest. */
function duplicatesAmong(decoded: readonly DecodedRow[], records: StudyRecords): CropsImported["duplicates"] {
  const groups = new Map<string, CropsImported["duplicates"][number]["crops"]>();
  for (const { pixelSha256 } of decoded) groups.set(pixelSha256, []);
  for (const { pixelSha256, subject, node, plane } of records.crops.values())
    groups.get(pixelSha256)?.push({ subject, node, plane });
  return [...groups]
    .filter(([, crops]) => crops.length > 1)
    .map(([pixelSha256, crops]) => {
      const truths = crops.map((each) => records.reports.get(records.nodes.get(nodeKey(each))?.id ?? "")?.result);
      return { pixelSha256, crops, truthsDiffer: truths.includes("positive") && truths.includes("negative") };
    });
}
