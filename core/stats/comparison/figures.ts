import { naturalOrder } from "../../text/natural-order";
import { type CalibrationBand, calibrationBand } from "../network/calibration-band";
import { quantileOf } from "../quantile";
import { precisionRecall } from "../roc/precision-recall";
import {
  type ComparedImage,
  type ComparedRead,
  type ComparedScore,
  callUnder,
  imagesIn,
  type Known,
  knownImages,
  lacking,
  listed,
  type NotEvaluableRule,
  type Opinions,
  opinionsOfNetwork,
  opinionsOfReaders,
  type ReaderOpinions,
  valuesOf,
} from "./opinions";
import { type Unit, type UnitRule, unitsOf } from "./units";

/** What a reader made of the images of one truth that she read in two conditions. */
export interface Reclassified {
  reader: string;
  first: string;
  second: string;
  truth: 0 | 1;
  n: number;
  /** Right in both. */
  kept: number;
  /** Wrong in the first, right in the second. */
  gained: number;
  /** Right in the first, wrong in the second. */
  lost: number;
  /** Wrong in both. */
  missed: number;
}

/** A read in the order in which it was made; of a node with several images it is one. */
export interface TimedRead {
  reader: string;
  condition: string;
  truth: 0 | 1;
  /** Null: it was not evaluable. */
  call: 0 | 1 | null;
  /** The call that counts instead of the reader's: that of a rule. */
  judged?: 0 | 1;
  /** Null: not measured. */
  seconds: number | null;
}

/** How long a reader took in a condition, and whether that and the right calls changed on the way. */
export interface ReadingCourse {
  reader: string;
  condition: string;
  reads: number;
  /** Quartiles of the seconds of the `n` reads that were timed; null without any. */
  seconds: { n: number; lower: number; median: number; upper: number } | null;
  /** The reads in five parts, in their order; `median` seconds. Fewer than ten reads have no parts. */
  parts: {
    reads: number;
    /** Reads with a call that counts, and with a right one. */
    called: number;
    right: number;
    median: number | null;
  }[];
}

/** What figures need beside the numbers of the tables. */
export interface ComparisonFigures {
  reclassified: Reclassified[];
  courses: ReadingCourse[];
  /** Null without scores, or while the scored images are of one class. */
  network: {
    /** Units (images, unless nodes or patients are counted) by score, twenty bins from 0 to 1; the last holds 1. */
    histogram: { from: number; to: number; positive: number; negative: number }[];
    precisionRecall: { threshold: number; precision: number; recall: number }[];
    calibrationBand: CalibrationBand | null;
  } | null;
}

const bins = 20;
const parts = 5;
const fewestForParts = 2 * parts;
/** Replicates of the band about the calibration curve: fewer of many images, of which each takes longer. */
const replicatesFor = (images: number) => Math.max(200, Math.min(1000, Math.round(1_000_000 / images)));

/**
 * What the figures of a comparison show and its tables do not hold: who changed a call between conditions, reading time and order, and the
 * distribution of the scores. Descriptive; the band is a bootstrap of patients. What is counted, and what counts for a read that was not evaluable, as in
 * `compareReaders`; only the order is one of reads, whatever the unit.
 * @param options.timed every read once, in the order in which it was made
 * @param options.random numbers in [0, 1), seeded by the caller
 * @throws StatsError for a read or score of an unknown image, or a second one of the same image
 */
export function comparisonFigures(options: {
  images: readonly ComparedImage[];
  reads: readonly ComparedRead[];
  timed: readonly TimedRead[];
  scores: readonly ComparedScore[] | null;
  threshold: number;
  conditions: readonly string[];
  notEvaluable: NotEvaluableRule;
  unit: Unit;
  rule: UnitRule;
  random: () => number;
}): ComparisonFigures {
  const { images, scores, threshold, conditions, notEvaluable, unit, rule } = options;
  const ofImages = knownImages(images, "patient");
  const { known, opinionsOf } = unitsOf({ images, known: ofImages, unit, rule });
  const readers = opinionsOfReaders(options.reads, ofImages, conditions)
    .filter(({ occasion }) => occasion === 1)
    .map((party) => opinionsOf(party, notEvaluable));
  const scored = scores && scores.length > 0 ? opinionsOf(opinionsOfNetwork(scores, threshold, ofImages)) : null;
  return {
    reclassified: readers.flatMap((first, i) =>
      readers
        .slice(i + 1)
        .filter(({ reader }) => reader === first.reader)
        .flatMap((second) => ([1, 0] as const).map((truth) => reclassifiedOf(first, second, truth, known))),
    ),
    courses: coursesOf(options.timed, conditions, notEvaluable),
    network: scored && networkFigures(scored, known, options.random),
  };
}

