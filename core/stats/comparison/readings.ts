import { type ComparisonRow, rowOf } from "./compare-readers";
import {
  type ComparedImage,
  type ComparedRead,
  type ComparedScore,
  knownImages,
  type NotEvaluableRule,
  opinionsOfNetwork,
  opinionsOfReaders,
} from "./opinions";
import { type ReaderAverage, readerAverages } from "./reader-averages";
import { type Unit, type UnitRule, unitsOf } from "./units";

export interface Reading {
  /** Of the readers: what rests on calls. Areas of ratings do not change with them. */
  rows: Omit<ComparisonRow, "auc">[];
  /** Of sensitivity and specificity. */
  averages: ReaderAverage[];
}

/**
 * What of a comparison rests on the readers' calls, for calls that were judged otherwise: accuracy of each reader, and the averages over readers.
 * @param options as those of `compareReaders`
 * @throws StatsError as `compareReaders`
 */
export function readingOf(options: {
  images: readonly ComparedImage[];
  reads: readonly ComparedRead[];
  scores: readonly ComparedScore[] | null;
  threshold: number;
  comparisons: readonly string[];
  conditions: readonly string[];
  notEvaluable: NotEvaluableRule;
  families: readonly (readonly string[])[];
  unit: Unit;
  rule: UnitRule;
}): Reading {
  const { images, scores, conditions, notEvaluable, unit, rule } = options;
  const ofImages = knownImages(images, "patient");
  const units = unitsOf({ images, known: ofImages, unit, rule });
  const { known, opinionsOf } = units;
  const readers = opinionsOfReaders(options.reads, ofImages, conditions)
    .filter(({ occasion }) => occasion === 1)
    .map((party) => opinionsOf({ ...party, ratings: party.ratings.map(() => Number.NaN) }, notEvaluable));
  const scored =
    scores && scores.length > 0 ? opinionsOf(opinionsOfNetwork(scores, options.threshold, ofImages)) : null;
  return {
    rows: readers.map((party) => {
      const { auc: _, ...row } = rowOf(party, known, "patient", unit);
      return row;
    }),
    averages: readerAverages(readers, scored, units, options.comparisons, conditions, options.families),
  };
}
