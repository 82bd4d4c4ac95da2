import { naturalOrder } from "../../text/natural-order";
import type { Said } from "../../words";
import { numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { type StructuralComponents, structuralComponents } from "../roc/structural-components";
import { because, by } from "../types";

export interface ComparedImage {
  id: string;
  node: string;
  subject: string;
  plane: string;
  truth: 0 | 1;
  /** By factor (plane, region), the subgroup of the image; null or left out: not recorded. */
  groups?: Readonly<Record<string, string | null>>;
}

export interface ComparedRead {
  reader: string;
  condition: string;
  /** Which time the reader saw the image: 1, one more in a condition that repeats another, and one more again where it was a hidden repeat. */
  occasion: number;
  image: string;
  /** Null: the case was not evaluable. */
  call: 0 | 1 | null;
  /** The call that counts instead of the reader's: that of a rule. The rating stays the reader's. */
  judged?: 0 | 1;
  /** 0 (a guess) to 100 (certain) that the call is right; null when the reader gave none. */
  confidence: number | null;
  /** Suspicion on the scale of the protocol, the higher the more; null or left out when the reader gave none. */
  rating?: number | null;
}

/** How a read that was not evaluable counts: not at all, as a call, or as the one that is wrong for its unit (`unitsOf`). For areas it counts not at all. */
export const notEvaluableRules = ["exclude", "positive", "negative", "incorrect"] as const;
export type NotEvaluableRule = (typeof notEvaluableRules)[number];

/** Who is compared: a reader in a condition, or `network` with condition null. */
export interface Party {
  reader: string;
  condition: string | null;
}

/** What one party said, by the place of each image in `Known`; NaN: nothing. */
export interface Opinions extends Party {
  /** 0 or 1. */
  calls: Float64Array;
  ratings: Float64Array;
  /** The rating from which a call is positive, where the party has such a thing. */
  cuts?: Float64Array;
  /** What they are: scores, ratings on the scale of the protocol, or calls ranked by confidence. */
  ratedBy: "score" | "rating" | "confidence";
  /** 1 where the party could not judge, however the plan counts that; */
  notEvaluable: Float64Array;
  /** and where it could judge some images of a unit and not others. */
  partly: Float64Array;
}

export type ReaderOpinions = Opinions & { condition: string; occasion: number };

/** The level at which images are taken as alike: all of one patient, of one node, or none. */
export type ClusterLevel = "patient" | "node" | "image";

/** A method and the level at which it took images as alike. */
export const clusteredBy = (level: ClusterLevel, method: Said): Said => by("clustered", { method, level });

/** The images of a study in its order; an image is its place in these lists. */
export interface Known {
  places: ReadonlyMap<string, number>;
  truth: Uint8Array;
  /** Numbers of the clusters, by first appearance, and how many there are. */
  cluster: Int32Array;
  clusters: number;
}

export const network = "network";

/** What the parties are compared by. */
export type Measure = "sensitivity" | "specificity" | "auc";

/** The classes that a measure looks at. */
export const classesOf = (measure: Measure): (0 | 1)[] =>
  measure === "sensitivity" ? [1] : measure === "specificity" ? [0] : [0, 1];

/** What a party said of each image, as far as the measure goes: calls (0/1), or ratings for areas. */
export const opinionsFor = (measure: Measure, { calls, ratings }: Opinions): Float64Array =>
  measure === "auc" ? ratings : calls;

export function knownImages(images: readonly Omit<ComparedImage, "plane">[], level: ClusterLevel): Known {
  const clusterOf = ({ id, node, subject }: Omit<ComparedImage, "plane">) =>
    level === "patient" ? subject : level === "node" ? node : id;
  const all = [...new Map(images.map((image) => [image.id, image])).values()];
  const { of: cluster, count: clusters } = numberClusters(all.map(clusterOf), all.length);
  return {
    places: new Map(all.map(({ id }, place) => [id, place])),
    truth: Uint8Array.from(all, ({ truth }) => truth),
    cluster,
    clusters,
  };
}

/** Calls ranked by confidence, from 0 (negative, certain) to 201 (positive, certain): a positive guess lies above a negative one. */
const rankOf = (call: 0 | 1, confidence: number) => (call === 1 ? 101 + confidence : 100 - confidence);

/** The call that counts for a read that was not evaluable; undefined: none. */
export function callUnder(rule: NotEvaluableRule, truth: 0 | 1): 0 | 1 | undefined {
  if (rule === "exclude") return undefined;
  return rule === "incorrect" ? (truth === 1 ? 0 : 1) : rule === "positive" ? 1 : 0;
}

/**
 * What readers said of images, no call where one was not evaluable: `unitsOf` counts those. A reader who gave ratings in a condition is ranked by them, and
 * where one is missing not at all; any other by calls and their confidence.
 * @param conditions in the order of the protocol, which the parties of a reader follow
 */
export function opinionsOfReaders(
  reads: readonly ComparedRead[],
  known: Known,
  conditions: readonly string[],
): ReaderOpinions[] {
  const byParty = new Map<string, ReaderOpinions & { own: Float64Array }>();
  for (const [index, read] of reads.entries()) {
    const { reader, condition, occasion, image, call, judged = call, confidence, rating } = read;
    const key = JSON.stringify([reader, condition, occasion]);
    const party = byParty.get(key) ?? {
      ...{ reader, condition, occasion, ratedBy: "confidence" as const },
      ...nothingSaid(known),
      own: unsaid(known),
    };
    byParty.set(key, party);
    const place = placeOf(image, known, party, `${reader} in ${condition}`, index);
    if (call === null || judged === null) {
      party.notEvaluable[place] = 1;
      continue;
    }
    if (confidence !== null && !(confidence >= 0 && confidence <= 100))
      throw new StatsError(
        "out_of_range",
        `confidence of image ${image} is ${confidence}; it must be 0 to 100.`,
        index,
      );
    party.calls[place] = judged;
    if (confidence !== null) party.ratings[place] = rankOf(call, confidence);
    if (rating !== null && rating !== undefined) party.own[place] = rating;
  }
  const parties = [...byParty.values()].map(
    ({ own, ...party }): ReaderOpinions => (countOf(own) > 0 ? { ...party, ratings: own, ratedBy: "rating" } : party),
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
  const said = nothingSaid(known);
  const cuts = unsaid(known);
  for (const [index, { image, score, threshold: own = threshold }] of scores.entries()) {
    const place = placeOf(image, known, said, network, index);
    said.ratings[place] = score;
    cuts[place] = own;
    said.calls[place] = score >= own ? 1 : 0;
  }
  return { reader: network, condition: null, ...said, cuts, ratedBy: "score" };
}

const unsaid = ({ truth }: Known) => new Float64Array(truth.length).fill(Number.NaN);
const nothingSaid = (known: Known) => ({
  calls: unsaid(known),
  ratings: unsaid(known),
  notEvaluable: unsaid(known),
  partly: unsaid(known),
});

/** @throws StatsError for an image that is not known, or of which the party has spoken */
function placeOf(
  image: string,
  { places }: Known,
  { calls, notEvaluable }: Pick<Opinions, "calls" | "notEvaluable">,
  who: string,
  index: number,
): number {
  const place = places.get(image);
  if (place === undefined)
    throw new StatsError(
      "unknown_image",
      `Image ${image} of ${who} is not among the images; add it or drop it.`,
      index,
    );
  if (isSaid(calls[place]) || isSaid(notEvaluable[place]))
    throw new StatsError("duplicate", `Image ${image} appears twice for ${who}; keep one.`, index);
  return place;
}

const isSaid = (value: number | undefined): value is number => value !== undefined && !Number.isNaN(value);

/** Of how many images something was said. */
export function countOf(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) count++;
  return count;
}

/** The same of the images of some classes. */
export function countIn({ truth }: Known, classes: readonly (0 | 1)[], values: Float64Array): number {
  const [wantsNegative, wantsPositive] = [classes.includes(0), classes.includes(1)];
  let count = 0;
  for (let i = 0; i < values.length; i++)
    if ((truth[i] === 1 ? wantsPositive : wantsNegative) && !Number.isNaN(values[i])) count++;
  return count;
}

/** Whether one of the images has a rating: without any, the reads are one operating point. */
export const isRated = ({ ratings }: Opinions): boolean => ratings.some((value) => !Number.isNaN(value));
export const partyOf = ({ reader, condition }: Party): Party => ({ reader, condition });

/** What a party said of the images that another has an opinion of. */
export function onImagesOf(party: Opinions, other: Float64Array): Opinions {
  const kept = (values: Float64Array) => values.map((value, place) => (isSaid(other[place]) ? value : Number.NaN));
  return {
    ...party,
    calls: kept(party.calls),
    ratings: kept(party.ratings),
    notEvaluable: kept(party.notEvaluable),
    partly: kept(party.partly),
  };
}

/** The images that all of these say something of, in the order of the study. */
export function imagesIn({ truth }: Known, ...all: Float64Array[]): Int32Array {
  const isWanted = new Uint8Array(truth.length).fill(1);
  for (const values of all) for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) isWanted[i] = 0;
  return placesOf(isWanted);
}

