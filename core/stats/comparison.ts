import { type Counts, confusionMetrics } from "./confusion";
import { type PairedTest, pairedDeLong } from "./delong";
import { holm } from "./holm";
import { cohenKappa } from "./kappa";
import { mcnemarMidP, type PairedCounts, pairedDifference } from "./mcnemar";
import { auc, rocPoints } from "./roc";
import { type Estimate, notEstimable } from "./types";

export interface StudyImage {
  id: string;
  node: string;
  subject: string;
  plane: string;
  truth: 0 | 1;
}

export interface StudyRead {
  reader: string;
  condition: string;
  image: string;
  call: 0 | 1;
  /** 0-100 in the call; null when none was asked for. */
  confidence: number | null;
}

/** One row of the table: a reader in a condition, or the network. */
interface Judge {
  reader: string;
  condition: string | null;
  calls: Map<string, 0 | 1>;
  /** Scores where higher means more suspicious; null when there is only a call. */
  ratings: Map<string, number> | null;
}

export type Measure = "sensitivity" | "specificity" | "auc";
export type ComparisonKind = "condition" | "reader" | "network";

const network = "network";

/** A read with confidence as one scale from certainly negative (0) to certainly positive (100): 50 +- confidence / 2. */
export const signedRating = (call: 0 | 1, confidence: number): number =>
  call === 1 ? 50 + confidence / 2 : 50 - confidence / 2;

function judgesOf(
  reads: readonly StudyRead[],
  scores: readonly { image: string; score: number }[] | null,
  threshold: number,
): Judge[] {
  const judges = new Map<string, Judge>();
  for (const { reader, condition, image, call, confidence } of reads) {
    const key = `${reader}\u0000${condition}`;
    const judge = judges.get(key) ?? { reader, condition, calls: new Map(), ratings: new Map() };
    judge.calls.set(image, call);
    if (confidence === null) judge.ratings = null;
    else judge.ratings?.set(image, signedRating(call, confidence));
    judges.set(key, judge);
  }
  const readers = [...judges.values()].sort((a, b) =>
    `${a.reader}|${a.condition}`.localeCompare(`${b.reader}|${b.condition}`, "en", { numeric: true }),
  );
  if (!scores) return readers;
  const calls = new Map(scores.map(({ image, score }) => [image, score >= threshold ? (1 as const) : (0 as const)]));
  return [
    ...readers,
    { reader: network, condition: null, calls, ratings: new Map(scores.map(({ image, score }) => [image, score])) },
  ];
}

function tableRow(judge: Judge, images: readonly StudyImage[]) {
  const seen = images.filter((image) => judge.calls.has(image.id));
  const counts: Counts = { tp: 0, fn: 0, tn: 0, fp: 0 };
  for (const image of seen)
    counts[
      image.truth === 1
        ? judge.calls.get(image.id) === 1
          ? "tp"
          : "fn"
        : judge.calls.get(image.id) === 1
          ? "fp"
          : "tn"
    ] += 1;
  const { ratings } = judge;
  const curve: Estimate =
    ratings && seen.length > 0
      ? auc({ truth: seen.map((image) => image.truth), score: seen.map((image) => ratings.get(image.id) ?? 0) })
      : notEstimable(
          seen.length === 0 ? "no image was read" : "binary reads: one operating point, no curve",
          "empirical AUC",
          seen.length,
        );
  return {
    reader: judge.reader,
    condition: judge.condition,
    unit: "image" as const,
    n: seen.length,
    ...counts,
    ...confusionMetrics(counts),
    auc: withoutVariance(curve),
  };
}

function withoutVariance(estimate: Estimate & { variance?: number }): Estimate {
  const { variance: _, ...rest } = estimate;
  return rest;
}

