import { naturalOrder } from "../../text/natural-order";
import type { Said } from "../../words";
import { StatsError } from "../errors";
import { because, by } from "../types";

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
  /** Which time the reader saw the image: 1, and one more in a condition that repeats another. */
  occasion: number;
  image: string;
  /** Null: the case was not evaluable. */
  call: 0 | 1 | null;
  /** 0 (a guess) to 100 (certain) that the call is right; null when the reader gave none. */
  confidence: number | null;
  /** Suspicion on the scale of the protocol, the higher the more; null or left out when the reader gave none. */
  rating?: number | null;
}

/** How a read that was not evaluable counts: not at all, as a call, or as the wrong one. For areas it counts not at all. */
export const notEvaluableRules = ["exclude", "positive", "negative", "incorrect"] as const;
export type NotEvaluableRule = (typeof notEvaluableRules)[number];

/** Who is compared: a reader in a condition, or `network` with condition null. */
export interface Party {
  reader: string;
  condition: string | null;
}

/** What one party said of each image it saw. */
export interface Opinions extends Party {
  calls: Map<string, 0 | 1>;
  /** Of the images that have one. */
  ratings: Map<string, number>;
  /** What they are: scores, ratings on the scale of the protocol, or calls ranked by confidence. */
  ratedBy: "score" | "rating" | "confidence";
}

export type ReaderOpinions = Opinions & {
  condition: string;
  occasion: number;
  /** Images that the reader could not judge; they are among the calls where the plan counts them as one. */
  notEvaluable: Set<string>;
};

/** The level at which images are taken as alike: all of one patient, of one node, or none. */
export type ClusterLevel = "patient" | "node" | "image";

/** A method and the level at which it took images as alike. */
export const clusteredBy = (level: ClusterLevel, method: Said): Said => by("clustered", { method, level });

/** Truth and cluster of every image, in the order of the study. */
export type Known = ReadonlyMap<string, { truth: 0 | 1; cluster: string }>;

export const network = "network";

/** What the parties are compared by. */
export type Measure = "sensitivity" | "specificity" | "auc";

/** The classes that a measure looks at. */
export const classesOf = (measure: Measure): (0 | 1)[] =>
  measure === "sensitivity" ? [1] : measure === "specificity" ? [0] : [0, 1];

/** What a party said of each image, as far as the measure goes: calls (0/1), or ratings for areas. */
export const opinionsFor = (measure: Measure, { calls, ratings }: Opinions): ReadonlyMap<string, number> =>
  measure === "auc" ? ratings : calls;

export function knownImages(images: readonly Omit<ComparedImage, "plane">[], level: ClusterLevel): Known {
  const clusterOf = ({ id, node, subject }: Omit<ComparedImage, "plane">) =>
    level === "patient" ? subject : level === "node" ? node : id;
  return new Map(images.map((image) => [image.id, { truth: image.truth, cluster: clusterOf(image) }]));
}

/** Calls ranked by confidence, from 0 (negative, certain) to 201 (positive, certain): a positive guess lies above a negative one. */
const rankOf = (call: 0 | 1, confidence: number) => (call === 1 ? 101 + confidence : 100 - confidence);

/** The call that counts; undefined: none. */
export function callUnder(rule: NotEvaluableRule, truth: 0 | 1 | undefined): 0 | 1 | undefined {
  if (rule === "exclude" || truth === undefined) return undefined;
  return rule === "incorrect" ? (truth === 1 ? 0 : 1) : rule === "positive" ? 1 : 0;
}

/**
 * A reader who gave ratings in a condition is ranked by them, and where one is missing not at all; any other by calls and their confidence.
 * @param conditions in the order of the protocol, which the parties of a reader follow
 * @param notEvaluable how reads that were not evaluable count
 */
