import { clusteredKappa } from "@/core/stats/agreement/clustered-kappa";
import { cohenKappa } from "@/core/stats/agreement/kappa";
import { bootstrap } from "@/core/stats/clustered/bootstrap";
import { clusteredAuc, compareClusteredAuc } from "@/core/stats/clustered/clustered-auc";
import { clusteredMcNemar } from "@/core/stats/clustered/clustered-mcnemar";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import { wilson } from "@/core/stats/counts/proportion";
import { mcnemar } from "@/core/stats/paired/mcnemar";
import { auc } from "@/core/stats/roc/auc";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { rankScores, weightedAuc } from "@/core/stats/roc/ranked-scores";
import type { Estimate, Limits, PairedCounts } from "@/core/stats/types";
import { type ClusteredModel, type ClusteredSample, drawClustered, truthOf } from "./clustered-model";
import { type Claim, limitsOf, type Outcome } from "./simulate";

const direction = "higher" as const;
const tail = "two-sided" as const;

/** Every interval of one study with two scores. */
export function clusteredIntervals(model: ClusteredModel): (random: () => number) => Outcome[] {
  const truth = truthOf(model);
  return (random) => {
    const sample = drawClustered(model, random);
    return [
      ...areas(sample, truth.area),
      ...areaDifferences(sample, truth.areaDifference),
      ...shares(sample, truth),
      ...shareDifferences(sample, truth.sensitivityDifference),
      ...kappas(sample, truth.kappa),
    ];
  };
}

/** Every test of one study whose two scores are equally good. */
export function clusteredTests(model: ClusteredModel): (random: () => number) => Outcome[] {
  return (random) => {
    const sample = drawClustered(model, random);
    const [pairs, byCluster] = pairsOfPositives(sample);
    const naive = mcnemar({ ...pairs, tail });
    const clustered = clusteredMcNemar(byCluster);
    const calls = "Tests of two sensitivities";
    const ratings = "Tests of two areas";
    return [
      test(calls, "McNemar, asymptotic", "naive", naive.pAsymptotic),
      test(calls, "McNemar, mid-p", "naive", naive.pMid),
      test(calls, "ratio estimator, t", "yes", clustered.p),
      test(calls, "Obuchowski", "yes", clustered.obuchowski?.p),
      test(calls, "Durkalski", "yes", clustered.durkalski?.p),
      test(calls, "Eliasziw-Donner", "yes", clustered.eliasziwDonner?.p),
      test(calls, "Yang", "yes", clustered.yang?.p),
      test(ratings, "DeLong, paired", "naive", pairedDeLong({ ...sample, direction, tail }).p),
      test(ratings, "Obuchowski, paired", "yes", compareClusteredAuc(clusteredPair(sample)).p),
    ];
  };
}

/** Cluster bootstrap of the area, and of the difference of two areas. */
export function bootstrapIntervals(model: ClusteredModel, replicates: number): (random: () => number) => Outcome[] {
  const truth = truthOf(model);
  return (random) => {
    const sample = drawClustered(model, random);
    const [a, b] = [sample.first, sample.second].map((score) => rankScores({ truth: sample.truth, score, direction }));
    if (!a || !b) return [];
    const difference = (weights: Float64Array) => {
      const [x, y] = [weightedAuc(a, weights), weightedAuc(b, weights)];
      return x === null || y === null ? null : x - y;
    };
    return [
      ...bootstrapped(
        "Area under the curve",
        sample,
        truth.area,
        (weights) => weightedAuc(a, weights),
        replicates,
        random,
      ),
      ...bootstrapped("Difference of two areas", sample, truth.areaDifference, difference, replicates, random),
    ];
  };
}

function bootstrapped(
  table: string,
  { truth, patient }: ClusteredSample,
  target: number,
  statistic: (weights: Float64Array) => number | null,
  replicates: number,
  random: () => number,
): Outcome[] {
  const found = bootstrap({ n: truth.length, cluster: patient, strata: null, replicates, random, statistic });
  const of = (method: string, limits: Limits | null): Outcome => {
    return { table, method, claim: "variant", truth: target, estimate: found.estimate, limits };
  };
  const isFound = "percentile" in found;
  return [
    of("cluster bootstrap, percentile", isFound ? found.percentile : null),
    of("cluster bootstrap, BCa", isFound ? (found.bca?.limits ?? null) : null),
  ];
}

function areas(sample: ClusteredSample, truth: number): Outcome[] {
  const { truth: isPositive, first: score, patient: cluster, node } = sample;
  const table = "Area under the curve";
  const scored = { truth: isPositive, score, direction };
  const clustered = clusteredAuc({ ...scored, cluster });
  const estimate = clustered.auc.estimate;
  return [
    interval(table, "DeLong", "naive", truth, auc(scored).auc),
    interval(table, "Obuchowski by node", "naive", truth, clusteredAuc({ ...scored, cluster: node }).auc),
    interval(table, "Obuchowski by patient", "yes", truth, clustered.auc),
    {
      table,
      method: "Obuchowski by patient, AUC ± 1.96 SE",
      claim: "variant",
      truth,
      estimate,
      limits: clustered.unclipped,
    },
  ];
}

