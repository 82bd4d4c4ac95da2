import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusteredAuc, compareClusteredAuc } from "@/core/stats/clustered-auc";
import { clusteredKappa } from "@/core/stats/clustered-kappa";
import { clusteredMcNemar } from "@/core/stats/clustered-mcnemar";
import { clusteredProportion } from "@/core/stats/clustered-proportion";
import { pairedDeLong } from "@/core/stats/delong";
import { cohenKappa } from "@/core/stats/kappa";
import type { PairedCounts } from "@/core/stats/mcnemar";
import { auc } from "@/core/stats/roc";
import { expectClose, readCases, readScored } from "./oracle";
import { scored } from "./scored";

const readClusters = (dataset: string, level: string): string[] =>
  JSON.parse(readFileSync(new URL(`../../oracles/datasets/${dataset}.json`, import.meta.url), "utf8")).cluster[level];

interface Area {
  auc: number;
  var: number;
  ci95: [number, number];
}
interface AucCase {
  id: string;
  input: { dataset: string; cluster: string; score: string; score2?: string };
  expected: {
    clusters: number;
    clusters_with_positive: number;
    clusters_with_negative: number;
    first: Area;
    second?: Area;
    cov?: number;
    difference?: number;
    se_difference?: number;
    z?: number;
    p?: number;
    ci95_difference?: [number, number];
  };
}

describe("the clustered area agrees with Obuchowski's own code", () => {
  it.each(readCases<AucCase>("clustered_auc").map((each) => [each.id, each] as const))(
    "%s",
    (_, { input, expected }) => {
      const { truth, score } = readScored(input.dataset, input.score);
      const cluster = readClusters(input.dataset, input.cluster);
      const result = clusteredAuc({ truth, score, cluster });
      expect([result.clusters, result.clustersWithPositive, result.clustersWithNegative]).toEqual([
        expected.clusters,
        expected.clusters_with_positive,
        expected.clusters_with_negative,
      ]);
      expectClose(result.auc.estimate, expected.first.auc);
      expectClose(result.variance, expected.first.var, { absolute: 0, what: "variance" });
      // The oracle's interval is not clipped to 0..1.
      expectClose(result.auc.lower, Math.max(0, expected.first.ci95[0]), { what: "lower" });
      expectClose(result.auc.upper, Math.min(1, expected.first.ci95[1]), { what: "upper" });
      if (!input.score2) return;
      const second = readScored(input.dataset, input.score2).score;
      const compared = compareClusteredAuc({ truth, first: score, second, cluster });
      expectClose(compared.second.auc.estimate, expected.second?.auc ?? null);
      expectClose(compared.second.variance, expected.second?.var ?? null);
      expectClose(compared.covariance, expected.cov ?? null, { what: "covariance" });
      expectClose(compared.difference.estimate, expected.difference ?? null);
      expectClose(compared.standardError, expected.se_difference ?? null, { what: "se" });
      expectClose(compared.z, expected.z ?? null, { what: "z" });
      expectClose(compared.p, expected.p ?? null, { what: "p" });
      expectClose(compared.difference.lower, expected.ci95_difference?.[0] ?? null, { what: "lower" });
      expectClose(compared.difference.upper, expected.ci95_difference?.[1] ?? null, { what: "upper" });
    },
  );
});

type Metric = "sensitivity" | "specificity";
interface Test {
  chi2: number;
  p: number;
}
interface ProportionCase {
  id: string;
  input:
    | { dataset: string; cluster: string; metric: Metric; score: string }
    | { dataset: string; cluster: string; metric: Metric; score1: string; score2: string }
    | { a: number[]; b: number[]; c: number[]; d: number[] };
  expected: {
    clusters: number;
    successes?: number;
    trials?: number;
    estimate?: number;
    var?: number;
    design_effect?: number;
    effective_n?: number;
    ci95_wald?: [number, number];
    ci95_wilson_effective_n?: [number, number];
    difference?: number;
    se_difference?: number;
    ci95_difference?: [number, number];
    mcnemar_unclustered?: Test;
    obuchowski?: Test;
    durkalski?: Test;
    eliasziw_donner?: Test;
    yang?: Test;
  };
}

/** Of the images of one truth: was the call right, and whose are they. */
function rightCalls(input: { dataset: string; cluster: string; metric: Metric }, score: string) {
  const { truth, score: calls } = readScored(input.dataset, score);
  const cluster = readClusters(input.dataset, input.cluster);
  const of = input.metric === "sensitivity" ? 1 : 0;
  const kept = truth.flatMap((value, i) => (value === of ? [i] : []));
  return {
    outcome: kept.map((i) => (calls[i] === of ? 1 : 0)),
    cluster: kept.map((i) => cluster[i] ?? ""),
  };
}

