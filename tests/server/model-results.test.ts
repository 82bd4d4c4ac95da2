import { randomUUID } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlLabels } from "@/core/splits/shuffle-labels";
import { clusteredAuc, compareClusteredAuc } from "@/core/stats/clustered/clustered-auc";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import { openDoor } from "@/db/actor";
import { cropScore, freezeSweep, modelRun, runFold, runTask } from "@/db/schema";
import { trainCommand } from "@/scripts/cli/commands/train";
import type { StudyActor } from "@/server/door";
import { comparison } from "@/server/schemas/analysis";
import {
  runComparison,
  runResult as runResultSchema,
  scoredCrop,
  sweepResult as sweepSchema,
  trainInput,
} from "@/server/schemas/model";
import { type NetworkRegimen, paperNetwork, type Regimen } from "@/server/schemas/regimen";
import { compareStudy } from "@/server/services/analysis/compare-study";
import { type LabelledCrop, labelledCrops } from "@/server/services/analysis/labelled-crops";
import { lockStudy } from "@/server/services/lock/lock-study";
import { compareRuns } from "@/server/services/model/compare-runs";
import { findTasks, takeTaskFile } from "@/server/services/model/find-tasks";
import { importScores } from "@/server/services/model/import-scores";
import { insertSnapshot } from "@/server/services/model/insert-snapshot";
import { modelCard, takeModelCard } from "@/server/services/model/model-card";
import { regimenFor } from "@/server/services/model/regimen-for";
import { commandFor, convolutionsInBlocks } from "@/server/services/model/regimen-in-words";
import { requestTask } from "@/server/services/model/request-task";
import { runResult } from "@/server/services/model/run-result";
import { scoredCropsOf } from "@/server/services/model/scored-crops";
import { sweepResult } from "@/server/services/model/sweep-result";
import { sha256 } from "@/server/storage";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, type MadeStudy, makeStudy, report } from "@/tests/support/study";
import { blockNames, convolutionsThrough } from "@/worker/inception/network";

const database = await freshDatabase();
const { door } = database;
const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 2 });
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(async () => {
  await workerDoor.close();
  await admin.end();
});

const folds = 3;
/** Patients 1 to 6, of whom the odd ones are positive: two a fold. */
const foldOfPatient = (subject: string, subjects: readonly string[]) => Math.floor(subjects.indexOf(subject) / 2);

async function filledStudy(): Promise<MadeStudy> {
  const study = await makeStudy({ door, ownerUrl: database.owner });
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

const lock = ({ members: { principal_investigator: pi } }: MadeStudy) =>
  door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "No readers in this test" }));

let study: MadeStudy;
let scientist: StudyActor;
let crops: LabelledCrop[];
let subjects: string[];
beforeAll(async () => {
  study = await filledStudy();
  await lock(study);
  scientist = study.members.data_scientist;
  crops = await act((tx) => labelledCrops(tx, scientist));
  subjects = [...new Set(crops.map(({ subject }) => subject))];
});

type Work<T> = Parameters<typeof door.withActor<T>>[1];
const act = <T>(fn: Work<T>) => door.withActor(scientist, fn);
const asWorker = <T>(fn: Work<T>) =>
  workerDoor.withActor(
    { role: "worker", personId: null, studyId: study.studyId, siteId: null, membershipId: null },
    fn,
  );

/** The SQLSTATE of a refusal, or "done". */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? String(error),
  );

const fineTuning: NetworkRegimen = {
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
const ofSizes: Regimen = {
  trainable: "baseline",
  baseline: "short-axis",
  folds,
  splitUnit: "patient",
  threshold: 0.5,
  seed: 1,
  shuffledLabels: false,
  optimiser: { kind: "logistic", c: 1, epochs: 500 },
};

const foldOf = ({ subject }: LabelledCrop) => foldOfPatient(subject, subjects);

async function snapshot(
  options: { crops?: LabelledCrop[]; splitUnit?: "patient" | "image"; leakage?: object | null } = {},
): Promise<string> {
  const own = options.crops ?? crops;
  const byId = new Map(own.map((crop) => [crop.cropId, foldOf(crop)]));
  const { snapshotId } = await act((tx) =>
    insertSnapshot(tx, scientist, {
      splitUnit: options.splitUnit ?? "patient",
      folds,
      seed: 1,
      leakage: options.leakage ?? null,
      nearDuplicates: [],
      crops: own,
      foldOf: (cropId) => byId.get(cropId) ?? 0,
    }),
  );
  return snapshotId;
}

interface Made {
  snapshotId: string;
  config?: Regimen;
  state?: "queued" | "done" | "failed";
  companionOf?: string;
  sweepId?: string;
  /** Null: no score. */
  score?: (crop: LabelledCrop, index: number) => { score: number; fold?: number } | null;
  /** Threshold, tuning AUC and whether a model is kept, by fold. */
  records?: { fold: number; threshold?: number; tuningAuc?: number | null; model?: boolean }[];
}

const model = "a".repeat(64);

/** A run as it comes about: asked for by the data scientist, finished by the worker. */
async function makeRun({ snapshotId, config = fineTuning, state = "done", companionOf, sweepId, ...of }: Made) {
  const runId = randomUUID();
  await act((tx) =>
    tx.insert(modelRun).values({ id: runId, studyId: study.studyId, snapshotId, config, companionOf, sweepId }),
  );
  if (state === "queued") return runId;
  await asWorker(async (tx) => {
    const about = { runId, studyId: study.studyId };
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
          modelSha256: kept ? model : null,
        })),
      );
    const scores = crops.flatMap((crop, index) => {
      const scored = (of.score ?? plain)(crop, index);
      return scored ? [{ ...about, cropId: crop.cropId, score: scored.score, fold: scored.fold ?? foldOf(crop) }] : [];
    });
    if (scores.length > 0) await tx.insert(cropScore).values(scores);
    await tx.update(modelRun).set({ state, endedAt: new Date() }).where(eq(modelRun.id, runId));
  });
  return runId;
}

