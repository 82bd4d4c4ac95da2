import { type Ids, numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { checkLengths, splitByTruth } from "../input";
import { levelsOf, startsOf } from "../roc/ranked-scores";
import { firstNotBelow } from "../roc/structural-components";
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
 * ways in which a positive and a negative can meet in a cluster). With one image a cluster these are Gallas' sums.
 *
 * Pairs of a positive and a negative are counted, never looked at one by one (`pairsWon`): time grows as readers^2 x images x images of a cluster x
 * log(levels), memory as readers x images. Tests that rank alike (one network, held against every reader) are counted once.
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
  const weights = Float64Array.from(input.weights?.flat() ?? new Array(layout.columns.length).fill(1));
  const [won, read] = [sumsOfWon(layout, weights), sumsOfRead(layout, weights)];
  const test = (side: 0 | 1) => testOf(won.tables, read.tables, layout, side);
  const moments = (a: 0 | 1, b: 0 | 1) => ({
    won: pairSums(won, layout, a, b),
    read: pairSums(read, layout, a, b),
  });
  return { first: test(0), second: test(1), own: moments(0, 0), other: moments(1, 1), shared: moments(0, 1) };
}

/** The images of one class, those of a cluster beside each other. */
interface ClassOfImages {
  /** Of each image. */
  cluster: Int32Array;
  /** Where the images of each cluster begin, and where those of the last one end. */
  from: Uint32Array;
}

/** What one reader said in one test. */
interface Column {
  /** The rank of each image among all that were read, from 0; -1: not read. */
  positives: Int32Array;
  negatives: Int32Array;
  /** Different ranks. */
  levels: number;
  /** The images that were read, by rising rank. */
  rising: { positives: Int32Array; negatives: Int32Array };
}

interface Layout {
  readers: number;
  clusters: number;
  positives: ClassOfImages;
  negatives: ClassOfImages;
  /** Those of all readers in the first test, then in the second; one object where two rank alike. */
  columns: Column[];
}

const notRead = -1;

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
  const byCluster = (at: Float64Array) => {
    const images = Int32Array.from(at).sort((i, j) => (clusterOf[i] ?? 0) - (clusterOf[j] ?? 0) || i - j);
    const cluster = images.map((image) => clusterOf[image] ?? 0);
    return { images, cluster, from: startsOf(cluster, clusters) };
  };
  const [positives, negatives] = [byCluster(positions.positives), byCluster(positions.negatives)];
  const sign = direction === "higher" ? 1 : -1;
  const columnOf = (reads: Reads): Column => {
    const levels = levelsOf(Float64Array.from(reads, (value) => (value === null ? Number.NaN : sign * value)));
    const ranks = (images: Int32Array) =>
      images.map((image) => {
        const value = reads[image] ?? null;
        return value === null ? notRead : firstNotBelow(levels, sign * value, 0);
      });
    const [ofPositives, ofNegatives] = [ranks(positives.images), ranks(negatives.images)];
    return {
      positives: ofPositives,
      negatives: ofNegatives,
      levels: levels.length,
      rising: {
        positives: inOrder(ofPositives, levels.length),
        negatives: inOrder(ofNegatives, levels.length),
      },
    };
  };
  const all = [...first, ...second];
  const columns: Column[] = [];
  for (const [c, reads] of all.entries()) {
    const same = all.slice(0, c).findIndex((other) => isAlike(other, reads));
    columns.push(columns[same] ?? columnOf(reads));
  }
  return { readers: first.length, clusters, positives, negatives, columns };
}

