import { type Ids, numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { checkLengths, splitByTruth } from "../input";
import type { Direction } from "../types";
import { dot, rowSums, sum, summed } from "./sums";

/** The scores of one reader, one an image; null where the image was not read. */
export type Reads = ArrayLike<number | null>;

/** Parts in which two triples may differ, as bits: the negative, the positive, the reader. M1..M8 of Gallas are 0..7. */
export const free = { readerOnly: 0b011, positiveOnly: 0b101, negativeOnly: 0b110, all: 0b111 } as const;

/** Sums of products over pairs of triples, the first of one test, the second of the same or of the other one. */
export interface PairSums {
  /** For each set of parts that may differ: over the pairs that share the other parts. */
  atLeast: Float64Array;
  /** For each set of parts: over the pairs that differ in these and share the others. */
  exactly: Float64Array;
}

/** A test: how often a positive was ranked above a negative (ties 1/2), of how many pairs that a reader read. */
export interface TestOfReaders {
  /** Share won of the (reader, positive, negative) triples that were read; null when no reader read both classes. */
  auc: number | null;
  /** Their weights, added. */
  triples: number;
  /** For each cluster: by how much the triples whose positive, or negative, lies in it are won more often than the others, over `triples`. */
  positives: Float64Array;
  negatives: Float64Array;
  /** Clusters whose positives, or negatives, were read by a reader of both classes. */
  hasPositive: Float64Array;
  hasNegative: Float64Array;
}

export interface Moments {
  won: PairSums;
  read: PairSums;
}

/**
 * Two tests of the same readers on the same images, reader by reader, by sums over pairs of (reader, positive, negative) triples.
 *
 * Gallas BD. Acad Radiol 2006;13:353-362, for images that come in clusters (patients): two triples share a positive, or a negative, when these
 * are of one cluster, and differ in everything only when no cluster of one is a cluster of the other (by inclusion and exclusion over the
 * ways in which a positive and a negative can meet in a cluster). With one image a cluster these are Gallas' sums. Every reader looks at every
 * pair of a positive and a negative: time grows as readers x positives x negatives, memory as readers x clusters.
 * @throws StatsError when there is no reader, one list has more readers, lengths differ, truth is not 0/1 with both classes, or a score is
 * not finite
 */
export function readerMoments(input: {
  truth: ArrayLike<number>;
  first: readonly Reads[];
  second: readonly Reads[];
  direction: Direction;
  cluster: Ids;
  /** What a triple of each reader weighs, in the first test and in the second; left out: 1. */
  weights?: readonly [readonly number[], readonly number[]];
}): { first: TestOfReaders; second: TestOfReaders; own: Moments; other: Moments; shared: Moments } {
  const { first, second } = input;
  checkLengths({ first, second });
  if (first.length === 0) throw new StatsError("empty", "There is no reader; give at least one.");
  const layout = layoutOf(input);
  const weights = Float64Array.from(input.weights?.flat() ?? new Array(layout.columns).fill(1));
  const [won, read] = [sumsOfWon(layout, weights), sumsOfRead(layout, weights)];
  const test = (side: 0 | 1) => testOf(won.tables, read.tables, layout, side);
  const moments = (a: 0 | 1, b: 0 | 1) => ({
    won: pairSums(won, layout, a, b),
    read: pairSums(read, layout, a, b),
  });
  return { first: test(0), second: test(1), own: moments(0, 0), other: moments(1, 1), shared: moments(0, 1) };
}

/**
 * Scores as ranks, image by image, sorted by cluster: those of all readers in the first test, then in the second. What was not read has a rank
 * that beats nothing (a positive) or is beaten by nothing (a negative).
 */
interface Layout {
  readers: number;
  /** Readers of both tests. */
  columns: number;
  clusters: number;
  positives: Int32Array;
  negatives: Int32Array;
  /** Where the images of each cluster begin, and where those of the last one end. */
  positivesFrom: Int32Array;
  negativesFrom: Int32Array;
}

const notRead = { positive: -1, negative: 2 ** 30 } as const;

function layoutOf(input: {
  truth: ArrayLike<number>;
  first: readonly Reads[];
  second: readonly Reads[];
  direction: Direction;
  cluster: Ids;
}): Layout {
  const { truth, first, second, direction } = input;
  const positions = splitByTruth({ truth, score: Array.from(truth, (_, index) => index), direction: "higher" });
  for (const [name, readers] of Object.entries({ first, second })) {
    for (const [reader, reads] of readers.entries()) {
      checkLengths({ truth, [`${name}[${reader}]`]: reads });
      for (let i = 0; i < reads.length; i++) {
        if (reads[i] !== null && !Number.isFinite(reads[i]))
          throw new StatsError("not_finite", `${name}[${reader}][${i}] is ${reads[i]}; give null if not read.`, i);
      }
    }
  }
  const { of: clusterOf, count: clusters } = numberClusters(input.cluster, truth.length);
  const columns = [...first, ...second];
  const sign = direction === "higher" ? 1 : -1;
  const ranks = columns.map((reads) => {
    const values = [...new Set(Array.from(reads).flatMap((read) => (read === null ? [] : [sign * read])))];
    return new Map(values.sort((x, y) => x - y).map((value, rank) => [value, rank]));
  });
  const sorted = (at: Float64Array, missing: number) => {
    const images = Array.from(at).sort((i, j) => (clusterOf[i] ?? 0) - (clusterOf[j] ?? 0));
    const from = new Int32Array(clusters + 1);
    for (const image of images) {
      const next = (clusterOf[image] ?? 0) + 1;
      from[next] = (from[next] ?? 0) + 1;
    }
    for (let g = 1; g <= clusters; g++) from[g] = (from[g] ?? 0) + (from[g - 1] ?? 0);
    const scores = new Int32Array(images.length * columns.length);
    for (const [i, image] of images.entries()) {
      for (const [c, reads] of columns.entries()) {
        const read = reads[image] ?? null;
        scores[i * columns.length + c] = read === null ? missing : (ranks[c]?.get(sign * read) ?? missing);
      }
    }
    return { from, scores };
  };
  const positives = sorted(positions.positives, notRead.positive);
  const negatives = sorted(positions.negatives, notRead.negative);
  return {
    readers: first.length,
    columns: columns.length,
    clusters,
    positives: positives.scores,
    negatives: negatives.scores,
    positivesFrom: positives.from,
    negativesFrom: negatives.from,
  };
}

/** An outcome by cluster (rows) and column: of the pairs whose positive is in the cluster, whose negative is, with both in it. */
interface Tables {
  positives: Float64Array;
  negatives: Float64Array;
  within: Float64Array;
}

/** Products of two outcomes summed: of the same reader, and of any two readers. By pair of tests: first with itself, second with itself, both. */
interface Products {
  own: Float64Array;
  any: Float64Array;
}

interface Sums {
  tables: Tables;
  /** On the same clusters, and with the clusters of positive and negative exchanged. */
  same: Products;
  exchanged: Products;
}

const noProducts = (): Products => ({ own: new Float64Array(3), any: new Float64Array(3) });

/** Clusters that have an image of these. */
const holding = (from: Int32Array): number[] =>
  Array.from({ length: from.length - 1 }, (_, g) => g).filter((g) => (from[g + 1] ?? 0) > (from[g] ?? 0));

function sumsOfWon(layout: Layout, weights: Float64Array): Sums {
  const { readers, columns, clusters, positivesFrom, negativesFrom } = layout;
  const empty = () => new Float64Array(columns * clusters);
  const tables = { positives: empty(), negatives: empty(), within: empty() };
  const [same, exchanged] = [noProducts(), noProducts()];
  const has = (from: Int32Array) =>
    Uint8Array.from({ length: clusters }, (_, g) => ((from[g + 1] ?? 0) > (from[g] ?? 0) ? 1 : 0));
  const [hasPositive, hasNegative] = [has(positivesFrom), has(negativesFrom)];
  const [forth, back] = [new Float64Array(columns), new Float64Array(columns)];
  const count = (g: number, h: number, wins: Float64Array) => {
    winsBetween(layout, g, h, wins);
    for (let c = 0; c < columns; c++) {
      const value = (wins[c] ?? 0) * (weights[c] ?? 0);
      wins[c] = value;
      tables.positives[g * columns + c] = (tables.positives[g * columns + c] ?? 0) + value;
      tables.negatives[h * columns + c] = (tables.negatives[h * columns + c] ?? 0) + value;
    }
    multiply(same, wins, wins, readers);
  };
  for (let g = 0; g < clusters; g++) {
    if (hasPositive[g] && hasNegative[g]) {
      count(g, g, forth);
      tables.within.set(forth, g * columns);
      multiply(exchanged, forth, forth, readers);
    }
    for (let h = g + 1; h < clusters; h++) {
      const [isForth, isBack] = [hasPositive[g] && hasNegative[h], hasPositive[h] && hasNegative[g]];
      if (isForth) count(g, h, forth);
      if (isBack) count(h, g, back);
      if (isForth && isBack) multiplyBothWays(exchanged, forth, back, readers);
    }
  }
  return { tables, same, exchanged };
}

/** For each column, how often a positive of one cluster outranks a negative of another; ties 1/2. */
function winsBetween(layout: Layout, g: number, h: number, wins: Float64Array): void {
  const { columns, positives, negatives, positivesFrom, negativesFrom } = layout;
  wins.fill(0);
  const [lastP, lastQ] = [positivesFrom[g + 1] ?? 0, negativesFrom[h + 1] ?? 0];
  for (let p = positivesFrom[g] ?? 0; p < lastP; p++) {
    for (let q = negativesFrom[h] ?? 0; q < lastQ; q++) {
      const [ofP, ofQ] = [p * columns, q * columns];
      for (let c = 0; c < columns; c++) {
        // The sign bit: 1 when the positive is above, and once more when it is above or level.
        const apart = ((negatives[ofQ + c] ?? 0) - (positives[ofP + c] ?? 0)) | 0;
        wins[c] = (wins[c] ?? 0) + ((apart >>> 31) + ((apart - 1) >>> 31)) / 2;
      }
    }
  }
}

/** Of the pairs that were read: these are counts of positives times counts of negatives, so that their sums are products of sums. */
function sumsOfRead(
  { readers, columns, clusters, positives, negatives, positivesFrom, negativesFrom }: Layout,
  weights: Float64Array,
): Sums {
  const countsOf = (scores: Int32Array, from: Int32Array, missing: number) => {
    const counts = new Float64Array(clusters * columns);
    for (const g of holding(from)) {
      for (let i = (from[g] ?? 0) * columns; i < (from[g + 1] ?? 0) * columns; i++) {
        const at = g * columns + (i % columns);
        if (scores[i] !== missing) counts[at] = (counts[at] ?? 0) + 1;
      }
    }
    return counts;
  };
  const ofPositives = countsOf(positives, positivesFrom, notRead.positive).map(
    (count, i) => count * (weights[i % columns] ?? 0),
  );
  const ofNegatives = countsOf(negatives, negativesFrom, notRead.negative);
  const [allPositives, allNegatives] = [summed(ofPositives, columns), summed(ofNegatives, columns)];
  const tables = {
    positives: ofPositives.map((count, i) => count * (allNegatives[i % columns] ?? 0)),
    negatives: ofNegatives.map((count, i) => count * (allPositives[i % columns] ?? 0)),
    within: ofPositives.map((count, i) => count * (ofNegatives[i] ?? 0)),
  };
  /** Of two columns, over clusters. */
  const inCommon = (x: Float64Array, c: number, y: Float64Array, d: number) => {
    let total = 0;
    for (let g = 0; g < clusters; g++) total += (x[g * columns + c] ?? 0) * (y[g * columns + d] ?? 0);
    return total;
  };
  const [same, exchanged] = [noProducts(), noProducts()];
  for (const [pair, [a, b]] of pairsOfTests.entries()) {
    for (let r = 0; r < readers; r++) {
      for (let s = 0; s < readers; s++) {
        const [c, d] = [a * readers + r, b * readers + s];
        const ofSame = inCommon(ofPositives, c, ofPositives, d) * inCommon(ofNegatives, c, ofNegatives, d);
        const ofExchanged = inCommon(ofPositives, c, ofNegatives, d) * inCommon(ofNegatives, c, ofPositives, d);
        same.any[pair] = (same.any[pair] ?? 0) + ofSame;
        exchanged.any[pair] = (exchanged.any[pair] ?? 0) + ofExchanged;
        if (r !== s) continue;
        same.own[pair] = (same.own[pair] ?? 0) + ofSame;
        exchanged.own[pair] = (exchanged.own[pair] ?? 0) + ofExchanged;
      }
    }
  }
  return { tables, same, exchanged };
}

function multiply({ own, any }: Products, x: Float64Array, y: Float64Array, readers: number): void {
  let [ownA, ownB, shared, xA, xB, yA, yB] = [0, 0, 0, 0, 0, 0, 0];
  for (let r = 0; r < readers; r++) {
    const [a, b, c, d] = [x[r] ?? 0, x[readers + r] ?? 0, y[r] ?? 0, y[readers + r] ?? 0];
    ownA += a * c;
    ownB += b * d;
    shared += a * d;
    xA += a;
    xB += b;
    yA += c;
    yB += d;
  }
  own[0] = (own[0] ?? 0) + ownA;
  own[1] = (own[1] ?? 0) + ownB;
  own[2] = (own[2] ?? 0) + shared;
  any[0] = (any[0] ?? 0) + xA * yA;
  any[1] = (any[1] ?? 0) + xB * yB;
  any[2] = (any[2] ?? 0) + xA * yB;
}

/** x times y and y times x. */
function multiplyBothWays(products: Products, x: Float64Array, y: Float64Array, readers: number): void {
  multiply(products, x, y, readers);
  multiply(products, y, x, readers);
}

const pairsOfTests = [
  [0, 0],
  [1, 1],
  [0, 1],
] as const;

/** The columns of one test. */
function ofTest({ positives, negatives, within }: Tables, { readers, columns, clusters }: Layout, side: 0 | 1): Tables {
  const part = (table: Float64Array) => {
    const rows = new Float64Array(clusters * readers);
    for (let g = 0; g < clusters; g++)
      rows.set(table.subarray(g * columns + side * readers, g * columns + (side + 1) * readers), g * readers);
    return rows;
  };
  return { positives: part(positives), negatives: part(negatives), within: part(within) };
}

function pairSums({ tables, same, exchanged }: Sums, layout: Layout, a: 0 | 1, b: 0 | 1): PairSums {
  const { readers } = layout;
  const pair = a === b ? a : 2;
  const [x, y] = [ofTest(tables, layout, a), ofTest(tables, layout, b)];
  const overReaders = (each: Tables): Tables => ({
    positives: rowSums(each.positives, readers),
    negatives: rowSums(each.negatives, readers),
    within: rowSums(each.within, readers),
  });
  const [allX, allY] = [overReaders(x), overReaders(y)];
  const atLeast = Float64Array.of(
    same.own[pair] ?? 0,
    dot(x.positives, y.positives),
    dot(x.negatives, y.negatives),
    dot(summed(x.positives, readers), summed(y.positives, readers)),
    same.any[pair] ?? 0,
    dot(allX.positives, allY.positives),
    dot(allX.negatives, allY.negatives),
    sum(allX.positives) * sum(allY.positives),
  );
  const exactly = atLeast.slice();
  for (const bit of [0b001, 0b010, 0b100]) {
    for (let k = 0; k < exactly.length; k++) if (k & bit) exactly[k] = (exactly[k] ?? 0) - (exactly[k ^ bit] ?? 0);
  }
  const ofOwn = meeting(x, y, exchanged.own[pair] ?? 0);
  exactly[free.readerOnly] = (exactly[free.readerOnly] ?? 0) - ofOwn;
  exactly[free.all] = (exactly[free.all] ?? 0) - (meeting(allX, allY, exchanged.any[pair] ?? 0) - ofOwn);
  return { atLeast, exactly };
}

/** Over the pairs of triples that share a cluster only as that of the positive of one and of the negative of the other. */
function meeting(x: Tables, y: Tables, exchanged: number): number {
  const once = dot(x.positives, y.negatives) + dot(x.negatives, y.positives);
  const twice =
    exchanged +
    dot(x.positives, y.within) +
    dot(x.within, y.positives) +
    dot(x.within, y.negatives) +
    dot(x.negatives, y.within);
  return once - twice + 3 * dot(x.within, y.within);
}

function testOf(won: Tables, read: Tables, layout: Layout, side: 0 | 1): TestOfReaders {
  const overReaders = (tables: Tables) => {
    const { positives, negatives } = ofTest(tables, layout, side);
    return { positives: rowSums(positives, layout.readers), negatives: rowSums(negatives, layout.readers) };
  };
  const [wins, pairs] = [overReaders(won), overReaders(read)];
  const triples = sum(pairs.positives);
  const auc = triples === 0 ? null : sum(wins.positives) / triples;
  const above = (values: Float64Array, counts: Float64Array) =>
    values.map((value, g) => (value - (auc ?? 0) * (counts[g] ?? 0)) / (triples || 1));
  return {
    auc,
    triples,
    positives: above(wins.positives, pairs.positives),
    negatives: above(wins.negatives, pairs.negatives),
    hasPositive: pairs.positives.map((count) => (count > 0 ? 1 : 0)),
    hasNegative: pairs.negatives.map((count) => (count > 0 ? 1 : 0)),
  };
}
