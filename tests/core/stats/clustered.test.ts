import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { clusteredKappa } from "@/core/stats/agreement/clustered-kappa";
import { agreementTable, cohenKappa } from "@/core/stats/agreement/kappa";
import { bootstrap } from "@/core/stats/clustered/bootstrap";
import { clusteredAuc, compareClusteredAuc } from "@/core/stats/clustered/clustered-auc";
import { clusteredMcNemar } from "@/core/stats/clustered/clustered-mcnemar";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import { auc } from "@/core/stats/roc/auc";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { rankScores, weightedAuc } from "@/core/stats/roc/ranked-scores";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";
import { scored } from "./scored";

describe("with one image a patient", () => {
  it("the clustered area and its comparison are DeLong's", () => {
    fc.assert(
      fc.property(scored, ({ truth, score, other, direction }) => {
        const cluster = truth.map((_, i) => i);
        const naive = auc({ truth, score, direction });
        const clustered = clusteredAuc({ truth, score, direction, cluster });
        expectClose(clustered.auc.estimate, naive.auc.estimate);
        expectClose(clustered.variance, naive.variance, { relative: 1e-6, absolute: 1e-14 });
        const tested = compareClusteredAuc({
          truth,
          first: score,
          second: other,
          direction,
          cluster,
          tail: "two-sided",
        });
        const delong = pairedDeLong({ truth, first: score, second: other, direction, tail: "two-sided" });
        expectClose(tested.difference.estimate, delong.difference.estimate);
        if (delong.p !== null) expectClose(tested.normal?.p, delong.p, { relative: 1e-6 });
      }),
    );
  });
});

describe("the jackknife of kappa by patient", () => {
  const dataset: { truth: number[]; scores: { R2_C1: number[]; R3_C1: number[] } } = JSON.parse(
    readFileSync(new URL("../../oracles/datasets/s11_paper_reconstruction.json", import.meta.url), "utf8"),
  );
  const { truth } = dataset;
  const [first, second] = [dataset.scores.R2_C1, dataset.scores.R3_C1];
  const half = ({ lower, upper }: { lower: number | null; upper: number | null }) => ((upper ?? 0) - (lower ?? 0)) / 2;

  it("keeps the estimate, and comes close to the large-sample interval when every image is its own patient", () => {
    const naive = cohenKappa({
      table: agreementTable({ first, second }),
      weights: "unweighted",
      tail: "two-sided",
    }).kappa;
    const jackknife = clusteredKappa({ first, second, cluster: truth.map((_, i) => i) }).kappa;
    expectClose(jackknife.estimate, naive.estimate);
    expect(Math.abs(half(jackknife) / half(naive) - 1)).toBeLessThan(0.01);
  });

  it("is wider when images of a patient agree alike: each image twice is no more evidence than once", () => {
    const cluster = truth.map((_, i) => i);
    const once = clusteredKappa({ first, second, cluster }).kappa;
    const twice = clusteredKappa({
      first: [...first, ...first],
      second: [...second, ...second],
      cluster: [...cluster, ...cluster],
    }).kappa;
    expectClose(half(twice), half(once), { relative: 1e-6 });
  });

  it("has no interval with one patient, or where kappa hangs on one", () => {
    expect(clusteredKappa({ first: [1, 0], second: [1, 0], cluster: ["a", "a"] }).kappa).toMatchObject({
      estimate: 1,
      lower: null,
    });
    const hanging = clusteredKappa({ first: [1, 1, 0], second: [1, 1, 0], cluster: ["a", "a", "b"] }).kappa;
    expect(hanging).toMatchObject({ lower: null, caution: saying(/without one of the clusters/) });
  });
});

