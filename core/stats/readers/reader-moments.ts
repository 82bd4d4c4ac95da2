import { type Ids, numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { checkLengths, splitByTruth } from "../input";
import type { Direction } from "../types";
import { dot, sum, summed } from "./sums";

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
  triples: number;
  /** For each cluster: by how much the triples whose positive, or negative, lies in it are won more often than the others, over `triples`. */
  positives: Float64Array;
  negatives: Float64Array;
  /** Clusters whose positives, or negatives, were read by a reader of both classes. */
  hasPositive: Uint8Array;
  hasNegative: Uint8Array;
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
}): { first: TestOfReaders; second: TestOfReaders; own: Moments; other: Moments; shared: Moments } {
  const { first, second } = input;
  checkLengths({ first, second });
  if (first.length === 0) throw new StatsError("empty", "There is no reader; give at least one.");
  const layout = layoutOf(input);
  const [won, read] = [sumsOf(layout, wonIn(layout)), sumsOf(layout, readIn(layout))];
  const test = (side: 0 | 1) => testOf(won.tables, read.tables, layout, side);
  const moments = (a: 0 | 1, b: 0 | 1) => ({
    won: pairSums(won, layout, a, b),
    read: pairSums(read, layout, a, b),
  });
  return { first: test(0), second: test(1), own: moments(0, 0), other: moments(1, 1), shared: moments(0, 1) };
}

/** Scores image by image, sorted by cluster: those of all readers in the first test, then in the second; NaN where not read. */
interface Layout {
  readers: number;
  /** Readers of both tests. */
  columns: number;
  clusters: number;
  positives: Float64Array;
  negatives: Float64Array;
  /** Where the images of each cluster begin, and where those of the last one end. */
  positivesFrom: Int32Array;
  negativesFrom: Int32Array;
}

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
  const sorted = (at: Float64Array) => {
    const images = Array.from(at).sort((i, j) => (clusterOf[i] ?? 0) - (clusterOf[j] ?? 0));
    const from = new Int32Array(clusters + 1);
    for (const image of images) {
      const next = (clusterOf[image] ?? 0) + 1;
      from[next] = (from[next] ?? 0) + 1;
    }
    for (let g = 1; g <= clusters; g++) from[g] = (from[g] ?? 0) + (from[g - 1] ?? 0);
    const scores = Float64Array.from(images.flatMap((image) => columns.map((reads) => reads[image] ?? Number.NaN)));
    return { from, scores: scores.map((score) => sign * score) };
  };
  const [positives, negatives] = [sorted(positions.positives), sorted(positions.negatives)];
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

/** For each column, an outcome summed over the pairs of a positive of one cluster and a negative of another. */
type Block = (positives: number, negatives: number, sums: Float64Array) => void;

function wonIn({ columns, positives, negatives, positivesFrom, negativesFrom }: Layout): Block {
  return (g, h, sums) => {
    sums.fill(0);
    for (let p = positivesFrom[g] ?? 0; p < (positivesFrom[g + 1] ?? 0); p++) {
      for (let q = negativesFrom[h] ?? 0; q < (negativesFrom[h + 1] ?? 0); q++) {
        for (let c = 0; c < columns; c++) {
          const [positive, negative] = [positives[p * columns + c] ?? 0, negatives[q * columns + c] ?? 0];
          if (positive > negative) sums[c] = (sums[c] ?? 0) + 1;
          else if (positive === negative) sums[c] = (sums[c] ?? 0) + 0.5;
        }
      }
    }
  };
}

function readIn({ columns, clusters, positives, negatives, positivesFrom, negativesFrom }: Layout): Block {
  const countsOf = (scores: Float64Array, from: Int32Array) => {
    const counts = new Float64Array(clusters * columns);
    for (let g = 0; g < clusters; g++) {
      for (let i = (from[g] ?? 0) * columns; i < (from[g + 1] ?? 0) * columns; i++) {
        const at = g * columns + (i % columns);
        if (!Number.isNaN(scores[i])) counts[at] = (counts[at] ?? 0) + 1;
      }
    }
    return counts;
  };
  const [ofPositives, ofNegatives] = [countsOf(positives, positivesFrom), countsOf(negatives, negativesFrom)];
  return (g, h, sums) => {
    for (let c = 0; c < columns; c++)
      sums[c] = (ofPositives[g * columns + c] ?? 0) * (ofNegatives[h * columns + c] ?? 0);
  };
}

/** An outcome by column (rows) and cluster: of the pairs whose positive is in the cluster, whose negative is, with both in it. */
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

