import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { cohenKappa } from "@/core/stats/agreement/kappa";
import { auc } from "@/core/stats/roc/auc";
import { agreementIntervals } from "@/scripts/coverage/agreement-methods";
import { clusteredIntervals, clusteredTests } from "@/scripts/coverage/clustered-methods";
import { bothAbove, drawClustered, positiveImages, positiveNodes, truthOf } from "@/scripts/coverage/clustered-model";
import { drawClusteredReaders } from "@/scripts/coverage/clustered-readers";
import { clusteredReadersIntervals, roeMetzIntervals } from "@/scripts/coverage/reader-methods";
import { report } from "@/scripts/coverage/report";
import { drawRoeMetz, populationArea, variancesOf } from "@/scripts/coverage/roe-metz";
import { type Outcome, simulate } from "@/scripts/coverage/simulate";

const clustered = {
  patients: 30,
  positive: positiveNodes,
  clustering: { patient: 0.25, node: 0.35 },
  correlation: 0.6,
  first: 0.85,
  second: 0.8,
};
const roeMetz = { structure: "HH", area: 0.855, readers: 3, cases: 25 } as const;
const readers = { ...clustered, readers: 2, network: 0.9, ofReaders: 0.2, ofReadersByCondition: 0.1 };
const direction = "higher" as const;
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const simulations = [
  { family: "intervals", setting: "A", repetitions: 20, study: clusteredIntervals(clustered) },
  { family: "tests", setting: "A", repetitions: 20, study: clusteredTests({ ...clustered, second: 0.85 }) },
  { family: "Roe-Metz", setting: "B", repetitions: 10, study: roeMetzIntervals(roeMetz) },
  { family: "agreement", setting: "D", repetitions: 5, study: agreementIntervals({ ...clustered, area: 0.85 }) },
  { family: "clustered readers", setting: "C", repetitions: 10, study: clusteredReadersIntervals(readers) },
];

describe("the coverage simulation", () => {
  const rows = simulate(simulations, 1);

  it("gives the same rows from the same seed, others from another, whatever else is run", () => {
    expect(simulate(simulations, 1)).toEqual(rows);
    expect(simulate(simulations, 2)).not.toEqual(rows);
    const alone = simulate(simulations.slice(2, 3), 1);
    expect(rows).toEqual(expect.arrayContaining(alone));
  });

  it("finds naive intervals narrower than clustered ones", () => {
    const widthOf = (method: string) =>
      rows.find((row) => row.table === "Area under the curve" && row.method === method)?.width ?? 0;
    expect(widthOf("DeLong")).toBeGreaterThan(0);
    expect(widthOf("DeLong")).toBeLessThan(widthOf("Obuchowski by patient"));
  });

  it("knows the true coefficients of agreement: those of a study of very many patients", () => {
    const outcomes = agreementIntervals({ ...clustered, patients: 4_000, area: 0.85 })(seededRandom(8));
    expect(outcomes).toHaveLength(8);
    for (const outcome of outcomes) {
      if (!("estimate" in outcome)) throw new Error(outcome.method);
      expect(Math.abs((outcome.estimate ?? 9) - outcome.truth), outcome.table).toBeLessThan(0.01);
    }
  });

  it("writes the command and every table", () => {
    const text = report(rows, { repetitions: 100, seed: 1 });
    expect(text).toContain("npm run -s coverage -- --repetitions 100 --seed 1 --write");
    for (const { table } of rows) expect(text).toContain(`## ${table}`);
  });

  it("counts coverage, width, bias, rejections and what is missing", () => {
    const about = { table: "T", claim: "yes" } as const;
    const outcomes: Outcome[] = [
      { ...about, method: "interval", truth: 0, estimate: 0.5, limits: [-1, 1] },
      { ...about, method: "interval", truth: 0, estimate: 1.5, limits: [1, 2] },
      { ...about, method: "interval", truth: 0, estimate: 1, limits: null },
      { ...about, method: "test", p: 0.01 },
      { ...about, method: "test", p: 0.5 },
      { ...about, method: "test", p: null },
    ];
    const [interval, test] = simulate([{ family: "F", setting: "S", repetitions: 2, study: () => outcomes }], 1);
    expect(interval).toMatchObject({ repetitions: 4, share: 50, width: 1.5, bias: 1, without: 2, monteCarloError: 25 });
    expect(test).toMatchObject({ repetitions: 6, width: null, bias: null, without: 2 });
    expect(test?.share).toBeCloseTo(100 / 3, 10);
  });
});