function crossed(input: Exclude<ProportionCase["input"], { score: string }>): PairedCounts[] {
  if ("a" in input) {
    return input.a.map((both, i) => ({
      both,
      firstOnly: input.b[i] ?? 0,
      secondOnly: input.c[i] ?? 0,
      neither: input.d[i] ?? 0,
    }));
  }
  const first = rightCalls(input, input.score1);
  const second = rightCalls(input, input.score2);
  const tables = new Map<string, PairedCounts>();
  for (const [i, cluster] of first.cluster.entries()) {
    const table = tables.get(cluster) ?? { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
    tables.set(cluster, table);
    const [a, b] = [first.outcome[i], second.outcome[i]];
    table[a === 1 ? (b === 1 ? "both" : "firstOnly") : b === 1 ? "secondOnly" : "neither"]++;
  }
  return [...tables.values()];
}

describe("clustered proportions and McNemar tests agree with sandwich and clust.bin.pair", () => {
  it.each(readCases<ProportionCase>("clustered_proportions").map((each) => [each.id, each] as const))(
    "%s",
    (_, { input, expected }) => {
      if ("score" in input) {
        const result = clusteredProportion(rightCalls(input, input.score));
        expect([result.clusters, result.events, result.trials]).toEqual([
          expected.clusters,
          expected.successes,
          expected.trials,
        ]);
        expectClose(result.proportion.estimate, expected.estimate ?? null);
        expectClose((result.standardError ?? 0) ** 2, expected.var ?? null, { what: "variance" });
        expectClose(result.designEffect, expected.design_effect ?? null, { what: "design effect" });
        expectClose(result.effectiveN, expected.effective_n ?? null, { what: "effective n" });
        expectClose(result.wald?.[0], expected.ci95_wald?.[0] ?? null, { what: "Wald, lower" });
        expectClose(result.wald?.[1], expected.ci95_wald?.[1] ?? null, { what: "Wald, upper" });
        expectClose(result.proportion.lower, expected.ci95_wilson_effective_n?.[0] ?? null, { what: "lower" });
        expectClose(result.proportion.upper, expected.ci95_wilson_effective_n?.[1] ?? null, { what: "upper" });
        return;
      }
      const result = clusteredMcNemar(crossed(input));
      expect(result.clusters).toBe(expected.clusters);
      expectClose(result.difference.estimate, expected.difference ?? null);
      expectClose(result.standardError, expected.se_difference ?? null, { what: "se" });
      expectClose(result.difference.lower, expected.ci95_difference?.[0] ?? null, { what: "lower" });
      expectClose(result.difference.upper, expected.ci95_difference?.[1] ?? null, { what: "upper" });
      const tests = [
        [result.unclustered, expected.mcnemar_unclustered],
        [result.obuchowski, expected.obuchowski],
        [result.durkalski, expected.durkalski],
        [result.eliasziwDonner, expected.eliasziw_donner],
        [result.yang, expected.yang],
      ] as const;
      for (const [index, [actual, wanted]] of tests.entries()) {
        expectClose(actual?.chiSquare ?? null, wanted?.chi2 ?? null, { what: `test ${index}, chi-square` });
        expectClose(actual?.p ?? null, wanted?.p ?? null, { what: `test ${index}, P` });
      }
    },
  );
});

describe("with one image a patient", () => {
  it("the clustered area and its comparison are DeLong's", () => {
    fc.assert(
      fc.property(scored, ({ truth, score }) => {
        const cluster = truth.map((_, i) => i);
        const other = score.map((value, i) => (value * 7 + i) % 5);
        const naive = auc({ truth, score });
        const clustered = clusteredAuc({ truth, score, cluster }).auc;
        expectClose(clustered.estimate, naive.estimate);
        expectClose(clustered.lower, naive.lower, { absolute: 1e-7 });
        const tested = compareClusteredAuc({ truth, first: score, second: other, cluster });
        const delong = pairedDeLong({ truth, first: score, second: other });
        expectClose(tested.difference.estimate, delong.difference.estimate);
        if (delong.p !== null) expectClose(tested.p, delong.p, { relative: 1e-6 });
      }),
    );
  });
});

describe("the jackknife of kappa by patient", () => {
  const { truth } = readScored("s11_paper_reconstruction", "R2_C1");
  const first = readScored("s11_paper_reconstruction", "R2_C1").score;
  const second = readScored("s11_paper_reconstruction", "R3_C1").score;
  const half = ({ lower, upper }: { lower: number | null; upper: number | null }) => ((upper ?? 0) - (lower ?? 0)) / 2;

  it("keeps the estimate, and comes close to the large-sample interval when every image is its own patient", () => {
    const naive = cohenKappa({ first, second }).kappa;
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
    expect(hanging).toMatchObject({ lower: null, caution: expect.stringContaining("without one of the clusters") });
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
    expect(all).toMatchObject({ estimate: 1, upper: 1, caution: expect.stringContaining("no variation") });
    expect(all.lower).toBeLessThan(0.5);
    expect(clusteredMcNemar([]).difference).toMatchObject({ estimate: null });
    expect(clusteredMcNemar([{ both: 1, firstOnly: 0, secondOnly: 0, neither: 1 }]).yang).toBeNull();
    expect(clusteredAuc({ truth: [1, 1], score: [1, 2], cluster: ["a", "b"] }).auc).toMatchObject({ estimate: null });
    const within = clusteredAuc({ truth: [1, 0, 0], score: [2, 1, 3], cluster: ["a", "a", "b"] }).auc;
    expect(within).toMatchObject({ estimate: 0.5, lower: null });
  });

  it("and impossible input is refused by position", () => {
    expect(() => clusteredProportion({ outcome: [0, 2], cluster: [1, 2] })).toThrow("outcome[1] is 2");
    expect(() => clusteredProportion({ outcome: [0, 1], cluster: [1] })).toThrow("1 cluster ids for 2 units");
    expect(() => clusteredMcNemar([{ both: 1, firstOnly: 0.5, secondOnly: 0, neither: 1 }])).toThrow("Cluster 0");
  });
});
