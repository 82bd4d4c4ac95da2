import { clusteredAuc, compareClusteredAuc } from "./clustered/clustered-auc";
import { clusteredKappa } from "./clustered/clustered-kappa";
import { clusteredMcNemar } from "./clustered/clustered-mcnemar";
import { clusteredProportion } from "./clustered/clustered-proportion";
import { StatsError } from "./errors";
import { adjustP } from "./groups/adjust-p";
import type { PairedCounts } from "./paired/mcnemar";
import { type RocPoint, rocPoints } from "./roc/roc-points";
import { type Estimate, notEstimable } from "./types";

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
const byPatient = "clustered by patient";

/**
 * Readers against each other and against the network on the same images, image by image. All fractions are 0..1.
 *
 * Pairs are compared on the images that both have; `n` says how many. Estimates count images; every interval and test is clustered by
 * patient, since images of one node and nodes of one patient are alike. Calls: ratio estimator, and within the positive (sensitivity)
 * and the negative images (specificity) Yang's clustered McNemar test. Ratings and scores: Obuchowski's areas, compared only where both
 * parties have them, so that a single operating point is never ranked against a curve. A reader's rating is 50 + confidence / 2 for a
 * positive call and 50 - confidence / 2 for a negative one.
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
  const known = new Map(options.images.map(({ id, truth, subject }) => [id, { truth, subject }]));
  const readers = opinionsOfReaders(options.reads, known);
  const scored = opinionsOfNetwork(options.scores ?? [], options.threshold, known);
  const parties = scored ? [...readers, scored] : readers;
  const comparisons = pairs(readers, scored).flatMap((pair) => compare(pair, known));
  const adjusted = adjustP(
    comparisons.map(({ p }) => p),
    "holm",
  );
  return {
    rows: parties.map((party) => rowOf(party, known)),
    roc: parties.map((party) => rocOf(party, known)),
    agreement: samePairs(readers).map(([first, second]) => agreementOf(first, second, known)),
    comparisons: comparisons.map((comparison, i) => ({ ...comparison, pHolm: adjusted[i] ?? null })),
  };
}

// ---- who said what --------------------------------------------------------------------------------------------------------

type Known = ReadonlyMap<string, { truth: 0 | 1; subject: string }>;

function opinionsOfReaders(reads: readonly ComparedRead[], known: Known): (Opinions & { condition: string })[] {
  const byParty = new Map<string, Opinions & { condition: string }>();
  for (const [index, { reader, condition, image, call, confidence }] of reads.entries()) {
    const key = JSON.stringify([reader, condition]);
    const party = byParty.get(key) ?? { reader, condition, calls: new Map(), ratings: new Map() };
    byParty.set(key, party);
    refuse(image, known, party.calls, `${reader} in ${condition}`, index);
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
  known: Known,
): Opinions | null {
  if (scores.length === 0) return null;
  const ratings = new Map<string, number>();
  for (const [index, { image, score }] of scores.entries()) {
    refuse(image, known, ratings, network, index);
    ratings.set(image, score);
  }
  const calls = new Map([...ratings].map(([image, score]): [string, 0 | 1] => [image, score >= threshold ? 1 : 0]));
  return { reader: network, condition: null, calls, ratings };
}

function refuse(image: string, known: Known, seen: ReadonlyMap<string, unknown>, who: string, index: number): void {
  if (!known.has(image))
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

function rowOf(party: Opinions, known: Known): ComparisonRow {
  const images = judgedBy(party, known);
  const share = (of: readonly Judged[], isEvent: (image: Judged) => boolean) =>
    clusteredProportion({
      outcome: of.map((image) => (isEvent(image) ? 1 : 0)),
      cluster: of.map(({ subject }) => subject),
      method: `ratio estimator, Wilson with effective n; ${byPatient}`,
    }).proportion;
  const isRight = ({ truth, call }: Judged) => truth === call;
  const [positive, negative] = [images.filter(({ truth }) => truth === 1), images.filter(({ truth }) => truth === 0)];
  const count = (truth: 0 | 1, call: 0 | 1) =>
    images.filter((each) => each.truth === truth && each.call === call).length;
  return {
    ...partyOf(party),
    unit: "image",
    n: images.length,
    tp: count(1, 1),
    fn: count(1, 0),
    tn: count(0, 0),
    fp: count(0, 1),
    sensitivity: share(positive, isRight),
    specificity: share(negative, isRight),
    ppv: share(
      images.filter(({ call }) => call === 1),
      isRight,
    ),
    npv: share(
      images.filter(({ call }) => call === 0),
      isRight,
    ),
    accuracy: share(images, isRight),
    auc: aucOf(party, known),
    singlePointAuc: areaOf(
      {
        truth: images.map(({ truth }) => truth),
        score: images.map(({ call }) => call),
        cluster: images.map(({ subject }) => subject),
      },
      `single-point AUC = balanced accuracy, Obuchowski; ${byPatient}`,
    ),
  };
}

/** The images that are in all of these, in the order of the study. */
const imagesIn = (known: Known, ...all: ReadonlyMap<string, unknown>[]) =>
  [...known.keys()].filter((image) => all.every((each) => each.has(image)));