export function opinionsOfReaders(
  reads: readonly ComparedRead[],
  known: Known,
  conditions: readonly string[],
  notEvaluable: NotEvaluableRule = "exclude",
): ReaderOpinions[] {
  const byParty = new Map<string, ReaderOpinions & { own: Map<string, number> }>();
  for (const [index, { reader, condition, occasion, image, call, confidence, rating }] of reads.entries()) {
    const key = JSON.stringify([reader, condition, occasion]);
    const party = byParty.get(key) ?? {
      ...{ reader, condition, occasion, ratedBy: "confidence" as const },
      ...{ calls: new Map(), ratings: new Map(), own: new Map(), notEvaluable: new Set<string>() },
    };
    byParty.set(key, party);
    refuse(image, known, party.calls, `${reader} in ${condition}`, index);
    refuse(image, known, party.notEvaluable, `${reader} in ${condition}`, index);
    if (call === null) {
      party.notEvaluable.add(image);
      const counted = callUnder(notEvaluable, known.get(image)?.truth);
      if (counted !== undefined) party.calls.set(image, counted);
      continue;
    }
    if (confidence !== null && !(confidence >= 0 && confidence <= 100))
      throw new StatsError(
        "out_of_range",
        `confidence of image ${image} is ${confidence}; it must be 0 to 100.`,
        index,
      );
    party.calls.set(image, call);
    if (confidence !== null) party.ratings.set(image, rankOf(call, confidence));
    if (rating !== null && rating !== undefined) party.own.set(image, rating);
  }
  const parties = [...byParty.values()].map(
    ({ own, ...party }): ReaderOpinions => (own.size > 0 ? { ...party, ratings: own, ratedBy: "rating" } : party),
  );
  return parties.sort(
    (a, b) =>
      naturalOrder(a.reader, b.reader) ||
      conditions.indexOf(a.condition) - conditions.indexOf(b.condition) ||
      naturalOrder(a.condition, b.condition) ||
      a.occasion - b.occasion,
  );
}

/** A score of the network. `threshold` is that of the model that gave it, where models of several folds have one each. */
export interface ComparedScore {
  image: string;
  score: number;
  threshold?: number | undefined;
}

/** @param threshold for the scores that come without one of their own */
export function opinionsOfNetwork(
  scores: readonly ComparedScore[],
  threshold: number,
  known: Known,
): Opinions & { condition: null } {
  const ratings = new Map<string, number>();
  const calls = new Map<string, 0 | 1>();
  for (const [index, { image, score, threshold: own = threshold }] of scores.entries()) {
    refuse(image, known, ratings, network, index);
    ratings.set(image, score);
    calls.set(image, score >= own ? 1 : 0);
  }
  return { reader: network, condition: null, calls, ratings, ratedBy: "score" };
}

function refuse(image: string, known: Known, seen: Pick<ReadonlySet<string>, "has">, who: string, index: number): void {
  if (!known.has(image))
    throw new StatsError(
      "unknown_image",
      `Image ${image} of ${who} is not among the images; add it or drop it.`,
      index,
    );
  if (seen.has(image)) throw new StatsError("duplicate", `Image ${image} appears twice for ${who}; keep one.`, index);
}

/** Whether one of the images has a rating: without any, the reads are one operating point. */
export const isRated = ({ ratings }: Opinions): boolean => ratings.size > 0;
export const partyOf = ({ reader, condition }: Party): Party => ({ reader, condition });

/** What a party said of the images that another has an opinion of. */
export function onImagesOf(party: Opinions, other: ReadonlyMap<string, unknown>): Opinions {
  const kept = <T>(values: ReadonlyMap<string, T>) => new Map([...values].filter(([image]) => other.has(image)));
  return { ...party, calls: kept(party.calls), ratings: kept(party.ratings) };
}

/** The images that are in all of these, in the order of the study. */
export function imagesIn(known: Known, ...all: ReadonlyMap<string, unknown>[]): string[] {
  const images = [...known.keys()];
  // Nobody has an opinion of an image that is not known.
  const partial = all.filter((each) => each.size < known.size);
  return partial.length === 0 ? images : images.filter((image) => partial.every((each) => each.has(image)));
}

/** The images that are in one of these, in the order of the study. */
export const imagesInAny = (known: Known, ...any: ReadonlyMap<string, unknown>[]): string[] =>
  [...known.keys()].filter((image) => any.some((each) => each.has(image)));

/** Truth and cluster of some images, as parallel lists. */
export const listed = (images: readonly string[], known: Known) => ({
  truth: images.map((image) => known.get(image)?.truth ?? 0),
  cluster: images.map((image) => known.get(image)?.cluster ?? image),
});

export const valuesOf = (values: ReadonlyMap<string, number>, images: readonly string[]): number[] =>
  images.map((image) => values.get(image) ?? 0);

/** Why areas are not estimable on these images; null when they are. What a party has read so far may be of one class only. */
export const lacking = (truth: readonly number[]): Said | null => {
  if (!truth.includes(1)) return because("no_image_of_class", { truth: "positive" });
  return truth.includes(0) ? null : because("no_image_of_class", { truth: "negative" });
};