/** Both judges on the images that both judged. */
function compare(kind: ComparisonKind, first: Judge, second: Judge, images: readonly StudyImage[]) {
  const common = images.filter((image) => first.calls.has(image.id) && second.calls.has(image.id));
  const about = {
    kind,
    first: { reader: first.reader, condition: first.condition },
    second: { reader: second.reader, condition: second.condition },
    n: common.length,
  };
  const paired = (measure: "sensitivity" | "specificity") => {
    const truth = measure === "sensitivity" ? 1 : 0;
    const counts: PairedCounts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
    for (const image of common.filter((each) => each.truth === truth)) {
      const [a, b] = [first.calls.get(image.id) === truth, second.calls.get(image.id) === truth];
      counts[a ? (b ? "both" : "onlyFirst") : b ? "onlySecond" : "neither"] += 1;
    }
    const difference = pairedDifference(counts);
    return {
      ...about,
      measure,
      difference,
      test: "McNemar, mid-P",
      p: difference.estimate === null ? null : mcnemarMidP(counts),
    };
  };
  const rows: ReturnType<typeof paired | typeof curve>[] = [paired("sensitivity"), paired("specificity")];
  function curve(result: PairedTest) {
    return { ...about, measure: "auc" as const, difference: result.difference, test: "paired DeLong", p: result.p };
  }
  const { ratings: a } = first;
  const { ratings: b } = second;
  if (a && b && common.length > 0) {
    rows.push(
      curve(
        pairedDeLong({
          truth: common.map((i) => i.truth),
          first: common.map((i) => a.get(i.id) ?? 0),
          second: common.map((i) => b.get(i.id) ?? 0),
        }),
      ),
    );
  }
  return rows;
}

function agreementOf(first: Judge, second: Judge, images: readonly StudyImage[]) {
  const table = [
    [0, 0],
    [0, 0],
  ];
  for (const image of images) {
    const [a, b] = [first.calls.get(image.id), second.calls.get(image.id)];
    if (a === undefined || b === undefined) continue;
    const row = table[1 - a];
    if (row) row[1 - b] = (row[1 - b] ?? 0) + 1;
  }
  const { kappa, observed } = cohenKappa(table);
  return {
    readers: [first.reader, second.reader] as [string, string],
    condition: first.condition ?? "",
    n: kappa.n,
    table,
    observed,
    kappa,
  };
}

/**
 * Readers against network on the same images: the table (one row a reader and condition, and the network), the ROC plot, the agreement between readers and the
 * paired comparisons with Holm's adjustment over the whole family. Fractions 0-1. Each pair is compared on the images that both judged, with that n.
 * Intervals take images as independent and say so in `method`; several images of a patient make them too narrow.
 * @param options.threshold score from which the network calls an image positive
 */
export function compareReaders(options: {
  images: readonly StudyImage[];
  reads: readonly StudyRead[];
  scores: readonly { image: string; score: number }[] | null;
  threshold: number;
}) {
  const { images } = options;
  const judges = judgesOf(options.reads, options.scores, options.threshold);
  const readers = judges.filter((judge) => judge.reader !== network);
  const machine = judges.find((judge) => judge.reader === network);
  const rows = judges.map((judge) => tableRow(judge, images));

  const pairs: [ComparisonKind, Judge, Judge][] = [];
  for (const [i, first] of readers.entries()) {
    for (const second of readers.slice(i + 1)) {
      if (first.reader === second.reader) pairs.push(["condition", first, second]);
      else if (first.condition === second.condition) pairs.push(["reader", first, second]);
    }
  }
  if (machine) for (const reader of readers) pairs.push(["network", machine, reader]);
  const tested = pairs.flatMap(([kind, first, second]) => compare(kind, first, second, images));
  const adjusted = holm(tested.map((row) => row.p));
  const comparisons = tested.map((row, i) => ({ ...row, pHolm: adjusted[i] ?? null }));

  const agreement = pairs
    .filter(([kind]) => kind === "reader")
    .map(([, first, second]) => agreementOf(first, second, images));

  const scored = machine ? images.filter((image) => machine.calls.has(image.id)) : [];
  const curve =
    machine && scored.length > 0
      ? rocPoints({
          truth: scored.map((image) => image.truth),
          score: scored.map((image) => machine.ratings?.get(image.id) ?? 0),
        }).map(({ threshold, fpr, tpr }) => ({
          threshold: Number.isFinite(threshold) ? threshold : null,
          fpr,
          tpr,
        }))
      : [];
  return { rows, roc: { network: curve }, agreement, comparisons };
}

export type Comparison = ReturnType<typeof compareReaders>;