function isAlike(one: Reads, other: Reads): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** The images that have a rank, by rising rank. */
function inOrder(ranks: Int32Array, levels: number): Int32Array {
  const next = startsOf(
    ranks.filter((rank) => rank !== notRead),
    levels,
  );
  const order = new Int32Array(next[levels] ?? 0);
  for (const [image, rank] of ranks.entries()) {
    if (rank === notRead) continue;
    const at = next[rank] ?? 0;
    order[at] = image;
    next[rank] = at + 1;
  }
  return order;
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

function sumsOfWon(layout: Layout, weights: Float64Array): Sums {
  const { columns } = layout;
  const tables = tablesOfWon(layout, weights);
  const alike = [...new Set(columns)];
  const number = columns.map((column) => alike.indexOf(column));
  /** For two columns that do not rank alike, once; the order of the two makes no difference. */
  const counted = (partners: "same" | "exchanged") => {
    const known = new Map<number, number>();
    return (c: number, d: number): number => {
      const [one, two] = [number[c] ?? 0, number[d] ?? 0];
      const [low, high] = [Math.min(one, two), Math.max(one, two)];
      const before = known.get(low * alike.length + high);
      if (before !== undefined) return before;
      const [x, y] = [alike[low], alike[high]];
      const value =
        !x || !y ? 0 : x.levels < y.levels ? pairsWon(y, x, layout, partners) : pairsWon(x, y, layout, partners);
      known.set(low * alike.length + high, value);
      return value;
    };
  };
  return {
    tables,
    same: productsOf(layout, weights, counted("same")),
    exchanged: productsOf(layout, weights, counted("exchanged")),
  };
}

/** @param of the sum for two columns whose triples weigh 1 */
function productsOf(
  { readers }: Layout,
  weights: Float64Array,
  of: (column: number, other: number) => number,
): Products {
  const [own, any] = [new Float64Array(3), new Float64Array(3)];
  for (const [pair, [a, b]] of pairsOfTests.entries()) {
    for (let r = 0; r < readers; r++) {
      for (let s = 0; s < readers; s++) {
        const weight = (weights[a * readers + r] ?? 0) * (weights[b * readers + s] ?? 0);
        if (weight === 0) continue;
        const value = weight * of(a * readers + r, b * readers + s);
        any[pair] = (any[pair] ?? 0) + value;
        if (r === s) own[pair] = (own[pair] ?? 0) + value;
      }
    }
  }
  return { own, any };
}

function tablesOfWon({ columns, clusters, positives, negatives }: Layout, weights: Float64Array): Tables {
  const width = columns.length;
  const empty = () => new Float64Array(width * clusters);
  const tables = { positives: empty(), negatives: empty(), within: empty() };
  for (const [c, column] of columns.entries()) {
    const weight = weights[c] ?? 0;
    /** By rank: how many of a class are below, those level counted half. */
    const below = (ranks: Int32Array) => {
      const counts = new Float64Array(column.levels);
      for (const rank of ranks) if (rank !== notRead) counts[rank] = (counts[rank] ?? 0) + 1;
      let total = 0;
      for (let rank = 0; rank < counts.length; rank++) {
        const count = counts[rank] ?? 0;
        counts[rank] = total + count / 2;
        total += count;
      }
      return { counts, total };
    };
    const [ofPositives, ofNegatives] = [below(column.positives), below(column.negatives)];
    const add = (table: Float64Array, cluster: number, won: number) => {
      table[cluster * width + c] = (table[cluster * width + c] ?? 0) + won;
    };
    for (const [p, rank] of column.positives.entries()) {
      if (rank === notRead) continue;
      const g = positives.cluster[p] ?? 0;
      add(tables.positives, g, weight * (ofNegatives.counts[rank] ?? 0));
      for (let q = negatives.from[g] ?? 0; q < (negatives.from[g + 1] ?? 0); q++) {
        const other = column.negatives[q] ?? notRead;
        if (other !== notRead) add(tables.within, g, weight * (rank > other ? 1 : rank === other ? 0.5 : 0));
      }
    }
    for (const [q, rank] of column.negatives.entries()) {
      if (rank !== notRead)
        add(
          tables.negatives,
          negatives.cluster[q] ?? 0,
          weight * (ofPositives.total - (ofPositives.counts[rank] ?? 0)),
        );
    }
  }
  return tables;
}

/**
 * Over pairs of a pair (positive p above negative q by x) and a pair (positive p' above negative q' by y): how many there are with p and p' of one
 * cluster, and q and q' of one ("same"), or with p and q' of one, and q and p' of one ("exchanged"). Ties count 1/2, on either side.
 *
 * A walk through the ranks of x: what shares a cluster with each negative met is put at its rank of y, and each positive met asks, for each that shares
 * its cluster, how much lies below.
 */
function pairsWon(x: Column, y: Column, { positives, negatives }: Layout, partners: "same" | "exchanged"): number {
  const isSame = partners === "same";
  const ofPositives = { from: positives.from, ranks: y.positives };
  const ofNegatives = { from: negatives.from, ranks: y.negatives };
  const [puts, asks] = isSame ? [ofNegatives, ofPositives] : [ofPositives, ofNegatives];
  const tally = emptyTally(y.levels);
  const { rising } = x;
  let [next, total] = [0, 0];
  for (let from = 0, to = 0; from < rising.positives.length; from = to) {
    const rank = x.positives[rising.positives[from] ?? 0] ?? 0;
    to = endOfRank(x.positives, rising.positives, from, rank);
    const below = endOfRank(x.negatives, rising.negatives, next, rank - 1);
    const upTo = endOfRank(x.negatives, rising.negatives, below, rank);
    for (; next < below; next++) put(tally, puts, negatives.cluster[rising.negatives[next] ?? 0] ?? 0, 1);
    // Level with these positives: half before they ask, half after.
    for (; next < upTo; next++) put(tally, puts, negatives.cluster[rising.negatives[next] ?? 0] ?? 0, 0.5);
    settle(tally);
    for (let i = from; i < to; i++) total += ask(tally, asks, positives.cluster[rising.positives[i] ?? 0] ?? 0, isSame);
    for (next = below; next < upTo; next++) put(tally, puts, negatives.cluster[rising.negatives[next] ?? 0] ?? 0, 0.5);
  }
  return total;
}

/** Where, in images by rising rank, those of at most a rank end. */
function endOfRank(ranks: Int32Array, rising: Int32Array, from: number, rank: number): number {
  let end = from;
  while (end < rising.length && (ranks[rising[end] ?? 0] ?? 0) <= rank) end++;
  return end;
}

/** How many were put at each rank, and how many below. */
interface Tally {
  all: number;
  level: Float64Array;
  /** Few ranks: how many lie below each, once settled. Many: a binary indexed tree (Fenwick PM. Softw Pract Exp 1994;24:327-336). */
  below: Float64Array;
  isTree: boolean;
  isSettled: boolean;
}

/** Up to so many ranks (a confidence in per cent and a call have 202) it is faster to add up anew than to keep a tree. */
const fewRanks = 512;

const emptyTally = (ranks: number): Tally => ({
  all: 0,
  level: new Float64Array(ranks),
  below: new Float64Array(ranks + 1),
  isTree: ranks > fewRanks,
  isSettled: true,
});

function settle(tally: Tally): void {
  if (tally.isTree || tally.isSettled) return;
  const { level, below } = tally;
  let sum = 0;
  for (let rank = 0; rank < level.length; rank++) {
    below[rank] = sum;
    sum += level[rank] ?? 0;
  }
  tally.isSettled = true;
}

interface Partners {
  from: Uint32Array;
  ranks: Int32Array;
}

function put(tally: Tally, { from, ranks }: Partners, cluster: number, weight: number): void {
  const { level, below, isTree } = tally;
  tally.isSettled = false;
  const last = from[cluster + 1] ?? 0;
  for (let i = from[cluster] ?? 0; i < last; i++) {
    const rank = ranks[i] ?? notRead;
    if (rank === notRead) continue;
    tally.all += weight;
    level[rank] = (level[rank] ?? 0) + weight;
    if (isTree) for (let at = rank + 1; at < below.length; at += at & -at) below[at] = (below[at] ?? 0) + weight;
  }
}

/** For each image of the cluster: what was put below it (above it, for exchanged partners), half of what is level with it. */
function ask(
  { all, level, below, isTree }: Tally,
  { from, ranks }: Partners,
  cluster: number,
  isSame: boolean,
): number {
  const last = from[cluster + 1] ?? 0;
  let [sum, asked] = [0, 0];
  for (let i = from[cluster] ?? 0; i < last; i++) {
    const rank = ranks[i] ?? notRead;
    if (rank === notRead) continue;
    asked++;
    sum += (level[rank] ?? 0) / 2;
    if (!isTree) sum += below[rank] ?? 0;
    else for (let at = rank; at > 0; at -= at & -at) sum += below[at] ?? 0;
  }
  return isSame ? sum : asked * all - sum;
}

/** Of the pairs that were read: these are counts of positives times counts of negatives, so that their sums are products of sums. */
function sumsOfRead(layout: Layout, weights: Float64Array): Sums {
  const { clusters } = layout;
  const width = layout.columns.length;
  const countsOf = (of: "positives" | "negatives") => {
    const counts = new Float64Array(clusters * width);
    for (const [c, column] of layout.columns.entries()) {
      for (const [image, rank] of column[of].entries()) {
        const at = (layout[of].cluster[image] ?? 0) * width + c;
        if (rank !== notRead) counts[at] = (counts[at] ?? 0) + 1;
      }
    }
    return counts;
  };
  const [positives, negatives] = [countsOf("positives"), countsOf("negatives")];
  const [allPositives, allNegatives] = [summed(positives, width), summed(negatives, width)];
  const weightOf = (i: number) => weights[i % width] ?? 0;
  const tables = {
    positives: positives.map((count, i) => weightOf(i) * count * (allNegatives[i % width] ?? 0)),
    negatives: negatives.map((count, i) => weightOf(i) * count * (allPositives[i % width] ?? 0)),
    within: positives.map((count, i) => weightOf(i) * count * (negatives[i] ?? 0)),
  };
  /** Of two columns, over clusters. */
  const inCommon = (x: Float64Array, c: number, y: Float64Array, d: number) => {
    let total = 0;
    for (let g = 0; g < clusters; g++) total += (x[g * width + c] ?? 0) * (y[g * width + d] ?? 0);
    return total;
  };
  return {
    tables,
    same: productsOf(
      layout,
      weights,
      (c, d) => inCommon(positives, c, positives, d) * inCommon(negatives, c, negatives, d),
    ),
    exchanged: productsOf(
      layout,
      weights,
      (c, d) => inCommon(positives, c, negatives, d) * inCommon(negatives, c, positives, d),
    ),
  };
}

const pairsOfTests = [
  [0, 0],
  [1, 1],
  [0, 1],
] as const;

/** The columns of one test. */
function ofTest(
  { positives, negatives, within }: Tables,
  { readers, columns: { length: columns }, clusters }: Layout,
  side: 0 | 1,
): Tables {
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
