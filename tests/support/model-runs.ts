import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import postgres from "postgres";
import { afterAll } from "vitest";
import { type NetworkRegimen, paperNetwork, type Regimen } from "@/core/protocol/regimen";
import { type Door, openDoor, type Tx } from "@/db/actor";
import { analysis, analysisResult, cropScore, job, modelRun, runFold, runTask } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { comparison } from "@/server/schemas/analysis";
import type { PendingJudgement, Run } from "@/server/schemas/model";
import { compareStudy } from "@/server/services/analysis/compare-study";
import { comparisonQuestion } from "@/server/services/analysis/comparison-question";
import { computeAnalysis } from "@/server/services/analysis/compute-analysis";
import { loadAnalysis } from "@/server/services/analysis/load-analysis";
import { loadComparison } from "@/server/services/analysis/load-comparison";
import { findLabelledCrops, type LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import { insertSnapshot } from "@/server/services/dataset/insert-snapshot";
import { lockStudy } from "@/server/services/lock/lock-study";
import { onceJudged } from "@/server/services/model/once-judged";
import { freshDatabase } from "./database";
import { addPatient, type MadeStudy, makeStudy, report } from "./study";

const folds = 3;

/** The regimen of a run unless it names another: every layer trained, three folds, split by patient. */
export const fineTuning: NetworkRegimen = {
  ...paperNetwork,
  trainable: "network",
  folds,
  splitUnit: "patient",
  threshold: 0.5,
  seed: 1,
  shuffledLabels: false,
  architecture: "inception-v3",
  weights: "nsfwjs-4.4.0",
  inputSize: 299,
  sizeBlind: false,
  engine: "fastest",
};

/** The baseline on the short axis alone, on the same split. */
export const ofSizes: Regimen = {
  trainable: "baseline",
  baseline: "short-axis",
  folds,
  splitUnit: "patient",
  threshold: 0.5,
  seed: 1,
  shuffledLabels: false,
  optimiser: { kind: "logistic", c: 1, epochs: 500 },
};

/** The hash of every kept model: no file stands behind it. */
export const modelSha256 = "a".repeat(64);

/** The scores of a run unless it names others: between 0 and 1, with ties, better than chance. */
export const plain = (crop: LabelledCrop, index: number): { score: number; fold?: number } => ({
  score: ((index * 7) % 10) / 20 + crop.truth * 0.3,
});
/** Other scores of the same images, for a second run. */
export const other: typeof plain = (crop, index) => ({ score: ((index * 3) % 8) / 16 + crop.truth * 0.2 });

/** Reported patients 1 to 6, of whom the odd ones are positive, each with one node in three planes: 18 images, and no lock yet. */
export async function filledStudy({ door, owner }: { door: Door; owner: string }): Promise<MadeStudy> {
  const study = await makeStudy({ door, ownerUrl: owner });
  for (let seed = 1; seed <= 6; seed++) {
    const positive = seed % 2 === 1;
    const { nodeId } = await addPatient(door, study, {
      name: `Patient ${seed}`,
      shortAxisMm: 4 + seed,
      positive,
      seed,
    });
    await report(door, study, nodeId, positive ? "positive" : "negative");
  }
  return study;
}

/** A run with its job, which stands in no queue. */
export async function insertRun(
  tx: Tx,
  { id = randomUUID(), ...run }: Omit<typeof modelRun.$inferInsert, "id"> & { id?: string },
  of: Partial<typeof job.$inferInsert> = {},
): Promise<string> {
  await tx.insert(job).values({ id, studyId: run.studyId, kind: "train", ...of });
  await tx.insert(modelRun).values({ id, ...run });
  return id;
}

/** A task with its job, which stands in no queue. */
export async function insertTask(
  tx: Tx,
  { id = randomUUID(), ...task }: Omit<typeof runTask.$inferInsert, "id"> & { id?: string },
  of: Partial<typeof job.$inferInsert> = {},
): Promise<string> {
  await tx.insert(job).values({ id, studyId: task.studyId, kind: "task", ...of });
  await tx.insert(runTask).values({ id, ...task });
  return id;
}

/** Takes images out of a snapshot, as nobody can but the installation: a run of an earlier version could be of a part. */
export async function leaveOut(admin: postgres.Sql, snapshotId: string, cropIds: readonly string[]): Promise<void> {
  if (cropIds.length === 0) return;
  await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from dataset_item where snapshot_id = ${snapshotId} and crop_id = any(${[...cropIds]}::uuid[])`;
  });
}

/** Locks a study that nobody has read. */
export const lockUnread = (door: Door, { members: { principal_investigator: pi } }: MadeStudy) =>
  door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "No readers in this test" }));

/** A run to be made; what is left out is that of a finished fine-tuning with plain scores and no record of its folds. */
export interface RunToMake {
  snapshotId: string;
  config?: Regimen;
  state?: "queued" | "done" | "failed";
  companionOf?: string;
  sweepId?: string;
  /** Null: no score. */
  score?: (crop: LabelledCrop, index: number) => { score: number; fold?: number } | null;
  /** What it was made with, as the worker writes it. */
  environment?: NonNullable<Run["environment"]>;
  /** Threshold, tuning AUC and whether a model is kept, by fold. */
  records?: { fold: number; threshold?: number; tuningAuc?: number | null; model?: boolean }[];
}

/**
 * A locked study without a run, in a database of the test file's own, and what gives it runs without training one.
 * @returns the study, its data scientist (as whom `act` works) and its 18 labelled images; `asWorker` is the worker's login, `admin` sees
 * past every policy
 */
export async function studyForRuns() {
  const database = await freshDatabase();
  const { door } = database;
  const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 2 });
  const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
  afterAll(async () => {
    await workerDoor.close();
    await admin.end();
  });

  const study = await filledStudy(database);
  await lockUnread(door, study);
  const { data_scientist: scientist } = study.members;
  const act = <T>(fn: (tx: Tx) => Promise<T>) => door.withActor(scientist, fn);
  const asWorker = <T>(fn: (tx: Tx) => Promise<T>) =>
    workerDoor.withActor(
      { role: "worker", personId: null, studyId: study.studyId, siteId: null, membershipId: null },
      fn,
    );

  /** What the data scientist finds once the worker has computed the figures that it lacks. */
  const judged = <T extends { pending: PendingJudgement | null }>(find: (tx: Tx) => Promise<T>) =>
    onceJudged(scientist, find, (analysisId) => computeAs(asWorker, analysisId));

  const crops = await act((tx) => findLabelledCrops(tx, scientist));
  const subjects = [...new Set(crops.map(({ subject }) => subject))];
  /** Two patients a fold. */
  const foldOf = ({ subject }: LabelledCrop) => Math.floor(subjects.indexOf(subject) / 2);

  /** Images that are to go from snapshots once there is a run. */
  const beyond = new Map<string, string[]>();

  /** @param options.crops of a run of an earlier version, which was of a part of the images */
  async function snapshot(
    options: { crops?: LabelledCrop[]; splitUnit?: "patient" | "image"; leakage?: object | null } = {},
  ): Promise<string> {
    const own = options.crops ?? crops;
    const byId = new Map(crops.map((crop) => [crop.cropId, foldOf(crop)]));
    const { snapshotId } = await act((tx) =>
      insertSnapshot(tx, scientist, {
        splitUnit: options.splitUnit ?? "patient",
        folds,
        seed: 1,
        leakage: options.leakage ?? null,
        nearDuplicates: [],
        crops,
        foldOf: (cropId) => byId.get(cropId) ?? 0,
      }),
    );
    beyond.set(
      snapshotId,
      crops.filter((crop) => !own.includes(crop)).map(({ cropId }) => cropId),
    );
    return snapshotId;
  }

  /** A run as it comes about: asked for by the data scientist, finished by the worker. */
  async function makeRun({ snapshotId, config = fineTuning, state = "done", companionOf, sweepId, ...of }: RunToMake) {
    const runId = randomUUID();
    await act((tx) => insertRun(tx, { id: runId, studyId: study.studyId, snapshotId, config, companionOf, sweepId }));
    await leaveOut(admin, snapshotId, beyond.get(snapshotId) ?? []);
    if (state === "queued") return runId;
    await asWorker(async (tx) => {
      const about = { runId, studyId: study.studyId };
      if (of.environment) await tx.update(modelRun).set({ environment: of.environment }).where(eq(modelRun.id, runId));
      if (of.records)
        await tx.insert(runFold).values(
          of.records.map(({ fold, threshold = 0.5, tuningAuc = null, model: kept = false }) => ({
            ...about,
            fold,
            epochs: 2,
            chosenEpoch: 2,
            threshold,
            tuningAuc,
            trainingImages: 12,
            tuningImages: 3,
            modelSha256: kept ? modelSha256 : null,
          })),
        );
      const scores = crops.flatMap((crop, index) => {
        const scored = (of.score ?? plain)(crop, index);
        return scored
          ? [{ ...about, cropId: crop.cropId, score: scored.score, fold: scored.fold ?? foldOf(crop) }]
          : [];
      });
      if (scores.length > 0) await tx.insert(cropScore).values(scores);
      await tx.update(job).set({ state, endedAt: new Date() }).where(eq(job.id, runId));
    });
    return runId;
  }

  /** What `core/stats` takes: truth, score and patient of each image. */
  const listed = (score: typeof plain, of = crops) => ({
    truth: of.map(({ truth }) => truth),
    score: of.map((crop) => score(crop, crops.indexOf(crop)).score),
    cluster: of.map(({ subject }) => subject),
  });

  return { database, door, admin, study, scientist, crops, act, judged, asWorker, foldOf, snapshot, makeRun, listed };
}

/** Does what the worker does with an analysis, without a queue: it is loaded, computed outside any transaction, and stored. */
export async function computeAs(asWorker: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>, analysisId: string) {
  const input = await asWorker(async (tx) => {
    const [question] = await tx.select().from(analysis).where(eq(analysis.id, analysisId));
    if (!question) throw new Error(`There is no analysis ${analysisId}.`);
    return { studyId: question.studyId, of: await loadAnalysis(tx, question) };
  });
  const row = { analysisId, studyId: input.studyId, inputSha256: "0".repeat(64), result: computeAnalysis(input.of) };
  await asWorker(async (tx) => {
    await tx.insert(analysisResult).values(row);
    await tx.update(job).set({ state: "done", endedAt: new Date() }).where(eq(job.id, analysisId));
  });
}

/** The comparison as the worker computes it: loaded, then computed. */
export async function compare(tx: Tx, actor: StudyActor, options: { runId?: string | undefined } = {}) {
  const { question } = await comparisonQuestion(tx, actor, options);
  return comparison.parse(compareStudy(await loadComparison(tx, actor, question)));
}

/** The columns of a file of scores. */
export const scoreHeader = "subject,node,plane,score";
/** A row an image, scored better than chance; another `start` gives another file. */
export const scoreRows = (of: readonly LabelledCrop[], start = 0.1) =>
  of.map(
    ({ subject, node, plane, truth }, i) => `${subject},${node},${plane},${(start + truth * 0.4 + i / 100).toFixed(4)}`,
  );
/** A file of scores as it is imported, with these lines under the header. */
export const scoreFile = (lines: readonly string[], changes: { csv?: string; threshold?: number } = {}) => ({
  fileName: "their scores.csv",
  csv: [scoreHeader, ...lines].join("\n"),
  provenance: "Somebody's ResNet, PyTorch 2.4, on 900 nodes of another hospital",
  threshold: 0.5,
  ...changes,
});