describe("the clustered model", () => {
  const model = { ...clustered, patients: 20_000 };
  const sample = drawClustered(model, seededRandom(7));
  const truth = truthOf(model);

  it("has the founding study's nodes a patient, images a node and share of positive images", () => {
    expect(sample.nodes / model.patients).toBeCloseTo(227 / 129, 1);
    expect(sample.truth.length / sample.nodes).toBeCloseTo(644 / 227, 1);
    expect(positiveImages(positiveNodes)).toBeCloseTo(318 / 644, 10);
    expect(mean(sample.truth)).toBeCloseTo(positiveImages(positiveNodes), 2);
  });

  it("has the areas, shares and kappa that are called true", () => {
    const { truth: isPositive, first, second, threshold } = sample;
    const of = (score: Float64Array) => auc({ truth: isPositive, score, direction }).auc.estimate;
    expect(of(first)).toBeCloseTo(truth.area, 2);
    expect((of(first) ?? 0) - (of(second) ?? 0)).toBeCloseTo(truth.areaDifference, 2);
    const shareOf = (score: Float64Array, wanted: number) =>
      mean(score.filter((_, i) => isPositive[i] === wanted).map((value) => Number(value >= threshold)));
    expect(shareOf(first, 1)).toBeCloseTo(truth.sensitivity, 2);
    expect(shareOf(first, 1) - shareOf(second, 1)).toBeCloseTo(truth.sensitivityDifference, 2);
    expect(1 - shareOf(first, 0)).toBeCloseTo(truth.specificity, 2);
    expect(mean(isPositive.filter((_, i) => (first[i] ?? 0) >= threshold))).toBeCloseTo(truth.ppv, 2);
    const cell = (a: boolean, b: boolean) =>
      first.filter((value, i) => value >= threshold === a && (second[i] ?? 0) >= threshold === b).length;
    const table = [
      [cell(true, true), cell(true, false)],
      [cell(false, true), cell(false, false)],
    ];
    const { kappa } = cohenKappa({ table, weights: "unweighted", tail: "two-sided" });
    expect(kappa.estimate).toBeCloseTo(truth.kappa, 2);
  });

  it("integrates the bivariate normal distribution", () => {
    // Sheppard's formula.
    for (const r of [-0.5, 0, 0.6, 0.9]) expect(bothAbove(0, 0, r)).toBeCloseTo(0.25 + Math.asin(r) / (2 * Math.PI), 9);
  });

  it("has readers whose areas are those called theirs", () => {
    const {
      truth: isPositive,
      scores,
      network,
      ofTheseReaders,
    } = drawClusteredReaders({ ...readers, patients: 20_000 }, seededRandom(8));
    const of = (score: Float64Array) => auc({ truth: isPositive, score, direction }).auc.estimate ?? 0;
    const [first = 0, second = 0] = scores.map((row) => mean(row.map(of)));
    expect(first - second).toBeCloseTo(ofTheseReaders.areaDifference, 2);
    expect(first - of(network)).toBeCloseTo(ofTheseReaders.areaLessNetwork, 2);
  });
});

describe("the Roe-Metz model", () => {
  const areasOf = ({ truth, scores }: ReturnType<typeof drawRoeMetz>) =>
    scores.map((row) => mean(row.map((score) => auc({ truth, score, direction }).auc.estimate ?? 0)));

  it("has ratings of variance 1 beside the readers'", () => {
    for (const structure of ["HL", "LL", "HH", "LH"] as const) {
      const { case: ofCases, readerByCase, error } = variancesOf({ structure, area: 0.855 });
      expect(2 * ofCases + readerByCase + error).toBeCloseTo(1, 12);
    }
  });

  it("gives the readers drawn the areas that are called theirs", () => {
    const sample = drawRoeMetz({ ...roeMetz, cases: 800 }, seededRandom(6));
    const [first = 0, second = 0] = areasOf(sample);
    const { ofTheseReaders } = sample.truths;
    expect(Math.abs(first - ofTheseReaders.area)).toBeLessThan(0.02);
    expect(Math.abs(first - second - ofTheseReaders.difference)).toBeLessThan(0.02);
    expect(Math.abs(ofTheseReaders.area - populationArea(roeMetz))).toBeGreaterThan(0.04);
  });

  it("gives many readers the difference that is called that of the cases drawn", () => {
    const sample = drawRoeMetz({ ...roeMetz, readers: 2000, cases: 10 }, seededRandom(2));
    const [first = 0, second = 0] = areasOf(sample);
    expect(Math.abs(first - second - sample.truths.onTheseCases.difference)).toBeLessThan(0.01);
    expect(Math.abs(first - second)).toBeGreaterThan(0.05);
  });

  it("has the mean over readers as the area of the population", () => {
    const sample = drawRoeMetz({ ...roeMetz, readers: 20_000, cases: 2 }, seededRandom(5));
    expect(sample.truths.ofTheseReaders.area).toBeCloseTo(populationArea(roeMetz), 3);
  });
});
