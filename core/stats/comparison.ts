import { confusionMetrics } from "./confusion";
import { pairedDeLong } from "./delong";
import { StatsError } from "./errors";
import { holm } from "./holm";
import { cohenKappa } from "./kappa";
import { mcnemar } from "./mcnemar";
import { auc, type RocPoint, rocPoints } from "./roc";
import { type Estimate, notEstimable } from "./types";
import { wilson } from "./wilson";

export interface ComparedImage {
  id: string;
  node: string;
  subject: string;
  plane: string;
  truth: 0 | 1;
}

export interface ComparedRead {
  reader: string;
  condition: string;
  image: string;
  call: 0 | 1;
  /** 0 (a guess) to 100 (certain) that the call is right; null when the reader gave none. */
  confidence: number | null;
}

/** Who is compared: a reader in a condition, or `network` with condition null. */
export interface Party {
  reader: string;
  condition: string | null;
}

export interface ComparisonRow extends Party {
  unit: "image";
  n: number;
  tp: number;
  fn: number;
  tn: number;
  fp: number;
  sensitivity: Estimate;
  specificity: Estimate;
  ppv: Estimate;
  npv: Estimate;
  accuracy: Estimate;
  /** Area under the whole curve of ratings or scores. */
  auc: Estimate;
  /** Balanced accuracy: the trapezoid through the one operating point. Not to be ranked against `auc`. */
  singlePointAuc: Estimate;
}

export type RocEntry =
  | (Party & { kind: "curve"; points: RocPoint[] })
  | (Party & { kind: "point"; fpr: Estimate; tpr: Estimate });

export interface Agreement {
  readers: [string, string];
  condition: string;
  n: number;
  /** [[both positive, only the first], [only the second, both negative]] */
  table: number[][];
  kappa: Estimate;
  observed: number | null;
}

export interface PairedComparison {
  kind: "condition" | "reader" | "network";
  first: Party;
  second: Party;
  /** The condition both share, or that of the reader against the network; null between conditions. */
  condition: string | null;
  measure: "sensitivity" | "specificity" | "auc";
  /** Images read by both: the positive ones for sensitivity, the negative ones for specificity, all for the AUC. */
  n: number;
  /** First less second. */
  difference: Estimate;
  method: string;
  p: number | null;
  /** Holm's adjustment over every comparison of this analysis that has a P value. */
  pHolm: number | null;
}

export interface Comparison {
  rows: ComparisonRow[];
  roc: RocEntry[];
  agreement: Agreement[];
  comparisons: PairedComparison[];
}

/** What one party said of each image it saw. */
interface Opinions extends Party {
  calls: Map<string, 0 | 1>;
  /** Of the images that have one. */
  ratings: Map<string, number>;
}

export const network = "network";
const naive = "; naive: images as independent";

/**
 * Readers against each other and against the network on the same images, image by image. All fractions are 0..1.
 *
 * Pairs are compared on the images that both have; `n` says how many. Calls: McNemar mid-p and Newcombe's interval within the positive
 * (sensitivity) and within the negative images (specificity). Ratings and scores: paired DeLong, only where both parties have them, so
 * that a single operating point is never ranked against a curve. A reader's rating is 50 + confidence / 2 for a positive call and
 * 50 - confidence / 2 for a negative one. Every interval takes images as independent though nodes and patients have several; the
 * method names say so.
 * @param options.scores out-of-fold scores of the network; null or empty leaves the network out
 * @param options.threshold the network calls an image positive when its score is at least this
 * @throws StatsError for a read or score of an unknown image, or a second one of the same image
 */
export function compareReaders(options: {
  images: readonly ComparedImage[];
  reads: readonly ComparedRead[];
  scores: readonly { image: string; score: number }[] | null;
  threshold: number;
}): Comparison {
  const truthOf = new Map(options.images.map(({ id, truth }) => [id, truth]));
  const readers = opinionsOfReaders(options.reads, truthOf);
  const scored = opinionsOfNetwork(options.scores ?? [], options.threshold, truthOf);
  const parties = scored ? [...readers, scored] : readers;
  const comparisons = pairs(readers, scored).flatMap((pair) => compare(pair, truthOf));
  const adjusted = holm(comparisons.map(({ p }) => p));
  return {
    rows: parties.map((party) => rowOf(party, truthOf)),
    roc: parties.map((party) => rocOf(party, truthOf)),
    agreement: samePairs(readers).map(([first, second]) => agreementOf(first, second)),
    comparisons: comparisons.map((comparison, i) => ({ ...comparison, pHolm: adjusted[i] ?? null })),
  };
}