function reclassifiedOf(first: ReaderOpinions, second: ReaderOpinions, truth: 0 | 1, known: Known): Reclassified {
  const counts = { kept: 0, gained: 0, lost: 0, missed: 0 };
  let n = 0;
  for (const image of imagesIn(known, first.calls, second.calls)) {
    if (known.truth[image] !== truth) continue;
    const [before, after] = [first.calls[image] === truth, second.calls[image] === truth];
    counts[before ? (after ? "kept" : "lost") : after ? "gained" : "missed"]++;
    n++;
  }
  return { reader: first.reader, first: first.condition, second: second.condition, truth, n, ...counts };
}

function coursesOf(
  timed: readonly TimedRead[],
  conditions: readonly string[],
  notEvaluable: NotEvaluableRule,
): ReadingCourse[] {
  const byParty = new Map<string, TimedRead[]>();
  for (const read of timed) {
    const key = JSON.stringify([read.reader, read.condition]);
    const own = byParty.get(key) ?? [];
    byParty.set(key, own);
    own.push(read);
  }
  return [...byParty.values()]
    .flatMap((reads): ReadingCourse[] => {
      const [first] = reads;
      if (!first) return [];
      const measured = secondsOf(reads);
      return [
        {
          reader: first.reader,
          condition: first.condition,
          reads: reads.length,
          seconds:
            measured.length === 0
              ? null
              : {
                  n: measured.length,
                  lower: quantileOf(measured, 0.25),
                  median: quantileOf(measured, 0.5),
                  upper: quantileOf(measured, 0.75),
                },
          parts:
            reads.length < fewestForParts
              ? []
              : Array.from({ length: parts }, (_, part) => partOf(reads, part, notEvaluable)),
        },
      ];
    })
    .sort(
      (a, b) => naturalOrder(a.reader, b.reader) || conditions.indexOf(a.condition) - conditions.indexOf(b.condition),
    );
}

/** Ascending. */
const secondsOf = (reads: readonly TimedRead[]): Float64Array =>
  Float64Array.from(reads.flatMap(({ seconds }) => seconds ?? [])).sort();

function partOf(
  reads: readonly TimedRead[],
  part: number,
  notEvaluable: NotEvaluableRule,
): ReadingCourse["parts"][number] {
  const edge = (at: number) => Math.round((at * reads.length) / parts);
  const own = reads.slice(edge(part), edge(part + 1));
  const measured = secondsOf(own);
  const called = own.flatMap(({ truth, call, judged = call }) => {
    const counted = judged ?? callUnder(notEvaluable, truth);
    return counted === undefined ? [] : [counted === truth];
  });
  return {
    reads: own.length,
    called: called.length,
    right: called.filter((isRight) => isRight).length,
    median: measured.length === 0 ? null : quantileOf(measured, 0.5),
  };
}

function networkFigures({ ratings }: Opinions, known: Known, random: () => number): ComparisonFigures["network"] {
  const images = imagesIn(known, ratings);
  const { truth, cluster } = listed(images, known);
  if (lacking(truth)) return null;
  const score = valuesOf(ratings, images);
  const histogram = Array.from({ length: bins }, (_, at) => ({
    from: at / bins,
    to: (at + 1) / bins,
    positive: 0,
    negative: 0,
  }));
  for (const [i, value] of score.entries()) {
    const bin = histogram[Math.min(bins - 1, Math.floor(value * bins))];
    if (bin) bin[truth[i] === 1 ? "positive" : "negative"]++;
  }
  return {
    histogram,
    precisionRecall: precisionRecall({ truth, score, direction: "higher" }).points,
    calibrationBand: calibrationBand({
      truth,
      probability: score,
      cluster,
      replicates: replicatesFor(images.length),
      random,
    }),
  };
}