function areaDifferences(sample: ClusteredSample, truth: number): Outcome[] {
  const table = "Difference of two areas";
  const clustered = compareClusteredAuc(clusteredPair(sample));
  const { estimate } = clustered.difference;
  return [
    interval(table, "DeLong, paired", "naive", truth, pairedDeLong({ ...sample, direction, tail }).difference),
    interval(table, "Obuchowski, paired, by patient", "yes", truth, clustered.difference),
    {
      ...{ table, method: "Obuchowski, paired, normal", claim: "variant", truth, estimate },
      limits: clustered.normal?.limits ?? null,
    },
  ];
}

function shares(sample: ClusteredSample, truth: ReturnType<typeof truthOf>): Outcome[] {
  const { threshold, first, patient, truth: isPositive } = sample;
  const calls = Uint8Array.from(first, (score) => (score >= threshold ? 1 : 0));
  const of = (name: string, target: number, counted: (i: number) => boolean, right: (i: number) => boolean) => {
    const members = indices(first.length).filter(counted);
    const outcome = members.map((i) => Number(right(i)));
    const events = outcome.reduce((sum, value) => sum + value, 0);
    const cluster = members.map((i) => patient[i] ?? 0);
    return [
      interval(name, "Wilson", "naive", target, wilson({ events, n: members.length })),
      interval(
        name,
        "ratio estimator, Wilson with effective n",
        "yes",
        target,
        clusteredProportion({ outcome, cluster }).proportion,
      ),
    ];
  };
  const isCalled = (i: number) => calls[i] === 1;
  const isDiseased = (i: number) => isPositive[i] === 1;
  const balanced = clusteredAuc({ truth: isPositive, score: calls, direction, cluster: patient }).auc;
  return [
    ...of("Sensitivity", truth.sensitivity, isDiseased, isCalled),
    ...of(
      "Specificity",
      truth.specificity,
      (i) => !isDiseased(i),
      (i) => !isCalled(i),
    ),
    ...of("Positive predictive value", truth.ppv, isCalled, isDiseased),
    interval("Balanced accuracy", "Obuchowski on the calls", "yes", truth.balancedAccuracy, balanced),
  ];
}

function shareDifferences(sample: ClusteredSample, truth: number): Outcome[] {
  const table = "Difference of two sensitivities";
  const [pairs, byCluster] = pairsOfPositives(sample);
  const clustered = clusteredMcNemar(byCluster);
  const { estimate } = clustered.difference;
  return [
    interval(table, "Newcombe, paired", "naive", truth, mcnemar({ ...pairs, tail }).difference),
    interval(table, "ratio estimator", "yes", truth, clustered.difference),
    {
      ...{ table, method: "ratio estimator, normal", claim: "variant", truth, estimate },
      limits: clustered.unclipped,
    },
  ];
}

function kappas({ first, second, threshold, patient: cluster }: ClusteredSample, truth: number): Outcome[] {
  const [a, b] = [first, second].map((score) => Uint8Array.from(score, (value) => (value >= threshold ? 1 : 0)));
  if (!a || !b) return [];
  const clustered = clusteredKappa({ first: a, second: b, cluster });
  const naive = cohenKappa({ table: clustered.table, weights: "unweighted", tail });
  return [
    interval("Kappa", "Fleiss-Cohen-Everitt", "naive", truth, naive.kappa),
    interval("Kappa", "cluster jackknife", "yes", truth, clustered.kappa),
  ];
}

/** Calls of both on the positive images: all, and by patient. */
function pairsOfPositives(sample: ClusteredSample): [PairedCounts, PairedCounts[]] {
  const { truth, first, second, threshold, patient } = sample;
  const none = (): PairedCounts => ({ both: 0, firstOnly: 0, secondOnly: 0, neither: 0 });
  const all = none();
  const byCluster = Array.from({ length: (patient[patient.length - 1] ?? -1) + 1 }, none);
  for (const [i, value] of truth.entries()) {
    const own = byCluster[patient[i] ?? 0];
    if (value === 0 || !own) continue;
    const [a, b] = [(first[i] ?? 0) >= threshold, (second[i] ?? 0) >= threshold];
    const cell = a ? (b ? "both" : "firstOnly") : b ? "secondOnly" : "neither";
    all[cell]++;
    own[cell]++;
  }
  return [all, byCluster];
}

const clusteredPair = (sample: ClusteredSample) => ({ ...sample, direction, tail, cluster: sample.patient });

const indices = (length: number): number[] => Array.from({ length }, (_, i) => i);

const interval = (table: string, method: string, claim: Claim, truth: number, found: Estimate): Outcome => {
  const isCautioned = found.estimate !== null && found.caution !== undefined;
  return { table, method, claim, truth, estimate: found.estimate, limits: limitsOf(found), isCautioned };
};

const test = (table: string, method: string, claim: Claim, p: number | null | undefined): Outcome => {
  return { table, method, claim, p: p ?? null };
};