// ---- who said what --------------------------------------------------------------------------------------------------------

type Truths = ReadonlyMap<string, 0 | 1>;

function opinionsOfReaders(reads: readonly ComparedRead[], truthOf: Truths): (Opinions & { condition: string })[] {
  const byParty = new Map<string, Opinions & { condition: string }>();
  for (const [index, { reader, condition, image, call, confidence }] of reads.entries()) {
    const key = JSON.stringify([reader, condition]);
    const party = byParty.get(key) ?? { reader, condition, calls: new Map(), ratings: new Map() };
    byParty.set(key, party);
    refuse(image, truthOf, party.calls, `${reader} in ${condition}`, index);
    if (confidence !== null && !(confidence >= 0 && confidence <= 100))
      throw new StatsError(
        "out_of_range",
        `confidence of image ${image} is ${confidence}; it must be 0 to 100.`,
        index,
      );
    party.calls.set(image, call);
    if (confidence !== null) party.ratings.set(image, call === 1 ? 50 + confidence / 2 : 50 - confidence / 2);
  }
  return [...byParty.values()].sort((a, b) => order(a.reader, b.reader) || order(a.condition, b.condition));
}

function opinionsOfNetwork(
  scores: readonly { image: string; score: number }[],
  threshold: number,
  truthOf: Truths,
): Opinions | null {
  if (scores.length === 0) return null;
  const ratings = new Map<string, number>();
  for (const [index, { image, score }] of scores.entries()) {
    refuse(image, truthOf, ratings, network, index);
    ratings.set(image, score);
  }
  const calls = new Map([...ratings].map(([image, score]): [string, 0 | 1] => [image, score >= threshold ? 1 : 0]));
  return { reader: network, condition: null, calls, ratings };
}

