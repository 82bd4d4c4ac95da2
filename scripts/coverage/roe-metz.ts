import { normal } from "@/core/random";
import { normalCdf } from "@/core/stats/distributions";

export type Structure = "HL" | "LL" | "HH" | "LH";
export type Area = 0.702 | 0.855 | 0.962;

export interface RoeMetzModel {
  structure: Structure;
  area: Area;
  readers: number;
  /** Of each class. */
  cases: number;
}

interface Variances {
  /** Of readers, and of readers by test (the same). */
  reader: number;
  /** Of cases, and of cases by test (the same). */
  case: number;
  readerByCase: number;
  /** Readers by cases by test, and what a second read would change. */
  error: number;
}

export interface RoeMetzSample {
  truth: Uint8Array;
  /** By test and reader. */
  scores: Float64Array[][];
  network: Float64Array;
  truths: RoeMetzTruths;
}

/** What the intervals of one study should cover. Differences are test 1 less test 2, or reader mean less network. */
export interface RoeMetzTruths {
  /** Readers and cases random: the two tests are equal. */
  population: { area: number; difference: number; lessNetwork: number };
  /** Of the readers drawn, over all cases. */
  ofTheseReaders: { area: number; difference: number; lessNetwork: number };
  /** On the cases drawn, over all readers. */
  onTheseCases: { difference: number };
}

const shifts = { 0.702: 0.75, 0.855: 1.5, 0.962: 2.5 } as const;
const readerVariances = { L: [0.0055, 0.0055, 0.0055], H: [0.011, 0.03, 0.056] } as const;

/** The network's shift over the readers': it is the better one. */
const networkLead = 0.5;

/**
 * Variance components of Roe CA, Metz CE. Acad Radiol 1997;4:298-303, table 1: the first letter says whether the data
 * correlate highly, the second whether readers vary much. Those of one rating without the reader's sum to 1. (Read
 * from the same twelve configurations in the data of the R package iMRMC, `roeMetzConfigs`.)
 */
export function variancesOf({ structure, area }: Pick<RoeMetzModel, "structure" | "area">): Variances {
  const at = area === 0.702 ? 0 : area === 0.855 ? 1 : 2;
  const isHigh = structure === "HL" || structure === "HH";
  const readers = structure === "HL" || structure === "LL" ? readerVariances.L : readerVariances.H;
  const ofCases = isHigh ? { case: 0.3, readerByCase: 0.2, error: 0.2 } : { case: 0.1, readerByCase: 0.2, error: 0.6 };
  return { reader: readers[at], ...ofCases };
}

/**
 * rating = shift x truth + R_jt + C_kt + (TR)_ijt + (TC)_ikt + (RC)_jkt + E_ijkt, all normal with mean 0; test i,
 * reader j, case k of truth t; the two tests are equal. The network has the same C_kt and an error of its own that
 * makes its variance 1.
 */
export function drawRoeMetz(model: RoeMetzModel, random: () => number): RoeMetzSample {
  const { readers, cases, area } = model;
  const variances = variancesOf(model);
  const [sdReader, sdCase] = [Math.sqrt(variances.reader), Math.sqrt(variances.case)];
  const [sdReaderByCase, sdError] = [Math.sqrt(variances.readerByCase), Math.sqrt(variances.error)];
  const shift = shifts[area];
  const n = 2 * cases;
  const truth = Uint8Array.from({ length: n }, (_, k) => (k < cases ? 0 : 1));
  const ofReader = Array.from({ length: readers }, () => [sdReader * normal(random), sdReader * normal(random)]);
  const ofCase = Float64Array.from(truth, () => sdCase * normal(random));
  const ofReaderByCase = ofReader.map(() => Float64Array.from(truth, () => sdReaderByCase * normal(random)));
  const tests = [0, 1].map(() => {
    const byReader = ofReader.map(([r0 = 0, r1 = 0]) => [
      r0 + sdReader * normal(random),
      r1 + sdReader * normal(random),
    ]);
    const byCase = Float64Array.from(ofCase, (c, k) => shift * (truth[k] ?? 0) + c + sdCase * normal(random));
    const scores = byReader.map((own, j) =>
      Float64Array.from(
        byCase,
        (c, k) => c + (own[truth[k] ?? 0] ?? 0) + (ofReaderByCase[j]?.[k] ?? 0) + sdError * normal(random),
      ),
    );
    return { byReader, byCase, scores };
  });
  const sdNetwork = Math.sqrt(1 - variances.case);
  const network = Float64Array.from(
    ofCase,
    (c, k) => (shift + networkLead) * (truth[k] ?? 0) + c + sdNetwork * normal(random),
  );

  const population = populationArea(model);
  const ofNetwork = normalCdf((shift + networkLead) / Math.SQRT2);
  // A reader's ratings of one class have variance 1 around his own mean.
  const [first = 0, second = 0] = tests.map(
    ({ byReader }) =>
      byReader.reduce((sum, [r0 = 0, r1 = 0]) => sum + normalCdf((shift + r1 - r0) / Math.SQRT2), 0) / readers,
  );
  // Over readers, on given cases: what differs between readers is random.
  const spread = Math.sqrt(2 * (2 * variances.reader + variances.readerByCase + variances.error));
  const [onFirst = 0, onSecond = 0] = tests.map(({ byCase }) => meanOverPairs(byCase, cases, spread));
  return {
    truth,
    scores: tests.map(({ scores }) => scores),
    network,
    truths: {
      population: { area: population, difference: 0, lessNetwork: population - ofNetwork },
      ofTheseReaders: { area: first, difference: first - second, lessNetwork: first - ofNetwork },
      onTheseCases: { difference: onFirst - onSecond },
    },
  };
}

/**
 * Mean area over readers and cases: the shift over the standard deviation of positive less negative, readers' part
 * included.
 */
export function populationArea(model: Pick<RoeMetzModel, "structure" | "area">): number {
  return normalCdf(shifts[model.area] / Math.sqrt(2 + 4 * variancesOf(model).reader));
}

/** Mean of Phi((positive - negative) / spread) over pairs; the first `cases` values are the negative ones. */
function meanOverPairs(values: Float64Array, cases: number, spread: number): number {
  let sum = 0;
  for (let q = cases; q < 2 * cases; q++)
    for (let p = 0; p < cases; p++) sum += normalCdf(((values[q] ?? 0) - (values[p] ?? 0)) / spread);
  return sum / cases ** 2;
}
