import { and, eq, sql } from "drizzle-orm";
import { elsewhereRegimen, regimen } from "@/core/protocol/regimen";
import type { Said } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { hold } from "@/db/locks";
import { cropScore, job, modelRun } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError, firstOf } from "@/server/errors";
import { scoreCell, scoresRow } from "@/server/schemas/import";
import type { ImportScoresInput } from "@/server/schemas/model";
import { findLabelledCrops, type LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import { insertSnapshot } from "@/server/services/dataset/insert-snapshot";
import { sha256 } from "@/server/sha256";
import { asProblems, atRow, parseTable, type RowProblem } from "@/server/tables/parse-table";
import { cropKey, placeOf } from "@/server/tables/places";

const columns = ["subject", "node", "plane", "score"] as const;

/** What the command line writes beside its scores, so that such a file can come back: its truth must be the one on record. */
const writtenBeside = ["fold", "truth", "caution"] as const;

/** A model trained elsewhere was not split here: every image stands in no fold. */
const noFold = -1;
/** Rows beyond those of the study's images that are looked at: each is a problem, and a large file of them would keep everybody else waiting. */
const mostBeyond = 1_000;
/** The regimen's schema asks for a number of folds; the snapshot, which counts, has 0. */
const leastFolds = 2;

/**
 * Imports the scores that a model trained elsewhere gave to every image of the study, as a finished run of its own. Nothing is split, so the
 * snapshot has no folds, and wherever the run shows it says that it was trained elsewhere. All rows or none; the same file again is the run
 * that is there. Manages its own transactions: the file is read between them, and a truth that it holds against the one on record is a look at that, also
 * where the file is refused: it stays in the trail.
 * @throws AppError "conflict" before the lock, or when the same file is there with another threshold; "invalid" with the bad rows, their
 * numbers and the reasons, and with the images that have no score
 */
export async function importScores(actor: StudyActor, input: ImportScoresInput): Promise<{ runId: string }> {
  const bytes = new TextEncoder().encode(input.csv);
  const sourceSha256 = sha256(bytes);
  const { images, before } = await withActor(actor, async (tx) => ({
    images: (await cropsToScore(tx, actor)).length,
    before: await importedBefore(tx, actor, { ...input, sourceSha256 }),
  }));
  if (before) return before;
  const table = await parseTable(bytes, {
    schema: scoresRow,
    required: columns,
    others: writtenBeside,
    most: images + mostBeyond,
  });
  const imported = await withActor(actor, async (tx) => {
    await hold(tx, "imported scores of a study", actor.studyId);
    const crops = await cropsToScore(tx, actor);
    const before = await importedBefore(tx, actor, { ...input, sourceSha256 });
    if (before) return before;
    const { scores, problems, lines, holdsTruth } = matched(table, crops);
    if (holdsTruth)
      await record(tx, "figures.viewed", { entity: "study", entityId: actor.studyId, detail: { file: sourceSha256 } });
    if (lines.length > 0) return { refused: lines, problems };
    return insertRun(tx, actor, { ...input, sourceSha256, crops, scores });
  });
  if (!("refused" in imported)) return imported;
  const { refused, problems } = imported;
  throw new AppError("invalid", { key: "errors.scores_refused", values: { problems } }, [
    // A file of the wrong study is wrong in every row.
    ...firstOf(refused),
    ...(table.unread > 0 ? [{ key: "errors.rows_unread", values: { rows: table.unread } } as const] : []),
  ]);
}

async function cropsToScore(tx: Tx, actor: StudyActor): Promise<LabelledCrop[]> {
  const crops = await findLabelledCrops(tx, actor);
  if (crops.length === 0) throw new AppError("conflict", { key: "errors.nothing_to_score" });
  return crops;
}

async function insertRun(
  tx: Tx,
  actor: StudyActor,
  {
    fileName,
    provenance,
    threshold,
    sourceSha256,
    crops,
    scores,
  }: ImportScoresInput & { sourceSha256: string; crops: readonly LabelledCrop[]; scores: readonly Score[] },
): Promise<{ runId: string }> {
  const config = elsewhereRegimen.parse({
    trainable: "elsewhere",
    folds: leastFolds,
    splitUnit: "patient",
    threshold,
    provenance,
    sourceFile: fileName,
    sourceSha256,
  });
  const { snapshotId } = await insertSnapshot(tx, actor, {
    splitUnit: "patient",
    folds: 0,
    seed: config.seed,
    crops,
    foldOf: () => noFold,
  });
  const now = new Date();
  const total = crops.length;
  const [run] = await tx
    .insert(job)
    .values({
      studyId: actor.studyId,
      kind: "import",
      state: "done",
      done: total,
      total,
      startedAt: now,
      endedAt: now,
    })
    .returning({ id: job.id });
  if (!run) throw new AppError("unavailable", { key: "errors.run_not_saved_import" });
  await tx.insert(modelRun).values({ id: run.id, studyId: actor.studyId, snapshotId, config });
  await insertInChunks(
    tx,
    cropScore,
    scores.map(({ cropId, score }) => ({ runId: run.id, studyId: actor.studyId, cropId, fold: noFold, score })),
  );
  return { runId: run.id };
}

/** The run of the same file, where it is there. @throws AppError "conflict" when it is there with another threshold */
async function importedBefore(
  tx: Tx,
  actor: StudyActor,
  { sourceSha256, threshold }: { sourceSha256: string; threshold: number },
): Promise<{ runId: string } | null> {
  const [row] = await tx
    .select({ id: modelRun.id, config: modelRun.config })
    .from(modelRun)
    .where(and(eq(modelRun.studyId, actor.studyId), sql`${modelRun.config} ->> 'sourceSha256' = ${sourceSha256}`));
  if (!row) return null;
  const { threshold: before } = regimen.parse(row.config);
  if (before === threshold) return { runId: row.id };
  throw new AppError("conflict", {
    key: "errors.scores_other_threshold",
    values: { threshold: before, run: row.id },
  });
}

interface Score {
  cropId: string;
  score: number;
}

/**
 * One score for each crop, in the order of the study, or what is wrong with the file.
 * @returns problems: how many, in `lines`; holdsTruth: whether a truth was held against the one on record, equal or not
 */
function matched(
  table: Awaited<ReturnType<typeof parseTable<typeof scoresRow>>>,
  crops: readonly LabelledCrop[],
): { scores: Score[]; problems: number; lines: Said[]; holdsTruth: boolean } {
  const known = new Map(crops.map((crop) => [cropKey(crop), crop]));
  const taken = new Map<string, { row: number; score: number }>();
  const problems: RowProblem[] = [...table.problems];
  let holdsTruth = false;
  for (const { row, value, others } of table.rows) {
    const key = cropKey(value);
    const first = taken.get(key);
    const score = scoreCell.safeParse(value.score, { reportInput: true });
    const crop = known.get(key);
    if (crop && others.truth) holdsTruth = true;
    if (crop && others.truth && others.truth !== String(crop.truth))
      problems.push({
        row,
        reason: {
          key: "errors.scores_of_another_truth",
          values: { place: placeOf(value), here: others.truth, recorded: crop.truth },
        },
      });
    if (!crop)
      problems.push({
        row,
        reason: { key: "errors.image_not_labelled", values: { place: placeOf(value) } },
      });
    else if (first)
      problems.push({ row, reason: { key: "errors.image_twice", values: { place: placeOf(value), row: first.row } } });
    else taken.set(key, { row, score: score.data ?? Number.NaN });
    if (!score.success) problems.push(...score.error.issues.map((issue) => ({ row, reason: saidOf(issue) })));
  }
  const found = crops.map((crop) => ({ crop, score: taken.get(cropKey(crop))?.score }));
  const lacking = found
    .filter(({ score }) => score === undefined)
    .map(({ crop }): Said => ({ key: "errors.image_without_row", values: { place: placeOf(crop) } }));
  const unused = table.warnings.map((warning) => atRow(1, { key: "errors.column_take_out", values: { warning } }));
  return {
    scores: found.flatMap(({ crop, score }) => (score === undefined ? [] : [{ cropId: crop.cropId, score }])),
    problems: unused.length + problems.length + lacking.length,
    lines: [...unused, ...asProblems(problems), ...lacking],
    holdsTruth,
  };
}