interface Judged {
  truth: 0 | 1;
  call: 0 | 1;
  subject: string;
}

function judgedBy({ calls }: Opinions, known: Known): Judged[] {
  return [...known].flatMap(([image, about]) => {
    const call = calls.get(image);
    return call === undefined ? [] : [{ ...about, call }];
  });
}

function aucOf({ condition, calls, ratings }: Opinions, known: Known): Estimate {
  const of = condition === null ? "out-of-fold scores" : "confidence ratings";
  const method = `empirical AUC of ${of}, Obuchowski; ${byPatient}`;
  const missing = calls.size - ratings.size;
  if (missing > 0) {
    const partly = `confidence is missing for ${missing} of ${calls.size} images`;
    const reason = ratings.size === 0 ? "binary read: one operating point" : partly;
    return notEstimable({ reason, method, n: calls.size });
  }
  return areaOf(scoredBy(ratings, imagesIn(known, ratings), known), method);
}

interface ScoredImages {
  truth: number[];
  score: number[];
  cluster: string[];
}

/** What a party has read so far may be of one class only. */
const lacking = (truth: readonly number[]): string | null =>
  !truth.includes(1) ? "there is no positive image" : !truth.includes(0) ? "there is no negative image" : null;

function areaOf(images: ScoredImages, method: string): Estimate {
  const reason = lacking(images.truth);
  if (reason) return notEstimable({ reason, method, n: images.truth.length });
  return clusteredAuc({ ...images, direction: "higher", method }).auc;
}

function rocOf(party: Opinions, known: Known): RocEntry {
  if (party.condition === null) {
    const images = scoredBy(party.ratings, imagesIn(known, party.ratings), known);
    const points = lacking(images.truth) ? [] : rocPoints({ ...images, direction: "higher" });
    return { kind: "curve", ...partyOf(party), points };
  }
  const images = judgedBy(party, known);
  const positiveCalls = (truth: 0 | 1) => {
    const own = images.filter((image) => image.truth === truth);
    return clusteredProportion({
      outcome: own.map(({ call }) => call),
      cluster: own.map(({ subject }) => subject),
      method: `ratio estimator, Wilson with effective n; ${byPatient}`,
    }).proportion;
  };
  return { kind: "point", ...partyOf(party), fpr: positiveCalls(0), tpr: positiveCalls(1) };
}

function scoredBy(ratings: ReadonlyMap<string, number>, images: readonly string[], known: Known): ScoredImages {
  return {
    truth: images.map((image) => known.get(image)?.truth ?? 0),
    cluster: images.map((image) => known.get(image)?.subject ?? image),
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

function compare({ kind, condition, first, second }: Pair, known: Known): Omit<PairedComparison, "pHolm">[] {
  const common = imagesIn(known, first.calls, second.calls);
  const about = { kind, first: partyOf(first), second: partyOf(second), condition };
  const onCalls = (["sensitivity", "specificity"] as const).map((measure) => {
    const truth = measure === "sensitivity" ? 1 : 0;
    const own = common.filter((image) => known.get(image)?.truth === truth);
    const method = `Yang's clustered McNemar, ratio-estimator interval; ${byPatient}`;
    const { difference, yang } = clusteredMcNemar(rightByPatient(first, second, own, truth, known), { method });
    return { ...about, measure, n: own.length, difference, method, p: yang?.p ?? null };
  });
  if (!isRated(first) || !isRated(second)) return onCalls;
  const { truth, score, cluster } = scoredBy(first.ratings, common, known);
  const method = `paired areas, Obuchowski; ${byPatient}`;
  const other = scoredBy(second.ratings, common, known).score;
  const reason = lacking(truth);
  const { difference, p } = reason
    ? { difference: notEstimable({ reason, method, n: common.length }), p: null }
    : compareClusteredAuc({
        truth,
        first: score,
        second: other,
        direction: "higher",
        cluster,
        tail: "two-sided",
        method,
      });
  return [...onCalls, { ...about, measure: "auc", n: common.length, difference, method, p }];
}

/** Who got the images of one truth right: a table a patient. */
function rightByPatient(
  first: Opinions,
  second: Opinions,
  images: readonly string[],
  truth: 0 | 1,
  known: Known,
): PairedCounts[] {
  const tables = new Map<string, PairedCounts>();
  for (const image of images) {
    const subject = known.get(image)?.subject ?? image;
    const table = tables.get(subject) ?? { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
    tables.set(subject, table);
    const [a, b] = [first.calls.get(image) === truth, second.calls.get(image) === truth];
    table[a ? (b ? "both" : "firstOnly") : b ? "secondOnly" : "neither"]++;
  }
  return [...tables.values()];
}

function agreementOf(first: Opinions & { condition: string }, second: Opinions, known: Known): Agreement {
  const common = imagesIn(known, first.calls, second.calls);
  const { n, table, observed, kappa } = clusteredKappa({
    first: common.map((image) => first.calls.get(image) ?? 0),
    second: common.map((image) => second.calls.get(image) ?? 0),
    cluster: common.map((image) => known.get(image)?.subject ?? image),
    method: `Cohen's kappa, jackknife; ${byPatient}`,
  });
  return { readers: [first.reader, second.reader], condition: first.condition, n, table, kappa, observed };
}
