import { clusteredKappa } from "@/core/stats/agreement/clustered-kappa";
import { correlatedAreas } from "@/core/stats/clustered/auc-covariance";
import { bootstrapOf } from "@/core/stats/clustered/bootstrap";
import { aucClusterJackknife, clusteredAuc, compareClusteredAuc } from "@/core/stats/clustered/clustered-auc";
import { type ClusteredTest, clusteredMcNemar } from "@/core/stats/clustered/clustered-mcnemar";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import { numberClusters } from "@/core/stats/clustered/clusters";
import { rankScores, weightedAuc } from "@/core/stats/roc/ranked-scores";
import { limitsOf } from "@/scripts/oracles/context";
import { type Draw, drawClusteredUnits, drawClusters, drawDirection, drawTail } from "./draw";
import { defineFamily } from "./family";

/** Outcomes of clustered units; sometimes every cluster has the same share, or all outcomes are alike. */
function drawOutcomes(draw: Draw) {
  if (draw.isOne(0.15)) {
    const size = draw.whole(1, 30);
    const events = draw.whole(0, size);
    const groups = draw.whole(1, 6);
    const cluster = draw.many(groups, (group) => new Array<number>(size).fill(group)).flat();
    return { cluster, outcome: cluster.map((_, i) => (i % size < events ? 1 : 0)) };
  }
  const share = draw.pick([0, 0.1, 0.5, 0.5, 0.9, 1]);
  const units = draw.whole(0, draw.pick([6, 20, 60]));
  return { cluster: drawClusters(draw, units), outcome: draw.many(units, () => (draw.isOne(share) ? 1 : 0)) };
}

const tested = (test: ClusteredTest) => test && [test.chiSquare, test.p];

export const clusterFamilies = [
  defineFamily({
    name: "clustered-auc",
    weight: 9,
    draw: (draw) => {
      const { truth, scores, cluster } = drawClusteredUnits(draw, 2);
      const [first = [], second = []] = scores;
      return { truth, first, second, cluster, direction: drawDirection(draw), tail: drawTail(draw) };
    },
    compute: (input) => {
      const { truth, direction, cluster } = input;
      const test = compareClusteredAuc(input);
      const areas = [input.first, input.second].map((score) => {
        const found = clusteredAuc({ truth, score, direction, cluster });
        return {
          auc: found.auc.estimate,
          clusters: [found.clusters, found.clustersWithPositive, found.clustersWithNegative],
          parts: [found.s10, found.s01, found.s11],
          variance: found.variance,
          ci: limitsOf(found.auc),
          unclipped: found.unclipped ?? [null, null],
          naive: found.naiveStandardError,
          designEffect: found.designEffect,
          jackknife: aucClusterJackknife({ truth, score, direction, cluster }),
        };
      });
      return {
        areas,
        covariance: test.covariance,
        se: test.standardError,
        statistic: test.statistic,
        p: test.p,
        ci: limitsOf(test.difference),
        normal: test.normal && [test.normal.p, ...test.normal.limits],
      };
    },
  }),
  defineFamily({
    name: "auc-covariance",
    weight: 4,
    draw: (draw) => {
      const units = drawClusteredUnits(draw, draw.whole(2, 4));
      return {
        ...units,
        direction: drawDirection(draw),
        kind: draw.pick(["delong", "jackknife", "obuchowski"] as const),
      };
    },
    compute: ({ truth, scores, cluster, direction, kind }) => {
      const covariance = kind === "obuchowski" ? { kind, cluster } : { kind };
      return correlatedAreas({ truth, scores, direction, covariance });
    },
  }),
  defineFamily({
    name: "clustered-proportion",
    weight: 6,
    draw: drawOutcomes,
    compute: (input) => {
      const found = clusteredProportion(input);
      return {
        counts: [found.clusters, found.events, found.trials],
        estimate: found.proportion.estimate,
        se: found.standardError,
        wald: found.wald ?? [null, null],
        designEffect: found.designEffect,
        effectiveN: found.effectiveN,
        ci: limitsOf(found.proportion),
      };
    },
  }),
  defineFamily({
    name: "clustered-mcnemar",
    weight: 3,
    draw: (draw) => {
      const most = draw.pick([1, 3, 8]);
      const count = () => (draw.isOne(0.4) ? 0 : draw.whole(0, most));
      const tables = draw.many(draw.whole(1, 12), () => [count(), count(), count(), count()]);
      return { tables };
    },
    compute: ({ tables }) => {
      const found = clusteredMcNemar(
        tables.map(([both = 0, firstOnly = 0, secondOnly = 0, neither = 0]) => ({
          both,
          firstOnly,
          secondOnly,
          neither,
        })),
      );
      return {
        clusters: found.clusters,
        difference: found.difference.estimate,
        se: found.standardError,
        ci: limitsOf(found.difference),
        unclipped: found.unclipped ?? [null, null],
        unclustered: tested(found.unclustered),
        obuchowski: tested(found.obuchowski),
        durkalski: tested(found.durkalski),
        yang: tested(found.yang),
      };
    },
  }),
  defineFamily({
    name: "clustered-kappa",
    weight: 3,
    draw: (draw) => {
      const { outcome: first, cluster } = drawOutcomes(draw);
      const change = draw.pick([0, 0.1, 0.3, 0.5]);
      return { first, second: first.map((value) => (draw.isOne(change) ? 1 - value : value)), cluster };
    },
    compute: (input) => {
      const found = clusteredKappa(input);
      return { table: found.table, kappa: found.kappa.estimate, ci: limitsOf(found.kappa) };
    },
  }),
  defineFamily({
    name: "bootstrap",
    weight: 4,
    draw: (draw) => {
      const { truth, scores, cluster } = drawClusteredUnits(draw, 1);
      const ids = draw.isOne(0.3) ? null : cluster;
      const count = ids ? numberClusters(ids, truth.length).count : truth.length;
      const resamples = draw.many(draw.whole(2, 60), () => draw.many(count, () => draw.whole(0, count - 1)));
      return { truth, score: scores[0] ?? [], direction: drawDirection(draw), cluster: ids, resamples };
    },
    compute: ({ truth, score, direction, cluster, resamples }) => {
      const ranked = rankScores({ truth, score, direction });
      const statistic = (weights: Float64Array) => weightedAuc(ranked, weights);
      const found = bootstrapOf({ n: truth.length, cluster, statistic, resamples });
      if (found.estimate === null) return { estimate: null };
      return {
        estimate: found.estimate,
        replicates: [...found.replicates],
        mean: found.mean,
        se: found.standardError,
        bias: found.bias,
        percentile: found.percentile,
        basic: found.basic,
        bca: found.bca && {
          z0: found.bca.z0,
          acceleration: found.bca.acceleration,
          alpha: found.bca.alpha,
          ci: found.bca.limits,
        },
      };
    },
  }),
];