describe("what cannot be estimated says so", () => {
  it("without units, with one cluster, and with no variation", () => {
    expect(clusteredProportion({ outcome: [], cluster: [] }).proportion).toMatchObject({ estimate: null });
    expect(clusteredProportion({ outcome: [0, 1], cluster: ["a", "a"] }).proportion).toMatchObject({
      estimate: 0.5,
      lower: null,
    });
    const all = clusteredProportion({ outcome: [1, 1, 1], cluster: ["a", "a", "b"] }).proportion;
    expect(all).toMatchObject({ estimate: 1, upper: 1, caution: saying(/no variation/) });
    expect(all.lower).toBeLessThan(0.5);
    expect(clusteredMcNemar([]).difference).toMatchObject({ estimate: null });
    expect(clusteredMcNemar([{ both: 1, firstOnly: 0, secondOnly: 0, neither: 1 }]).yang).toBeNull();
    const within = clusteredAuc({
      truth: [1, 0, 0],
      score: [2, 1, 3],
      direction: "higher",
      cluster: ["a", "a", "b"],
    }).auc;
    expect(within).toMatchObject({ estimate: 0.5, lower: null });
  });

  it("and impossible input is refused by position", () => {
    expect(() => clusteredProportion({ outcome: [0, 2], cluster: [1, 2] })).toThrow("outcome[1] is 2");
    expect(() => clusteredProportion({ outcome: [0, 1], cluster: [1] })).toThrow("1 cluster ids for 2 units");
    expect(() => clusteredMcNemar([{ both: 1, firstOnly: 0.5, secondOnly: 0, neither: 1 }])).toThrow("Cluster 0");
  });
});

describe("the cluster bootstrap", () => {
  const units = Array.from({ length: 60 }, (_, i) => ({
    truth: Number(i % 3 === 0),
    score: (i * 37) % 23,
    cluster: i % 20,
  }));
  const truth = units.map((unit) => unit.truth);
  const ranked = rankScores({ truth, score: units.map((unit) => unit.score), direction: "higher" });
  const cluster = units.map((unit) => unit.cluster);
  const statistic = (weights: Float64Array) => weightedAuc(ranked, weights);
  const about = { n: 60, cluster, strata: null, statistic, replicates: 400 };

  it("gives the same replicates for the same seed, and others for another", () => {
    const [once, again, other] = [7, 7, 8].map((seed) => bootstrap({ ...about, random: seededRandom(seed) }));
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it("draws whole clusters, as many as there are, and within strata as many as each has", () => {
    const strata = cluster.map((id) => (id < 5 ? "few" : "many"));
    let seen = 0;
    bootstrap({
      ...about,
      strata,
      replicates: 50,
      random: seededRandom(1),
      statistic: (weights) => {
        const ofCluster = Array.from({ length: 20 }, (_, id) => weights.filter((_, i) => cluster[i] === id));
        expect(ofCluster.every((own) => new Set(own).size === 1)).toBe(true);
        const times = ofCluster.map((own) => own[0] ?? 0);
        const total = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0);
        // The sample itself, the replicates; then the jackknife leaves one cluster out.
        if (seen++ <= 50) expect([total(times.slice(0, 5)), total(times.slice(5))]).toEqual([5, 15]);
        else expect(total(times)).toBe(19);
        return seen;
      },
    });
    expect(seen).toBe(1 + 50 + 20);
  });

  it("comes close to Obuchowski's standard error, and leaves out and counts replicates without a class", () => {
    const result = bootstrap({ ...about, replicates: 2000, random: seededRandom(3) });
    const { variance } = clusteredAuc({ truth, score: units.map((unit) => unit.score), direction: "higher", cluster });
    if (result.estimate === null) throw new Error("the bootstrap has no estimate");
    expect(Math.abs(result.standardError / Math.sqrt(variance ?? 0) - 1)).toBeLessThan(0.1);
    expect(result.undefinedReplicates).toBe(0);
    const rare = bootstrap({
      n: 6,
      cluster: null,
      strata: null,
      statistic: (weights) =>
        weightedAuc(rankScores({ truth: [1, 0, 0, 0, 0, 0], score: [2, 1, 3, 4, 0, 0], direction: "higher" }), weights),
      replicates: 200,
      random: seededRandom(5),
    });
    expect(rare).toMatchObject({ caution: saying(/of 200 replicates/), bca: null });
  });
});