/** Between 0 and 1, with ties, better than chance. */
const plain = (crop: LabelledCrop, index: number): { score: number; fold?: number } => ({
  score: ((index * 7) % 10) / 20 + crop.truth * 0.3,
});
const other: typeof plain = (crop, index) => ({ score: ((index * 3) % 8) / 16 + crop.truth * 0.2 });

const listed = (score: typeof plain, of = crops) => ({
  truth: of.map(({ truth }) => truth),
  score: of.map((crop) => score(crop, crops.indexOf(crop)).score),
  cluster: of.map(({ subject }) => subject),
});

describe("the figures of a run", () => {
  test("of a control are by the exchanged labels that it learned, by which a leak shows", async () => {
    const config = { ...fineTuning, shuffledLabels: true };
    const labels = controlLabels(
      crops.map(({ cropId, subject, node, truth }) => ({ id: cropId, subject, node, truth })),
      config.seed,
    );
    expect(crops.some(({ cropId, truth }) => labels.get(cropId) !== truth)).toBe(true);
    // A network that only recognises siblings gives back what it was told of them.
    const recognises = (crop: LabelledCrop) => ({ score: labels.get(crop.cropId) === 1 ? 0.9 : 0.1 });
    const snapshotId = await snapshot();
    const aucOf = async (of: Regimen) => {
      const runId = await makeRun({ snapshotId, config: of, score: recognises });
      return (await act((tx) => runResult(tx, scientist, { runId }))).auc.estimate;
    };
    expect(await aucOf(config)).toBe(1);
    expect(await aucOf(fineTuning)).toBeLessThan(1);
  });

  test("are those of core/stats on its out-of-fold scores, each called by the threshold of its fold", async () => {
    const thresholds = [0.2, 0.5, 0.7];
    const runId = await makeRun({
      snapshotId: await snapshot(),
      records: thresholds.map((threshold, fold) => ({ fold, threshold })),
    });
    const result = runResultSchema.parse(await act((tx) => runResult(tx, scientist, { runId })));
    const { truth, score, cluster } = listed(plain);
    const direct = clusteredAuc({ truth, score, cluster, direction: "higher" }).auc;
    expect(result.auc).toMatchObject({ estimate: direct.estimate, lower: direct.lower, upper: direct.upper, n: 18 });
    expect(result.auc.method).toBe(
      "empirical AUC of out-of-fold scores, Obuchowski, logit scale; clustered by patient",
    );

    const calls = crops.map((crop, i) => Number((score[i] ?? 0) >= (thresholds[foldOf(crop)] ?? 2)));
    const own = crops.flatMap((crop, i) => (crop.truth === 1 ? [i] : []));
    const sensitivity = clusteredProportion({
      outcome: own.map((i) => calls[i] ?? 0),
      cluster: own.map((i) => cluster[i] ?? ""),
    }).proportion;
    expect(result.sensitivity).toMatchObject({
      estimate: sensitivity.estimate,
      lower: sensitivity.lower,
      upper: sensitivity.upper,
    });
    expect(result).toMatchObject({ n: 18, patients: 6, positive: 9 });
    expect(result.tp + result.fn + result.tn + result.fp).toBe(18);
    expect(result.tp + result.fp).toBe(calls.filter((call) => call === 1).length);
  });

  test("take the regimen's threshold where the folds have no record", async () => {
    const runId = await makeRun({ snapshotId: await snapshot() });
    const { tp, fp } = await act((tx) => runResult(tx, scientist, { runId }));
    const positive = crops.filter((crop, i) => plain(crop, i).score >= 0.5);
    expect(tp + fp).toBe(positive.length);
  });

  test("leave out crops outside the snapshot and scores of the model trained on everything, and say what is missing", async () => {
    const inside = crops.slice(0, 15);
    const runId = await makeRun({
      snapshotId: await snapshot({ crops: inside }),
      // The last three lie outside; the first is in the snapshot, but was scored by the final model.
      score: (crop, index) => ({ ...plain(crop, index), fold: index === 0 || index >= 16 ? -1 : foldOf(crop) }),
    });
    const result = await act((tx) => runResult(tx, scientist, { runId }));
    const counted = inside.slice(1);
    expect(result.n).toBe(14);
    expect(result.auc.estimate).toBe(clusteredAuc({ ...listed(plain, counted), direction: "higher" }).auc.estimate);
    expect(result.auc).toMatchObject({
      caution: expect.stringContaining("1 of 15 images of the snapshot have no score"),
    });

    const scored = scoredCrop.array().parse(await act((tx) => scoredCropsOf(tx, scientist, { runId })));
    expect(scored).toHaveLength(18);
    expect(scored.filter(({ fold }) => fold === -1)).toHaveLength(3);
    expect(scored.filter(({ truth }) => truth === null)).toHaveLength(3);
  });

  test("of one class only are an estimate with a reason", async () => {
    const positives = crops.filter(({ truth }) => truth === 1);
    const runId = await makeRun({ snapshotId: await snapshot({ crops: positives }) });
    const result = runResultSchema.parse(await act((tx) => runResult(tx, scientist, { runId })));
    expect(result.auc).toMatchObject({ estimate: null, reason: "there is no negative image" });
    expect(result.specificity).toMatchObject({ estimate: null });
    expect(result.sensitivity.estimate).not.toBeNull();
  });

  test("are refused with a remedy while there are none", async () => {
    const snapshotId = await snapshot();
    const of = (runId: string) => act((tx) => runResult(tx, scientist, { runId }));
    await expect(of(await makeRun({ snapshotId, state: "queued" }))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("still in the queue"),
    });
    await expect(of(await makeRun({ snapshotId, state: "failed", score: () => null }))).rejects.toThrow(/Resume it/);
    await expect(of(randomUUID())).rejects.toMatchObject({ code: "not_found" });
    expect((await of(await makeRun({ snapshotId }))).n).toBe(18);
  });

  test("carry the leak of a split by image wherever they go", async () => {
    const leakage = { unit: "image", heldOut: 18, sameSubject: 16, sameNode: 16, duplicate: 0, nearDuplicate: 2 };
    const runId = await makeRun({
      snapshotId: await snapshot({ splitUnit: "image", leakage }),
      config: { ...fineTuning, splitUnit: "image" },
    });
    const caution = expect.stringContaining(
      "split by image, as published: leaks; 16 of 18 held-out images have an image of the same patient in training",
    );
    const result = await act((tx) => runResult(tx, scientist, { runId }));
    for (const figure of [result.auc, result.sensitivity, result.specificity, result.accuracy])
      expect(figure).toMatchObject({ caution });
    const compared = comparison.parse(await act((tx) => compareStudy(tx, scientist, { runId })));
    expect(compared.about.run).toMatchObject({
      splitUnit: "image",
      trainable: "network",
      leakage,
      cautions: [caution],
    });
    expect(compared.rows.find(({ reader }) => reader === "network")?.auc).toMatchObject({ caution });
    const { differences } = await act(async (tx) =>
      compareRuns(tx, scientist, { runIds: [runId, (await otherRun()).id] }),
    );
    expect(differences[0]?.difference).toMatchObject({ caution });
    const { markdown } = await act((tx) => modelCard(tx, scientist, { runId }));
    expect(markdown).toContain("**By image, as published: leaks.**");
    expect(markdown).toContain("| an image of the same patient | 16 of 18 | 88.9 % |");

    const honest = await act(async (tx) => runResult(tx, scientist, { runId: (await otherRun()).id }));
    expect(honest.auc).toMatchObject({ caution: expect.not.stringContaining("leaks") });
  });
});

