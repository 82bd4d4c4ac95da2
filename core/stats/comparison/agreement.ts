import { isHiddenRepeat } from "../../reading/schedule";
import { clusteredKappaOf } from "../agreement/clustered-kappa";
import { fleissKappa } from "../agreement/fleiss-kappa";
import { clusteredWeightedKappa, type DistanceWeights } from "../agreement/weighted-kappa";
import { countPairedCalls } from "../clustered/paired-calls";
import { because, by, type Estimate, notEstimable } from "../types";
import { clusteredBy, imagesIn, listed, type Opinions, type ReaderOpinions, valuesOf } from "./opinions";
import type { Units } from "./units";

export interface Agreement {
  /** Two readers; a reader with herself in a condition that repeats another; or in a list that had cases twice without her knowing. */
  kind: "readers" | "conditions" | "repeats";
  /** Twice the same: a reader with herself. */
  readers: [string, string];
  /** The condition that both share, or the one that repeats another. */
  condition: string;
  n: number;
  /** [[both positive, only the first], [only the second, both negative]] */
  table: number[][];
  kappa: Estimate;
  observed: number | null;
  /** Gwet's. */
  ac1: Estimate;
  /** (both positive - both negative) / n and (only the first - only the second) / n: why kappa is lower than AC1; null when n is 0. */
  prevalenceIndex: number | null;
  biasIndex: number | null;
  /** Kappa of the ratings, by the distance of two ratings and by its square; of the images that both rated. */
  weightedLinear: Estimate;
  weightedQuadratic: Estimate;
}

/** All readers of a condition, three or more, on the images that all of them called. */
export interface JointAgreement {
  condition: string;
  readers: string[];
  n: number;
  observed: number | null;
  /** Fleiss's. */
  kappa: Estimate;
}

/** Two readers in the same condition. */
export function samePairs<T extends Opinions>(readers: readonly T[]): [T, T][] {
  return readers.flatMap((first, i) =>
    readers
      .slice(i + 1)
      .filter((second) => second.condition === first.condition)
      .map((second): [T, T] => [first, second]),
  );
}

/** What a reader said of the same images twice. */
export interface Repetition {
  kind: Exclude<Agreement["kind"], "readers">;
  first: ReaderOpinions;
  again: ReaderOpinions;
}

/** Every reader's opinions of a condition and, one occasion later, of the one that repeats it, or of its own hidden repeats. */
export function repetitions(opinions: readonly ReaderOpinions[], repeats: ReadonlyMap<string, string>): Repetition[] {
  return opinions.flatMap((again): Repetition[] => {
    const isHidden = isHiddenRepeat(again, repeats);
    const before = isHidden ? again.condition : repeats.get(again.condition);
    const first = opinions.find(
      ({ reader, condition, occasion }) =>
        reader === again.reader && condition === before && occasion === again.occasion - 1,
    );
    return first ? [{ kind: isHidden ? "repeats" : "conditions", first, again }] : [];
  });
}

/**
 * Of calls that were given, in the condition of the second: what was not evaluable agrees with nothing, however the plan counts it. Of the images that both called (rated), also where the units
 * are made of several.
 * @param first with `second`, without calls for what was not evaluable
 */
export function agreementOf(
  kind: Agreement["kind"],
  first: ReaderOpinions,
  second: ReaderOpinions,
  units: Units,
): Agreement {
  const { known } = units;
  const [one = first, other = second] = units.outOfSameImages([first, second], "sensitivity");
  const calls = countPairedCalls({ ...known, first: one.calls, second: other.calls });
  return {
    kind,
    readers: [first.reader, second.reader],
    condition: second.condition,
    ...clusteredKappaOf(calls, {
      method: clusteredBy("patient", by("kappa_jackknife")),
      ac1Method: clusteredBy("patient", by("ac1_jackknife")),
    }),
    weightedLinear: weightedOf(first, second, units, "linear"),
    weightedQuadratic: weightedOf(first, second, units, "quadratic"),
  };
}

/** Of ratings on the scale of the protocol; ranks by confidence are no measurement of the same thing. */
function weightedOf(first: Opinions, second: Opinions, units: Units, weights: DistanceWeights): Estimate {
  const method = clusteredBy("patient", by("weighted_kappa", { weights }));
  if (first.ratedBy !== "rating" || second.ratedBy !== "rating")
    return notEstimable({ reason: because("not_both_rated"), method, n: 0 });
  const [one = first, other = second] = units.outOfSameImages([first, second], "auc");
  const common = imagesIn(units.known, one.ratings, other.ratings);
  return clusteredWeightedKappa({
    first: valuesOf(one.ratings, common),
    second: valuesOf(other.ratings, common),
    cluster: listed(common, units.known).cluster,
    weights,
    method,
  });
}

/** Fewest readers of whom more is to be said together than two by two. */
const fewestTogether = 3;

/** @param readers without calls for what was not evaluable */
export function jointAgreements(readers: readonly ReaderOpinions[], units: Units): JointAgreement[] {
  const conditions = [...new Set(readers.map(({ condition }) => condition))];
  return conditions.flatMap((condition): JointAgreement[] => {
    const own = readers.filter((party) => party.condition === condition);
    if (own.length < fewestTogether) return [];
    const calls = units.outOfSameImages(own, "sensitivity").map((party) => party.calls);
    const common = imagesIn(units.known, ...calls);
    const positive = (image: number) => calls.filter((each) => each[image] === 1).length;
    const { n, observed, kappa } = fleissKappa({
      counts: Array.from(common, (image) => [positive(image), own.length - positive(image)]),
      cluster: listed(common, units.known).cluster,
      tail: "two-sided",
      method: clusteredBy("patient", by("fleiss_kappa", { what: "cluster" })),
    });
    return [{ condition, readers: own.map(({ reader }) => reader), n, observed, kappa }];
  });
}