function sumsOf({ readers, columns, clusters, positivesFrom, negativesFrom }: Layout, block: Block): Sums {
  const empty = () => new Float64Array(columns * clusters);
  const tables = { positives: empty(), negatives: empty(), within: empty() };
  const products = (): Products => ({ own: new Float64Array(3), any: new Float64Array(3) });
  const [same, exchanged] = [products(), products()];
  const holding = (from: Int32Array) =>
    Array.from({ length: clusters }, (_, g) => g).filter((g) => (from[g + 1] ?? 0) > (from[g] ?? 0));
  const [withPositive, withNegative] = [holding(positivesFrom), holding(negativesFrom)];
  const mixed = new Set(withPositive.filter((g) => withNegative.includes(g)));
  const [forth, back] = [new Float64Array(columns), new Float64Array(columns)];
  for (const g of withPositive) {
    for (const h of withNegative) {
      block(g, h, forth);
      for (let c = 0; c < columns; c++) {
        const value = forth[c] ?? 0;
        const row = c * clusters;
        tables.positives[row + g] = (tables.positives[row + g] ?? 0) + value;
        tables.negatives[row + h] = (tables.negatives[row + h] ?? 0) + value;
        if (g === h) tables.within[row + g] = value;
      }
      multiply(same, forth, forth, readers);
      if (g === h) multiply(exchanged, forth, forth, readers);
      else if (g < h && mixed.has(g) && mixed.has(h)) {
        block(h, g, back);
        multiply(exchanged, forth, back, readers);
        multiply(exchanged, back, forth, readers);
      }
    }
  }
  return { tables, same, exchanged };
}

function multiply({ own, any }: Products, x: Float64Array, y: Float64Array, readers: number): void {
  for (const [pair, [a, b]] of pairsOfTests.entries()) {
    let [products, sumA, sumB] = [0, 0, 0];
    for (let r = 0; r < readers; r++) {
      const [ofA, ofB] = [x[a * readers + r] ?? 0, y[b * readers + r] ?? 0];
      products += ofA * ofB;
      sumA += ofA;
      sumB += ofB;
    }
    own[pair] = (own[pair] ?? 0) + products;
    any[pair] = (any[pair] ?? 0) + sumA * sumB;
  }
}

const pairsOfTests = [
  [0, 0],
  [1, 1],
  [0, 1],
] as const;

function pairSums({ tables, same, exchanged }: Sums, { readers, clusters }: Layout, a: 0 | 1, b: 0 | 1): PairSums {
  const pair = a + b === 1 ? 2 : a;
  const half = readers * clusters;
  const of = (side: 0 | 1) => {
    const rows = (table: Float64Array) => table.subarray(side * half, (side + 1) * half);
    const [positives, negatives, within] = [rows(tables.positives), rows(tables.negatives), rows(tables.within)];
    return { positives, negatives, within };
  };
  const [x, y] = [of(a), of(b)];
  const overReaders = (each: Tables): Tables => ({
    positives: summed(each.positives, clusters),
    negatives: summed(each.negatives, clusters),
    within: summed(each.within, clusters),
  });
  const [allX, allY] = [overReaders(x), overReaders(y)];
  const totals = (rows: Float64Array) =>
    Float64Array.from({ length: readers }, (_, r) => sum(rows.subarray(r * clusters, (r + 1) * clusters)));
  const atLeast = Float64Array.of(
    same.own[pair] ?? 0,
    dot(x.positives, y.positives),
    dot(x.negatives, y.negatives),
    dot(totals(x.positives), totals(y.positives)),
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

function testOf(won: Tables, read: Tables, { readers, clusters }: Layout, side: 0 | 1): TestOfReaders {
  const half = readers * clusters;
  const overReaders = (table: Float64Array) => summed(table.subarray(side * half, (side + 1) * half), clusters);
  const [ofPositives, ofNegatives] = [overReaders(read.positives), overReaders(read.negatives)];
  const triples = sum(ofPositives);
  const auc = triples === 0 ? null : sum(overReaders(won.positives)) / triples;
  const above = (table: Float64Array, counts: Float64Array) =>
    overReaders(table).map((value, g) => (value - (auc ?? 0) * (counts[g] ?? 0)) / (triples || 1));
  return {
    auc,
    triples,
    positives: above(won.positives, ofPositives),
    negatives: above(won.negatives, ofNegatives),
    hasPositive: Uint8Array.from(ofPositives, (count) => (count > 0 ? 1 : 0)),
    hasNegative: Uint8Array.from(ofNegatives, (count) => (count > 0 ? 1 : 0)),
  };
}