let kept: string | undefined;
/** A run split by patient, with the other scores. */
async function otherRun() {
  kept ??= await makeRun({ snapshotId: await snapshot(), score: other });
  return { id: kept };
}

describe("runs beside each other", () => {
  test("differ in AUC as core/stats says, on the crops that both scored", async () => {
    const snapshotId = await snapshot();
    const first = await makeRun({ snapshotId });
    const second = await makeRun({ snapshotId, score: (crop, i) => (i === 0 ? null : other(crop, i)) });
    const queued = await makeRun({ snapshotId, state: "queued" });
    const { rows, differences } = runComparison.parse(
      await act((tx) => compareRuns(tx, scientist, { runIds: [first, second, queued, first] })),
    );
    expect(rows.map(({ run, result }) => [run.id, result?.n ?? null])).toEqual([
      [first, 18],
      [second, 17],
      [queued, null],
    ]);
    const common = crops.slice(1);
    const { truth, cluster, score } = listed(plain, common);
    const direct = compareClusteredAuc({
      truth,
      cluster,
      first: score,
      second: listed(other, common).score,
      direction: "higher",
      tail: "two-sided",
    });
    const { lower, upper, estimate } = direct.difference;
    expect(differences).toEqual([
      expect.objectContaining({
        first,
        second,
        n: 17,
        p: direct.p,
        difference: expect.objectContaining({ estimate, lower, upper }),
      }),
    ]);
  });

  test("are of one study: a run of another is not found", async () => {
    const twin = await filledStudy();
    await lock(twin);
    const { data_scientist: stranger } = twin.members;
    const here = (await otherRun()).id;
    await expect(door.withActor(stranger, (tx) => compareRuns(tx, stranger, { runIds: [here] }))).rejects.toMatchObject(
      {
        code: "not_found",
      },
    );
    expect((await act((tx) => compareRuns(tx, scientist, { runIds: [here] }))).rows).toHaveLength(1);
  });
});

