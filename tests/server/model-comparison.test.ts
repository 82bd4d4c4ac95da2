import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Regimen } from "@/core/protocol/regimen";
import { clusteredAuc, compareClusteredAuc } from "@/core/stats/clustered/clustered-auc";
import { freezeSweep } from "@/db/schema";
import { runComparison, runResult as runResultSchema, sweepResult as sweepSchema } from "@/server/schemas/model";
import { scoredCrops } from "@/server/services/analysis/scored-crops";
import { compareRuns } from "@/server/services/model/compare-runs";
import { importScores } from "@/server/services/model/import-scores";
import { runResult } from "@/server/services/model/run-result";
import { sweepResult } from "@/server/services/model/sweep-result";
import {
  compare,
  filledStudy,
  fineTuning,
  lockUnread,
  ofSizes,
  other,
  plain,
  type RunToMake,
  scoreFile,
  scoreRows,
  studyForRuns,
} from "@/tests/support/model-runs";
import { saying } from "@/tests/support/said";

const { database, door, study, scientist, crops, act, judged, foldOf, snapshot, makeRun, listed } =
  await studyForRuns();

describe("runs beside each other", () => {
  test("differ in AUC as core/stats says, on the crops that both scored", async () => {
    const snapshotId = await snapshot();
    const first = await makeRun({ snapshotId });
    const second = await makeRun({ snapshotId, score: (crop, i) => (i === 0 ? null : other(crop, i)) });
    const queued = await makeRun({ snapshotId, state: "queued" });
    const { rows, differences } = runComparison.parse(
      await judged((tx) => compareRuns(tx, scientist, { runIds: [first, second, queued, first] })),
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

  test("have no difference where one is a control, judged by labels of its own, and say why", async () => {
    const snapshotId = await snapshot();
    const control = await makeRun({ snapshotId, config: { ...fineTuning, shuffledLabels: true } });
    const [first, second] = [await makeRun({ snapshotId }), await makeRun({ snapshotId, score: other })];
    const between = async (runIds: string[]) =>
      runComparison.parse(await judged((tx) => compareRuns(tx, scientist, { runIds }))).differences;
    for (const runIds of [
      [first, control],
      [control, first],
    ])
      expect(await between(runIds)).toMatchObject([
        {
          n: 18,
          p: null,
          difference: {
            estimate: null,
            reason: saying("judged by exchanged labels, so there is no paired difference"),
          },
        },
      ]);

    const [there, back] = [...(await between([first, second])), ...(await between([second, first]))];
    expect(there?.difference.estimate).not.toBeNull();
    expect(back?.difference.estimate).toBeCloseTo(-(there?.difference.estimate ?? Number.NaN), 12);
    expect(back?.p).toBe(there?.p);
    const all = await between([first, control, second]);
    expect(all.map(({ p }) => p !== null)).toEqual([false, true, false]);
    expect(JSON.stringify(all), "the control adds no test to count").not.toContain("comparisons, P not adjusted");
  });

  test("are of one study: a run of another is not found", async () => {
    const twin = await filledStudy(database);
    await lockUnread(door, twin);
    const { data_scientist: stranger } = twin.members;
    const here = await makeRun({ snapshotId: await snapshot(), score: other });
    await expect(door.withActor(stranger, (tx) => compareRuns(tx, stranger, { runIds: [here] }))).rejects.toMatchObject(
      {
        code: "not_found",
      },
    );
    expect((await judged((tx) => compareRuns(tx, scientist, { runIds: [here] }))).rows).toHaveLength(1);
  });
});

describe("a sweep of depths", () => {
  const depth = (frozen: number): Regimen => ({ ...fineTuning, frozen });
  const tuning = (aucs: readonly (number | null)[]) =>
    aucs.map((tuningAuc, fold) => ({ fold, tuningAuc, threshold: 0.5 }));

  async function sweep(
    runs: { frozen: number; tuned: (number | null)[]; state?: "queued"; score?: RunToMake["score"] }[],
  ) {
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
    return sweepSchema.parse(await judged((tx) => sweepResult(tx, scientist, { sweepId })));
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
        caution: saying(/models of different depths are pooled/),
      },
    });
    expect(result.nestedReason).toBeNull();
  });

  test("has no nested figure while a depth is missing, or a tuning part is", async () => {
    const waiting = await sweep([
      { frozen: 0, tuned: [0.7, 0.7, 0.7] },
      { frozen: 3, tuned: [], state: "queued" },
    ]);
    expect(waiting).toMatchObject({ nested: null, nestedReason: saying(/3 \(queued\)/) });
    expect(waiting.depths.map(({ result }) => result?.n ?? null)).toEqual([18, null]);
    const untuned = await sweep([
      { frozen: 0, tuned: [0.7, 0.7, 0.7] },
      { frozen: 3, tuned: [0.7, null, 0.7] },
    ]);
    expect(untuned).toMatchObject({ nested: null, nestedReason: saying(/Fold 2 has no AUC/) });
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
      (await importScores(scientist, scoreFile(scoreRows(crops, 0.111)))).runId,
    ];
    const byItself = await act((tx) => compare(tx, scientist));
    expect(byItself.about.run).toMatchObject({
      id: chosen,
      folds: 3,
      cautions: [],
      foldThresholds: [
        { fold: 1, threshold: 0.2 },
        { fold: 2, threshold: 0.7 },
        { fold: 3, threshold: 0.7 },
      ],
    });
    const { result } = await judged((tx) => runResult(tx, scientist, { runId: chosen }));
    const { auc, tp, fp, sensitivity } = runResultSchema.parse(result);
    expect(byItself.rows.find(({ reader }) => reader === "network")).toMatchObject({ auc, tp, fp, sensitivity });

    const asked = (runId: string) => act((tx) => compare(tx, scientist, { runId }));
    const imported = passedOver.at(-1) ?? "";
    expect((await asked(imported)).about.run).toMatchObject({ id: imported, trainable: "elsewhere", folds: 0 });
    expect((await asked(passedOver[0] ?? "")).about.run).toMatchObject({ id: passedOver[0] });
    const cautionsFor = async (runId = "") => (await asked(runId)).about.run?.cautions;
    expect(await cautionsFor(passedOver[0])).toEqual([saying(/^a companion of another run/)]);
    expect(await cautionsFor(passedOver[3])).toEqual([saying(/^one depth of a freeze sweep: flattered/)]);
    await expect(asked(passedOver[1] ?? ""), "a control is judged by no truth").rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Choose the run that it belongs to"),
    });
    await expect(act((tx) => scoredCrops(tx, scientist, { runId: passedOver[1] }))).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await act((tx) => scoredCrops(tx, scientist, { runId: chosen }))).scores).toHaveLength(18);
    await expect(asked(passedOver[4] ?? "")).rejects.toMatchObject({ code: "not_found" });
    await expect(asked(randomUUID())).rejects.toMatchObject({ code: "not_found" });
  });
});
