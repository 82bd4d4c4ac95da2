import { studentTwoSidedP } from "@/core/stats/distributions";

/** A read of the reader, of one image, in each of two tests. */
export interface TwoReads {
  reader: string;
  image: string;
  truth: 0 | 1;
  scores: readonly [number, number];
}

/** A reader, a positive and a negative that the reader read, and whether the positive is above (1), level (1/2) or below (0) in each test. */
interface Triples {
  reader: Int32Array;
  positive: Int32Array;
  negative: Int32Array;
  success: readonly [Float64Array, Float64Array];
}

function triplesOf(reads: readonly TwoReads[]): Triples {
  const number = (names: readonly string[]) => new Map([...new Set(names)].map((name, at) => [name, at]));
  const [readers, images] = [number(reads.map(({ reader }) => reader)), number(reads.map(({ image }) => image))];
  const rows = reads
    .filter(({ truth }) => truth === 1)
    .flatMap((above) =>
      reads
        .filter(({ reader, truth }) => truth === 0 && reader === above.reader)
        .map(
          (below) =>
            [
              readers.get(above.reader) ?? 0,
              images.get(above.image) ?? 0,
              images.get(below.image) ?? 0,
              below,
              above,
            ] as const,
        ),
    );
  const success = (test: 0 | 1) =>
    Float64Array.from(rows, ([, , , below, above]) => (Math.sign(above.scores[test] - below.scores[test]) + 1) / 2);
  return {
    reader: Int32Array.from(rows, ([reader]) => reader),
    positive: Int32Array.from(rows, ([, positive]) => positive),
    negative: Int32Array.from(rows, ([, , negative]) => negative),
    success: [success(0), success(1)],
  };
}

/** What two triples share: each a bit. */
const [sharesReader, sharesPositive, sharesNegative] = [1, 2, 4];

/** Which tests the two triples of a pair are of. */
const tests = ["first", "second", "both"] as const;

/** Over all pairs of triples: by what they share, how many there are, and the sums of the products of their successes in the same test or in both. */
function pairSums({ reader, positive, negative, success }: Triples) {
  const [first, second] = success;
  const counts = new Float64Array(8);
  const sums = { first: new Float64Array(8), second: new Float64Array(8), both: new Float64Array(8) };
  for (let t = 0; t < reader.length; t++)
    for (let u = 0; u <= t; u++) {
      const shared =
        (reader[t] === reader[u] ? sharesReader : 0) |
        (positive[t] === positive[u] ? sharesPositive : 0) |
        (negative[t] === negative[u] ? sharesNegative : 0);
      // Either may be the first of the pair.
      const times = t === u ? 1 : 2;
      counts[shared] = (counts[shared] ?? 0) + times;
      const ft = first[t] ?? 0;
      const fu = first[u] ?? 0;
      const st = second[t] ?? 0;
      const su = second[u] ?? 0;
      sums.first[shared] = (sums.first[shared] ?? 0) + times * ft * fu;
      sums.second[shared] = (sums.second[shared] ?? 0) + times * st * su;
      sums.both[shared] = (sums.both[shared] ?? 0) + (times * (ft * su + fu * st)) / 2;
    }
  return { counts, sums };
}

/**
 * Two reader-averaged areas as the R package iMRMC 2.1.2 compares them, by its formulas alone, pair of read pairs by pair of read pairs: the unbiased variance
 * (Gallas BD et al. Commun Stat Theory Methods 2009;38:2586-2603) and the degrees of freedom of Obuchowski, Gallas and Hillis (Acad Radiol
 * 2012;19:1508-1517).
 * @returns first less second; `p`: by t with the whole degrees of freedom, normal above 50
 */
export function compareByPairs(reads: readonly TwoReads[]) {
  const triples = triplesOf(reads);
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const areas = [mean(triples.success[0]), mean(triples.success[1])] as const;
  const { counts, sums } = pairSums(triples);
  const products = { first: areas[0] ** 2, second: areas[1] ** 2, both: areas[0] * areas[1] };
  const [first, second, both] = tests.map((of) => {
    const sharing = (bit: number) => {
      const bins = [...counts.keys()].filter((shared) => (shared & bit) === bit);
      const total = (values: Float64Array) => bins.reduce((sum, bin) => sum + (values[bin] ?? 0), 0);
      return { pairs: total(counts), moment: total(sums[of]) / total(counts) };
    };
    const all = sharing(0);
    const sources = [sharesReader, sharesPositive, sharesNegative].map(sharing);
    return {
      variance: products[of] - (sums[of][0] ?? 0) / (counts[0] ?? 0),
      components: sources.map(({ moment }) => moment - all.moment),
      df: sources.map(({ pairs }) => Math.round(all.pairs / pairs - 1)),
    };
  });
  if (!first || !second || !both) throw new Error("Three variances were asked for.");
  const difference = areas[0] - areas[1];
  const variance = first.variance + second.variance - 2 * both.variance;
  const least = first.df.map((value, k) => Math.min(value, second.df[k] ?? 0));
  const spread = first.components.reduce(
    (sum, value, k) =>
      sum + (value + (second.components[k] ?? 0) - 2 * (both.components[k] ?? 0)) ** 2 / (least[k] ?? 0) ** 3,
    0,
  );
  const df = Math.max(Math.min(...least), variance ** 2 / spread);
  const p = studentTwoSidedP(difference / Math.sqrt(variance), df > 50 ? 1e9 : Math.floor(df));
  return { areas, difference, variance, df, p };
}