function refuse(image: string, truthOf: Truths, seen: ReadonlyMap<string, unknown>, who: string, index: number): void {
  if (!truthOf.has(image))
    throw new StatsError(
      "unknown_image",
      `Image ${image} of ${who} is not among the images; add it or drop it.`,
      index,
    );
  if (seen.has(image)) throw new StatsError("duplicate", `Image ${image} appears twice for ${who}; keep one.`, index);
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const isRated = ({ calls, ratings }: Opinions) => ratings.size === calls.size;
const partyOf = ({ reader, condition }: Party): Party => ({ reader, condition });

// ---- one party ------------------------------------------------------------------------------------------------------------

function rowOf(party: Opinions, truthOf: Truths): ComparisonRow {
  const counts = countsOf(party, truthOf);
  const { n, sensitivity, specificity, ppv, npv, accuracy, balancedAccuracy } = confusionMetrics(counts, {
    suffix: naive,
  });
  const singlePointAuc = { ...balancedAccuracy, method: `single-point AUC = ${balancedAccuracy.method}` };
  const whole = aucOf(party, truthOf);
  const measures = { sensitivity, specificity, ppv, npv, accuracy, auc: whole, singlePointAuc };
  return { ...partyOf(party), unit: "image", n, ...counts, ...measures };
}

function aucOf({ condition, calls, ratings }: Opinions, truthOf: Truths): Estimate {
  const of = condition === null ? "out-of-fold scores" : "confidence ratings";
  const method = `empirical AUC of ${of}, DeLong${naive}`;
  const missing = calls.size - ratings.size;
  if (missing > 0) {
    const partly = `confidence is missing for ${missing} of ${calls.size} images`;
    const reason = ratings.size === 0 ? "binary read: one operating point" : partly;
    return notEstimable({ reason, method, n: calls.size });
  }
  return auc({ ...scoredBy(ratings, [...ratings.keys()], truthOf), method });
}

function rocOf(party: Opinions, truthOf: Truths): RocEntry {
  if (party.condition === null) {
    const images = [...party.ratings.keys()];
    return { kind: "curve", ...partyOf(party), points: rocPoints(scoredBy(party.ratings, images, truthOf)) };
  }
  const { tp, fn, tn, fp } = countsOf(party, truthOf);
  const method = `Wilson${naive}`;
  const fpr = wilson({ events: fp, n: fp + tn, method });
  const tpr = wilson({ events: tp, n: tp + fn, method });
  return { kind: "point", ...partyOf(party), fpr, tpr };
}

function countsOf({ calls }: Opinions, truthOf: Truths) {
  const counts = { tp: 0, fn: 0, tn: 0, fp: 0 };
  for (const [image, call] of calls) {
    if (truthOf.get(image) === 1) counts[call === 1 ? "tp" : "fn"]++;
    else counts[call === 1 ? "fp" : "tn"]++;
  }
  return counts;
}

function scoredBy(ratings: ReadonlyMap<string, number>, images: readonly string[], truthOf: Truths) {
  return {
    truth: images.map((image) => truthOf.get(image) ?? 0),
    score: images.map((image) => ratings.get(image) ?? 0),
  };
}

// ---- two parties ----------------------------------------------------------------------------------------------------------

interface Pair {
  kind: PairedComparison["kind"];
  condition: string | null;
  first: Opinions;
  second: Opinions;
}

/** Two readers in the same condition. */
function samePairs<T extends Opinions>(readers: readonly T[]): [T, T][] {
  return readers.flatMap((first, i) =>
    readers
      .slice(i + 1)
      .filter((second) => second.condition === first.condition)
      .map((second): [T, T] => [first, second]),
  );
}

function pairs(readers: readonly (Opinions & { condition: string })[], scored: Opinions | null): Pair[] {
  const ofConditions = readers.flatMap((first, i) =>
    readers
      .slice(i + 1)
      .filter((second) => second.reader === first.reader)
      .map((second): Pair => ({ kind: "condition", condition: null, first, second })),
  );
  const ofReaders = samePairs(readers).map(
    ([first, second]): Pair => ({ kind: "reader", condition: first.condition, first, second }),
  );
  const ofNetwork = readers.flatMap((second): Pair[] =>
    scored ? [{ kind: "network", condition: second.condition, first: scored, second }] : [],
  );
  return [...ofConditions, ...ofReaders, ...ofNetwork];
}

function compare({ kind, condition, first, second }: Pair, truthOf: Truths): Omit<PairedComparison, "pHolm">[] {
  const common = [...first.calls.keys()].filter((image) => second.calls.has(image));
  const about = { kind, first: partyOf(first), second: partyOf(second), condition };
  const onCalls = (["sensitivity", "specificity"] as const).map((measure) => {
    const truth = measure === "sensitivity" ? 1 : 0;
    const table = crossed(
      first,
      second,
      common.filter((image) => truthOf.get(image) === truth),
    );
    // In the negative images a negative call is the right one: what only the second calls positive, only the first gets right.
    const [firstOnly, secondOnly] =
      truth === 1 ? [table.firstOnly, table.secondOnly] : [table.secondOnly, table.firstOnly];
    const [both, neither] = truth === 1 ? [table.both, table.neither] : [table.neither, table.both];
    const method = `McNemar mid-p, Newcombe interval (method 10)${naive}`;
    const { n, difference, pMid } = mcnemar({ both, firstOnly, secondOnly, neither, method });
    return { ...about, measure, n, difference, method, p: n === 0 ? null : pMid };
  });
  if (!isRated(first) || !isRated(second)) return onCalls;
  const { truth, score } = scoredBy(first.ratings, common, truthOf);
  const method = `paired DeLong${naive}`;
  const rated = pairedDeLong({ truth, first: score, second: scoredBy(second.ratings, common, truthOf).score, method });
  return [...onCalls, { ...about, measure: "auc", n: common.length, difference: rated.difference, method, p: rated.p }];
}

function agreementOf(first: Opinions & { condition: string }, second: Opinions): Agreement {
  const common = [...first.calls.keys()].filter((image) => second.calls.has(image));
  const { both, firstOnly, secondOnly, neither } = crossed(first, second, common);
  const table = [
    [both, firstOnly],
    [secondOnly, neither],
  ];
  const { kappa, observed, n } = cohenKappa({ table, method: `Cohen's kappa, Fleiss-Cohen-Everitt${naive}` });
  return { readers: [first.reader, second.reader], condition: first.condition, n, table, kappa, observed };
}

function crossed(first: Opinions, second: Opinions, images: readonly string[]) {
  const counts = { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
  for (const image of images) {
    const [a, b] = [first.calls.get(image), second.calls.get(image)];
    counts[a === 1 ? (b === 1 ? "both" : "firstOnly") : b === 1 ? "secondOnly" : "neither"]++;
  }
  return counts;
}