/** The images of some classes that one of these says something of, in the order of the study. */
export function imagesInAny({ truth }: Known, classes: readonly number[], ...any: Float64Array[]): Int32Array {
  const isWanted = new Uint8Array(truth.length);
  for (const values of any)
    for (let i = 0; i < values.length; i++)
      if (!Number.isNaN(values[i]) && classes.includes(truth[i] ?? 0)) isWanted[i] = 1;
  return placesOf(isWanted);
}

function placesOf(isWanted: Uint8Array): Int32Array {
  const places = new Int32Array(isWanted.length);
  let count = 0;
  for (let place = 0; place < isWanted.length; place++) if (isWanted[place] === 1) places[count++] = place;
  return places.slice(0, count);
}

/** Truth and cluster of some images, as parallel lists. */
export function listed(images: Int32Array, known: Known): { truth: Uint8Array; cluster: Int32Array } {
  const truth = new Uint8Array(images.length);
  const cluster = new Int32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    truth[i] = known.truth[images[i] ?? 0] ?? 0;
    cluster[i] = known.cluster[images[i] ?? 0] ?? 0;
  }
  return { truth, cluster };
}

export function valuesOf(values: Float64Array, images: Int32Array): Float64Array {
  const found = new Float64Array(images.length);
  for (let i = 0; i < images.length; i++) found[i] = values[images[i] ?? 0] ?? 0;
  return found;
}

const componentsOfAll = new WeakMap<Float64Array, StructuralComponents>();

/** Of the area of ratings or calls on some images that have one; on all of them worked out once, whatever they are compared with. */
export function componentsOf(values: Float64Array, images: Int32Array, known: Known): StructuralComponents {
  const isAll = images.length === countOf(values);
  const before = isAll ? componentsOfAll.get(values) : undefined;
  if (before) return before;
  const { truth } = listed(images, known);
  const components = structuralComponents({ truth, score: valuesOf(values, images), direction: "higher" });
  if (isAll) componentsOfAll.set(values, components);
  return components;
}

/** What was said of some images, null where nothing. */
export const readsOf = (values: Float64Array, images: Int32Array): (number | null)[] =>
  Array.from(images, (place) => {
    const value = values[place];
    return isSaid(value) ? value : null;
  });

/** Why areas are not estimable on these images; null when they are. What a party has read so far may be of one class only. */
export const lacking = (truth: Uint8Array): Said | null => {
  if (!truth.includes(1)) return because("no_image_of_class", { truth: "positive" });
  return truth.includes(0) ? null : because("no_image_of_class", { truth: "negative" });
};