describe("a sweep of depths", () => {
  const depth = (frozen: number): Regimen => ({ ...fineTuning, frozen });
  const tuning = (aucs: readonly (number | null)[]) =>
    aucs.map((tuningAuc, fold) => ({ fold, tuningAuc, threshold: 0.5 }));

  async function sweep(runs: { frozen: number; tuned: (number | null)[]; state?: "queued"; score?: Made["score"] }[]) {
    const snapshotId = await snapshot();
    const sweepId = randomUUID();
    await act((tx) => tx.insert(freezeSweep).values({ id: sweepId, studyId: study.studyId, snapshotId }));
    for (const { frozen, tuned, state, score } of runs)
      await makeRun({
        snapshotId,
        sweepId,
        config: depth(frozen),
        records: tuning(tuned),
        ...(state && { state }),
        ...(score && { score }),
      });
    return sweepSchema.parse(await act((tx) => sweepResult(tx, scientist, { sweepId })));
  }

  test("chooses in each fold by the tuning part, ties to fewer trained layers, and judges the chosen scores", async () => {
    const result = await sweep([
      { frozen: 5, tuned: [0.8, 0.6, 0.7], score: other },
      { frozen: 0, tuned: [0.7, 0.9, 0.7] },
    ]);
    expect(result.depths.map(({ run }) => run.config)).toMatchObject([{ frozen: 0 }, { frozen: 5 }]);
    expect(result.depths[0]?.tuningAuc).toBeCloseTo((0.7 + 0.9 + 0.7) / 3, 12);
    expect(result.nested?.chosen).toEqual([
      { fold: 0, frozen: 5, tuningAuc: 0.8 },
      { fold: 1, frozen: 0, tuningAuc: 0.9 },
      { fold: 2, frozen: 5, tuningAuc: 0.7 },
    ]);
    const { truth, cluster } = listed(plain);
    const score = crops.map((crop, i) => (foldOf(crop) === 1 ? plain(crop, i) : other(crop, i)).score);
    const direct = clusteredAuc({ truth, score, cluster, direction: "higher" }).auc;
    expect(result.nested?.result).toMatchObject({
      n: 18,
      auc: {
        estimate: direct.estimate,
        lower: direct.lower,
        upper: direct.upper,
        caution: expect.stringContaining("models of different depths are pooled"),
      },
    });
    expect(result.nestedReason).toBeNull();
  });

  test("has no nested figure while a depth is missing, or a tuning part is", async () => {
    const waiting = await sweep([
      { frozen: 0, tuned: [0.7, 0.7, 0.7] },
      { frozen: 3, tuned: [], state: "queued" },
    ]);
    expect(waiting).toMatchObject({ nested: null, nestedReason: expect.stringContaining("3 (queued)") });
    expect(waiting.depths.map(({ result }) => result?.n ?? null)).toEqual([18, null]);
    const untuned = await sweep([
      { frozen: 0, tuned: [0.7, 0.7, 0.7] },
      { frozen: 3, tuned: [0.7, null, 0.7] },
    ]);
    expect(untuned).toMatchObject({ nested: null, nestedReason: expect.stringContaining("Fold 2 has no AUC") });
    expect(untuned.depths[1]?.tuningAuc).toBeNull();
    await expect(act((tx) => sweepResult(tx, scientist, { sweepId: randomUUID() }))).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("the comparison with readers", () => {
  test("never takes a control, a baseline, a depth of a sweep or an import by itself, and takes thresholds by fold", async () => {
    const snapshotId = await snapshot();
    const chosen = await makeRun({
      snapshotId,
      records: [0, 1, 2].map((fold) => ({ fold, threshold: fold === 0 ? 0.2 : 0.7 })),
    });
    const sweepId = randomUUID();
    await act((tx) => tx.insert(freezeSweep).values({ id: sweepId, studyId: study.studyId, snapshotId }));
    const passedOver = [
      await makeRun({ snapshotId, companionOf: chosen, config: { ...fineTuning, sizeBlind: true } }),
      await makeRun({ snapshotId, config: { ...fineTuning, shuffledLabels: true } }),
      await makeRun({ snapshotId, config: ofSizes }),
      await makeRun({ snapshotId, sweepId }),
      await makeRun({ snapshotId, state: "queued" }),
      (await act((tx) => importScores(tx, scientist, file(rows(crops, 0.111))))).runId,
    ];
    const byItself = comparison.parse(await act((tx) => compareStudy(tx, scientist)));
    expect(byItself.about.run).toMatchObject({
      id: chosen,
      folds: 3,
      cautions: [],
      foldThresholds: [
        { fold: 0, threshold: 0.2 },
        { fold: 1, threshold: 0.7 },
        { fold: 2, threshold: 0.7 },
      ],
    });
    const { auc, tp, fp, sensitivity } = await act((tx) => runResult(tx, scientist, { runId: chosen }));
    expect(byItself.rows.find(({ reader }) => reader === "network")).toMatchObject({ auc, tp, fp, sensitivity });

    const asked = (runId: string) => act((tx) => compareStudy(tx, scientist, { runId }));
    const imported = passedOver.at(-1) ?? "";
    expect((await asked(imported)).about.run).toMatchObject({ id: imported, trainable: "elsewhere", folds: 0 });
    expect((await asked(passedOver[0] ?? "")).about.run).toMatchObject({ id: passedOver[0] });
    await expect(asked(passedOver[4] ?? "")).rejects.toMatchObject({ code: "not_found" });
    await expect(asked(randomUUID())).rejects.toMatchObject({ code: "not_found" });
  });
});

const header = "subject,node,plane,score";
const rows = (of: readonly LabelledCrop[], start = 0.1) =>
  of.map(
    ({ subject, node, plane, truth }, i) => `${subject},${node},${plane},${(start + truth * 0.4 + i / 100).toFixed(4)}`,
  );
const file = (lines: readonly string[], changes: { csv?: string; threshold?: number } = {}) => ({
  fileName: "their scores.csv",
  csv: [header, ...lines].join("\n"),
  provenance: "Somebody's ResNet, PyTorch 2.4, on 900 nodes of another hospital",
  threshold: 0.5,
  ...changes,
});

describe("scores of a model trained elsewhere", () => {
  test("become a finished run of their own, once a file, with the file's hash in the audit trail", async () => {
    const csv = `\uFEFF${[header, ...rows(crops).toReversed()].join("\r\n")}\r\n`;
    const { runId } = await act((tx) => importScores(tx, scientist, file([], { csv })));
    const result = await act((tx) => runResult(tx, scientist, { runId }));
    expect(result).toMatchObject({ n: 18, patients: 6, positive: 9, fp: 0 });
    expect(result.auc).toMatchObject({ caution: expect.stringContaining("trained elsewhere") });
    const [event] = await admin<{ detail: { sha256: string; images: number } }[]>`
      select detail from audit_event where action = 'scores.imported' and entity_id = ${runId}`;
    expect(event?.detail).toMatchObject({ sha256: sha256(new TextEncoder().encode(csv)), images: 18 });

    const count = async () => (await act((tx) => tx.select().from(modelRun))).length;
    const before = await count();
    expect(await act((tx) => importScores(tx, scientist, file([], { csv })))).toEqual({ runId });
    await expect(act((tx) => importScores(tx, scientist, file([], { csv, threshold: 0.3 })))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(runId),
    });
    expect(await count()).toBe(before);

    const { markdown } = await act((tx) => modelCard(tx, scientist, { runId }));
    expect(markdown).toContain("Somebody's ResNet, PyTorch 2.4");
    expect(markdown).toContain("Nothing was split here.");
  });

  test("come all or not at all, with every problem named by its row", async () => {
    const [first = "", second = "", , ...rest] = rows(crops, 0.2);
    const place = (line: string) => line.split(",").slice(0, 3).join(",");
    const bad = file([
      first,
      `${place(second)},high`,
      first,
      "nobody,1,axial,0.5",
      ...rest.slice(1),
      `${place(rest[0] ?? "")},1.5`,
    ]);
    const runs = async () => (await act((tx) => tx.select().from(modelRun))).length;
    const before = await runs();
    const problems = await act((tx) => importScores(tx, scientist, bad)).catch((error) => error.problems);
    const third = crops[2];
    expect(problems).toEqual([
      expect.stringMatching(/^row 3: score "high" is not a number/),
      expect.stringMatching(/^row 4: subject .* is in row 2 already/),
      expect.stringMatching(/^row 5: there is no image of subject nobody node 1 plane axial/),
      expect.stringMatching(/^row 20: score 1.5 lies outside 0 to 1/),
      `subject ${third?.subject} node ${third?.node} plane ${third?.plane} has no row`,
    ]);
    expect(await runs()).toBe(before);
    const extra = file([], { csv: [`${header},comment`, ...rows(crops, 0.2).map((line) => `${line},x`)].join("\n") });
    await expect(act((tx) => importScores(tx, scientist, extra))).rejects.toMatchObject({
      problems: [expect.stringContaining('column "comment"')],
    });
    await expect(act((tx) => importScores(tx, scientist, file(["a,b,c"], { csv: "a,b\n1,2" })))).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await runs()).toBe(before);
  });

  test("wait for the lock", async () => {
    const open = await makeStudy({ door, ownerUrl: database.owner });
    const { data_scientist: early } = open.members;
    await expect(door.withActor(early, (tx) => importScores(tx, early, file(rows(crops))))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("locked"),
    });
  });
});

describe("a model card", () => {
  test("says from the records what the model is, what it was compared with and what must not be done with it", async () => {
    const snapshotId = await snapshot();
    const runId = await makeRun({
      snapshotId,
      records: [-1, 0, 1, 2].map((fold) => ({ fold, threshold: 0.4, tuningAuc: 0.75, model: true })),
    });
    const shuffled = await makeRun({
      snapshotId,
      companionOf: runId,
      config: { ...fineTuning, shuffledLabels: true },
      score: other,
    });
    const baseline = await makeRun({ snapshotId, companionOf: runId, config: ofSizes, state: "queued" });
    const card = () => act((tx) => modelCard(tx, scientist, { runId }));
    const { name, markdown } = await card();
    expect(name).toBe(`${study.slug}-run-${runId.slice(0, 8)}-card.md`);
    const taken = () => admin`select 1 from audit_event where action = 'run.file_taken' and entity_id = ${runId}`;
    expect(await taken(), "looking at it takes no file").toHaveLength(0);
    expect(await act((tx) => takeModelCard(tx, scientist, { runId }))).toEqual({ name, markdown });
    expect(await taken()).toHaveLength(1);
    const headings = [...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(headings).toEqual([
      "Model details",
      "Intended use",
      "Factors",
      "Metrics",
      "Evaluation data",
      "Training data",
      "Quantitative analyses",
      "Ethical considerations",
      "Caveats and recommendations",
      "How to repeat",
    ]);
    for (const part of [
      "Not for clinical use",
      "26 of 94 convolutions",
      "convolutions 1 to 3 of 94",
      "This is not ImageNet",
      "micro-batches of 16",
      "nothing leaks by the split",
      "prevalence 50.0 %",
      `| all (final model) | \`${model}\` |`,
      "| 1 | 2 | 2 | 0.400 | 0.750 | - | 12 | 3 |",
      `labels exchanged (should lie near 0.5) | \`${shuffled}\``,
      `short axis alone | \`${baseline}\` | - | - | - | - | - | - | not done: queued |`,
      "never been judged on images it has not seen",
      "--trainable network --folds 3",
      "Obuchowski",
    ])
      expect(markdown).toContain(part);
    expect(markdown).not.toContain("undefined");
    expect((await card()).markdown).toBe(markdown);
    await expect(act((tx) => modelCard(tx, scientist, { runId: baseline }))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("gives a command that asks for the very regimen", () => {
    const config: Regimen = {
      ...fineTuning,
      sizeBlind: true,
      flipVertical: false,
      splitUnit: "node",
      rotationDegrees: 12.5,
    };
    const command = trainCommand();
    const [, , , , , ...options] = commandFor(config, "some-study")?.split(" ") ?? [];
    expect(command.parseOptions(options).unknown).toEqual([]);
    const { study: name, ...asked } = command.opts();
    expect(name).toBe("some-study");
    expect(regimenFor(fineTuning, trainInput.parse(asked))).toEqual(config);
  });

  test("counts the convolutions in frozen blocks as the network does", () => {
    expect(convolutionsInBlocks).toEqual([0, ...blockNames.slice(1).map((name) => convolutionsThrough(name))]);
  });
});

describe("what a finished run is asked for", () => {
  const everyFold = [-1, 0, 1, 2].map((fold) => ({ fold, model: true }));
  const cropId = () => crops[0]?.cropId ?? "";
  const ask = (task: Parameters<typeof requestTask>[2]) => act((tx) => requestTask(tx, scientist, task));

  test("is queued with its job, and an explanation or file that is there is not made again", async () => {
    const runId = await makeRun({ snapshotId: await snapshot(), records: everyFold });
    const explain = { kind: "explain", runId, cropId: cropId(), variant: "grad-cam" } as const;
    const { taskId } = await ask(explain);
    const [job] = await admin`select name, data from pgboss.job where id = ${taskId}`;
    expect(job).toMatchObject({ name: "task", data: { taskId, studyId: study.studyId } });
    const [event] =
      await admin`select detail from audit_event where action = 'run.task_queued' and entity_id = ${taskId}`;
    expect(event?.detail).toMatchObject({ run: runId, kind: "explain" });
    const fileOf = (id: string) => act((tx) => takeTaskFile(tx, scientist, { taskId: id }));
    await expect(fileOf(taskId)).rejects.toMatchObject({ code: "conflict" });

    const end = (values: Partial<typeof runTask.$inferInsert>) =>
      asWorker((tx) => tx.update(runTask).set(values).where(eq(runTask.id, taskId)));
    const result = { resultSha256: "b".repeat(64), resultType: "image/png", resultName: "crop.png" };
    await end({ state: "done", ...result });
    expect(await ask(explain)).toEqual({ taskId });
    expect(await fileOf(taskId)).toEqual({ sha256: result.resultSha256, mediaType: "image/png", name: "crop.png" });
    const taken = await admin`select detail from audit_event where action = 'run.file_taken' and entity_id = ${taskId}`;
    expect(taken.map(({ detail }) => detail)).toEqual([{ kind: "explain", sha256: result.resultSha256 }]);
    expect((await ask({ ...explain, variant: "occlusion" })).taskId).not.toBe(taskId);
    await end({ state: "failed", error: "out of memory" });
    expect((await ask(explain)).taskId).not.toBe(taskId);
    expect(await ask({ kind: "export", runId, variant: "onnx" })).toEqual({ taskId: expect.any(String) });

    const tasks = await act((tx) => findTasks(tx, scientist, { runId }));
    expect(tasks.map(({ kind, variant, state }) => `${kind} ${variant} ${state}`).toSorted()).toEqual([
      "explain grad-cam failed",
      "explain grad-cam queued",
      "explain occlusion queued",
      "export onnx queued",
    ]);
  });

  test("scores of new crops are asked for again once the last scoring is done", async () => {
    const runId = await makeRun({ snapshotId: await snapshot(), records: everyFold });
    const { taskId } = await ask({ kind: "score", runId });
    expect(await ask({ kind: "score", runId })).toEqual({ taskId });
    await asWorker((tx) => tx.update(runTask).set({ state: "done" }).where(eq(runTask.id, taskId)));
    expect((await ask({ kind: "score", runId })).taskId).not.toBe(taskId);
    await expect(act((tx) => takeTaskFile(tx, scientist, { taskId }))).rejects.toMatchObject({ code: "conflict" });
  });

  test("is refused without a run that is done, a score of the crop, or a model for it", async () => {
    const snapshotId = await snapshot();
    const explain = (runId: string, of = cropId()) =>
      ask({ kind: "explain", runId, cropId: of, variant: "grad-cam" }).then(
        () => "queued",
        (error: Error) => error.message,
      );
    const whole = await makeRun({ snapshotId, records: everyFold });
    expect(await explain(whole)).toBe("queued");
    expect(await explain(whole, randomUUID())).toMatch(/has not scored/);
    expect(await explain(await makeRun({ snapshotId, state: "queued" }))).toMatch(/still in the queue/);
    expect(await explain(randomUUID())).toMatch(/There is no run/);
    const partly = await makeRun({ snapshotId, records: [{ fold: 0 }, { fold: 1, model: true }] });
    expect(await explain(partly)).toMatch(/no model of fold 1/);
    const later = crops.find((crop) => foldOf(crop) === 1)?.cropId ?? "";
    expect(await explain(partly, later)).toBe("queued");
    await expect(ask({ kind: "export", runId: partly, variant: "tfjs" })).rejects.toThrow(/trained on everything/);
    expect(await explain(await makeRun({ snapshotId, config: ofSizes, records: everyFold }))).toMatch(/baseline/);
    const { runId } = await act((tx) => importScores(tx, scientist, file(rows(crops, 0.15))));
    expect(await explain(runId)).toMatch(/trained elsewhere/);
  });
});

describe("row policies", () => {
  const tables = ["run_fold", "run_task", "freeze_sweep"] as const;
  const seen = (actor: StudyActor, table: (typeof tables)[number]) =>
    door.withActor(actor, async (tx) => (await tx.execute(sql.raw(`select 1 from ${table}`))).length);

  test("a reader gets nothing of folds, tasks and sweeps; the investigator everything, after the lock only", async () => {
    const early = await filledStudy();
    const { principal_investigator: pi, reader, data_scientist: ds } = early.members;
    const [by, of] = [pi.personId, early.studyId];
    const [snapshotId, runId] = [randomUUID(), randomUUID()];
    await admin`insert into dataset_snapshot (id, study_id, split_unit, folds, seed, sha256, created_by) values (${snapshotId}, ${of}, 'patient', 3, 1, 'x', ${by})`;
    await admin`insert into model_run (id, study_id, snapshot_id, config, created_by) values (${runId}, ${of}, ${snapshotId}, ${admin.json({ trainable: "network" })}, ${by})`;
    await admin`insert into freeze_sweep (study_id, snapshot_id, created_by) values (${of}, ${snapshotId}, ${by})`;
    await admin`insert into run_fold (run_id, study_id, fold, epochs, chosen_epoch, threshold, training_images, tuning_images) values (${runId}, ${of}, 0, 1, 1, 0.5, 1, 0)`;
    await admin`insert into run_task (study_id, run_id, kind, created_by) values (${of}, ${runId}, 'score', ${by})`;
    for (const table of tables) {
      expect(await seen(pi, table), `${table} before the lock`).toBe(0);
      expect(await seen(ds, table), `${table} before the lock`).toBe(0);
    }
    await lock(early);
    for (const table of tables) {
      expect(await seen(pi, table), `${table} after the lock`).toBe(1);
      expect(await seen(ds, table), `${table} after the lock`).toBe(1);
      expect(await outcome(seen(reader, table)), `${table} for a reader`).toBe("42501");
      for (const role of ["coordinator", "pathologist", "locating_radiologist", "monitor"] as const)
        expect(await outcome(seen(early.members[role], table)), `${table} for the ${role}`).toBe("42501");
    }
    const { data_scientist: stranger } = study.members;
    await expect(
      door.withActor(stranger, async (tx) => (await tx.select().from(runFold).where(eq(runFold.studyId, of))).length),
    ).resolves.toBe(0);
  });

  test("a person makes up neither a score of a run nor a run that is done", async () => {
    const snapshotId = await snapshot();
    const runId = await makeRun({ snapshotId, score: () => null });
    const score = { studyId: study.studyId, cropId: crops[0]?.cropId ?? "", fold: 0, score: 0.9 };
    for (const actor of [scientist, study.members.principal_investigator])
      expect(
        await outcome(door.withActor(actor, (tx) => tx.insert(cropScore).values({ ...score, runId }))),
        actor.role,
      ).toBe("NW007");
    expect(await outcome(asWorker((tx) => tx.insert(cropScore).values({ ...score, runId })))).toBe("done");

    const run = { studyId: study.studyId, snapshotId, config: fineTuning };
    const insert = (values: Partial<typeof modelRun.$inferInsert>) =>
      outcome(act((tx) => tx.insert(modelRun).values({ ...run, ...values })));
    expect(await insert({ state: "done" })).toBe("NW007");
    expect(await insert({ figures: { seconds: 1 } })).toBe("NW007");
    expect(await insert({ environment: { engine: "native" } })).toBe("NW007");
    const task = (values: Partial<typeof runTask.$inferInsert>) =>
      outcome(
        act((tx) =>
          tx.insert(runTask).values({ studyId: study.studyId, runId, kind: "export", variant: "onnx", ...values }),
        ),
      );
    expect(await task({ state: "done" })).toBe("NW007");
    expect(await task({ resultSha256: "0".repeat(64) })).toBe("NW007");
    expect(await task({ runId: randomUUID() })).toBe("NW007");
    expect(await task({})).toBe("done");
    expect(await insert({})).toBe("done");
    expect(
      await outcome(
        act((tx) =>
          tx
            .update(modelRun)
            .set({ state: "done" })
            .where(and(eq(modelRun.id, runId), eq(modelRun.studyId, study.studyId))),
        ),
      ),
    ).toBe("42501");
    expect(
      await outcome(
        act((tx) =>
          tx.insert(runFold).values({
            runId,
            studyId: study.studyId,
            fold: 0,
            epochs: 1,
            chosenEpoch: 1,
            threshold: 0.1,
            trainingImages: 1,
            tuningImages: 0,
          }),
        ),
      ),
    ).toBe("42501");
  });

  test("the scores of an imported run are given once and never change", async () => {
    const { runId } = await act((tx) => importScores(tx, scientist, file(rows(crops, 0.12))));
    const again = { runId, studyId: study.studyId, cropId: crops[0]?.cropId ?? "", fold: -1, score: 0.99 };
    expect(await outcome(act((tx) => tx.insert(cropScore).values(again)))).toBe("23505");
    expect(await outcome(act((tx) => tx.update(cropScore).set({ score: 1 }).where(eq(cropScore.runId, runId))))).toBe(
      "42501",
    );
  });
});
