import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Regimen } from "@/core/protocol/regimen";
import { controlLabels } from "@/core/splits/shuffle-labels";
import { clusteredAuc } from "@/core/stats/clustered/clustered-auc";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import { runResult as runResultSchema, scoredCrop } from "@/server/schemas/model";
import type { LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import { compareRuns } from "@/server/services/model/compare-runs";
import { findRuns } from "@/server/services/model/find-runs";
import { findScoredCrops } from "@/server/services/model/find-scored-crops";
import { modelCard } from "@/server/services/model/model-card";
import { runResult } from "@/server/services/model/run-result";
import { compare, fineTuning, other, plain, studyForRuns } from "@/tests/support/model-runs";
import { saying } from "@/tests/support/said";

const { scientist, crops, act, judged, foldOf, snapshot, makeRun, listed } = await studyForRuns();

const figuresOf = async (runId: string) =>
  runResultSchema.parse((await judged((tx) => runResult(tx, scientist, { runId }))).result);

test("a run names whoever asked for it", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const [run] = await act((tx) => findRuns(tx, scientist, { runId }));
  expect(run?.createdBy).toBe("data_scientist");
});

describe("the figures of a run", () => {
  test("of a control are by the exchanged labels that it learned, by which a leak shows", async () => {
    const config = { ...fineTuning, shuffledLabels: true };
    const labels = controlLabels(
      crops.map((crop) => ({ ...crop, id: crop.cropId, fold: foldOf(crop) })),
      config.seed,
    );
    expect(crops.some(({ cropId, truth }) => labels.get(cropId) !== truth)).toBe(true);
    // A network that only recognises siblings gives back what it was told of them.
    const recognises = (crop: LabelledCrop) => ({ score: labels.get(crop.cropId) === 1 ? 0.9 : 0.1 });
    const snapshotId = await snapshot();
    const aucOf = async (of: Regimen) => {
      const runId = await makeRun({ snapshotId, config: of, score: recognises });
      return (await figuresOf(runId)).auc.estimate;
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
    const result = await figuresOf(runId);
    const { truth, score, cluster } = listed(plain);
    const direct = clusteredAuc({ truth, score, cluster, direction: "higher" }).auc;
    expect(result.auc).toMatchObject({ estimate: direct.estimate, lower: direct.lower, upper: direct.upper, n: 18 });
    expect(result.auc.method).toEqual(
      saying("empirical AUC of the network's scores, Obuchowski, logit scale; clustered by patient"),
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
    const { tp, fp } = await figuresOf(runId);
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
    const result = await figuresOf(runId);
    const counted = inside.slice(1);
    expect(result.n).toBe(14);
    expect(result.auc.estimate).toBe(clusteredAuc({ ...listed(plain, counted), direction: "higher" }).auc.estimate);
    expect(result.auc).toMatchObject({
      caution: saying(/1 of 15 images of the snapshot have no score/),
    });

    const scored = scoredCrop.array().parse(await act((tx) => findScoredCrops(tx, scientist, { runId })));
    expect(scored).toHaveLength(18);
    expect(scored.filter(({ fold }) => fold === -1)).toHaveLength(3);
    expect(scored.filter(({ truth }) => truth === null)).toHaveLength(3);
  });

  test("of one class only are an estimate with a reason", async () => {
    const positives = crops.filter(({ truth }) => truth === 1);
    const runId = await makeRun({ snapshotId: await snapshot({ crops: positives }) });
    const result = await figuresOf(runId);
    expect(result.auc).toMatchObject({ estimate: null, reason: saying("there is no negative image") });
    expect(result.specificity).toMatchObject({ estimate: null });
    expect(result.sensitivity.estimate).not.toBeNull();
  });

  test("are refused with a remedy while there are none", async () => {
    const snapshotId = await snapshot();
    const of = figuresOf;
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
    const caution = saying(
      /split by image, as published: leaks; 16 of 18 held-out images have an image of the same patient in training/,
    );
    const result = await figuresOf(runId);
    for (const figure of [result.auc, result.sensitivity, result.specificity, result.accuracy])
      expect(figure).toMatchObject({ caution });
    const compared = await act((tx) => compare(tx, scientist, { runId }));
    expect(compared.about.run).toMatchObject({
      splitUnit: "image",
      trainable: "network",
      leakage,
      cautions: [caution],
    });
    expect(compared.rows.find(({ reader }) => reader === "network")?.auc).toMatchObject({ caution });
    const otherRun = await makeRun({ snapshotId: await snapshot(), score: other });
    const { differences } = await judged((tx) => compareRuns(tx, scientist, { runIds: [runId, otherRun] }));
    expect(differences[0]?.difference).toMatchObject({ caution });
    const { card } = await judged((tx) => modelCard(tx, scientist, { runId, locale: "en" }));
    expect(card?.markdown).toContain("**By image, as published: leaks.**");
    expect(card?.markdown).toContain("| an image of the same patient | 16 of 18 | 88.9 % |");

    const honest = await figuresOf(otherRun);
    expect(honest.auc).toMatchObject({
      caution: expect.not.objectContaining({ key: expect.stringMatching(/caution\.by_/) }),
    });
  });
});
