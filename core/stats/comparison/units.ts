import { numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { quantileOf } from "../quantile";
import {
  type ClusterLevel,
  type ComparedImage,
  callUnder,
  countOf,
  type Known,
  type Measure,
  type NotEvaluableRule,
  type Opinions,
  onImagesOf,
  opinionsFor,
} from "./opinions";

/** What is counted: images, nodes with all their images, patients with all their nodes. */
export type Unit = ClusterLevel;

/** How what was said of the images of a unit becomes one opinion. */
export type UnitRule = "any" | "majority" | "mean";

export interface Units {
  /** Truth and cluster of every unit: positive when one of its images is. */
  known: Known;
  /**
   * What a party said of the units of which it has seen an image.
   * @param notEvaluable how images that it could not judge count among its calls; left out: not at all
   */
  opinionsOf: <Party extends Opinions>(party: Party, notEvaluable?: NotEvaluableRule) => Party;
  /**
   * Parties that `opinionsOf` gave, with their opinions of a unit out of the same images: those that all of them have called, or rated for areas.
   * Images as units are what they are.
   */
  outOfSameImages: <Party extends Opinions>(parties: readonly Party[], measure: Measure) => Party[];
  /** The clusters when units are alike within this level. */
  clustersAt: (level: ClusterLevel) => Pick<Known, "cluster" | "clusters">;
  /** The subgroup of each unit by a factor; null where its images are of several, or of none. */
  groupOf: (factor: string) => (string | null)[];
}

/**
 * The units of a study, clustered by patient, and opinions of them out of opinions of images.
 *
 * `any`: positive when one call is, the rating is the highest; `majority`: when more than half are, the rating is the median (half of an even number:
 * positive); `mean`: the rating is the mean, and the network positive when its mean score reaches its mean threshold (a reader: when half of the calls
 * are). What a party did not say of an image
 * leaves that image out; a unit without any call (rating) has none. In a unit of one image every rule gives that image's opinion.
 *
 * An image that was not evaluable counts as a call by the rule for these: `exclude` none, `positive` and `negative` as such, `incorrect` the one that is
 * wrong for its unit, not for the image, so that it never makes a unit right that it does not leave right: the worst case.
 * @example unitsOf({ images, known, unit: "node", rule: "any" }).opinionsOf(party)
 * @throws StatsError for a node of two patients
 */
export function unitsOf(about: {
  images: readonly Omit<ComparedImage, "plane">[];
  /** The same images, clustered by patient. */
  known: Known;
  unit: Unit;
  rule: UnitRule;
}): Units {
  const { images, known: ofImages, unit, rule } = about;
  const byPlace = images.map((image): [number, typeof image] => [ofImages.places.get(image.id) ?? 0, image]);
  const imageAt = new Map(byPlace);
  const idAt = (place: number, level: ClusterLevel) => {
    const { id = "", node = "", subject = "" } = imageAt.get(place) ?? {};
    return level === "patient" ? subject : level === "node" ? node : id;
  };
  const members = new Map<string, { subject: string; places: number[] }>();
  for (let place = 0; place < ofImages.truth.length; place++) {
    const [id, subject] = [idAt(place, unit), idAt(place, "patient")];
    const own = members.get(id) ?? { subject, places: [] };
    members.set(id, own);
    if (own.subject !== subject)
      throw new StatsError("duplicate", `Node ${id} is of two patients; give each node one.`, place);
    own.places.push(place);
  }
  const units = [...members.values()].map(({ places }) => places);
  const clustersAt = (level: ClusterLevel) => {
    const ids = units.map(([first = 0]) => idAt(first, level));
    const { of: cluster, count: clusters } = numberClusters(ids, units.length);
    return { cluster, clusters };
  };
  const groupOf = (factor: string) =>
    units.map((places) => {
      const groups = new Set(places.map((place) => imageAt.get(place)?.groups?.[factor] ?? null));
      const [only = null] = groups;
      return groups.size === 1 ? only : null;
    });
  const isImages = unit === "image";
  const known: Known = isImages
    ? ofImages
    : {
        places: new Map([...members.keys()].map((id, place) => [id, place])),
        truth: Uint8Array.from(units, (places) => (places.some((place) => ofImages.truth[place] === 1) ? 1 : 0)),
        ...clustersAt("patient"),
      };
  /** With calls for the images that were not evaluable. */
  const counted = <Party extends Opinions>(party: Party, notEvaluable: NotEvaluableRule): Party => {
    if (notEvaluable === "exclude" || countOf(party.notEvaluable) === 0) return party;
    const calls = party.calls.slice();
    for (const [unitAt, places] of units.entries()) {
      const call = callUnder(notEvaluable, known.truth[unitAt] === 1 ? 1 : 0) ?? Number.NaN;
      for (const place of places) if (party.notEvaluable[place] === 1) calls[place] = call;
    }
    return { ...party, calls };
  };
  if (isImages)
    return {
      known,
      opinionsOf: (party, notEvaluable = "exclude") => counted(party, notEvaluable),
      outOfSameImages: (parties) => [...parties],
      clustersAt,
      groupOf,
    };
  const unitOf = new Int32Array(ofImages.truth.length);
  for (const [unitAt, places] of units.entries()) for (const place of places) unitOf[place] = unitAt;
  /** What the opinions of units are made of. */
  const imagesBehind = new WeakMap<Opinions, Opinions>();
  /** Of one unit, out of the images that are wanted. */
  const callAt = ({ calls, ratings, cuts }: Opinions, own: readonly number[]) =>
    rule === "mean" && cuts
      ? combined(ratings, own, (scores) => (mean(scores) >= mean(saidOf(cuts, own)) ? 1 : 0))
      : combined(calls, own, callOf[rule]);
  const ratingAt = ({ ratings }: Opinions, own: readonly number[]) => combined(ratings, own, ratingOf[rule]);
  return {
    known,
    clustersAt,
    groupOf,
    opinionsOf: (party, notEvaluable = "exclude") => {
      const images = counted(party, notEvaluable);
      const isOpen = (places: readonly number[]) => places.some((place) => party.notEvaluable[place] === 1);
      const isCalled = (places: readonly number[]) => saidOf(party.calls, places).length > 0;
      const ofUnits = {
        ...party,
        calls: Float64Array.from(units, (places) => callAt(images, places)),
        ratings: Float64Array.from(units, (places) => ratingAt(images, places)),
        notEvaluable: Float64Array.from(units, (places) => (isOpen(places) && !isCalled(places) ? 1 : Number.NaN)),
        partly: Float64Array.from(units, (places) => (isOpen(places) && isCalled(places) ? 1 : Number.NaN)),
      };
      imagesBehind.set(ofUnits, images);
      return ofUnits;
    },
    outOfSameImages: (parties, measure) => {
      const behind = parties.map((party) => {
        const images = imagesBehind.get(party);
        if (!images) throw new RangeError(`${party.reader} has no opinions of these units.`);
        return { party, images, said: opinionsFor(measure, images) };
      });
      const isShared = inAll(behind.map(({ said }) => said));
      return behind.map(({ party, images, said }) => {
        const changed = new Set<number>();
        for (let place = 0; place < said.length; place++)
          if (isShared[place] === 0 && !Number.isNaN(said[place])) changed.add(unitOf[place] ?? 0);
        if (changed.size === 0) return party;
        const [calls, ratings] = [party.calls.slice(), party.ratings.slice()];
        for (const unitAt of changed) {
          const shared = (units[unitAt] ?? []).filter((place) => isShared[place] === 1);
          calls[unitAt] = callAt(images, shared);
          ratings[unitAt] = ratingAt(images, shared);
        }
        return { ...party, calls, ratings };
      });
    },
  };
}

/** Each of two parties on the units, out of the images, that the other has an opinion of, too. */
export function onSameImages(first: Opinions, second: Opinions, measure: Measure, units: Units): [Opinions, Opinions] {
  const [one = first, other = second] = units.outOfSameImages([first, second], measure);
  return [onImagesOf(one, opinionsFor(measure, other)), onImagesOf(other, opinionsFor(measure, one))];
}

/** 1 where all of these say something. */
function inAll(all: readonly Float64Array[]): Uint8Array {
  const isIn = new Uint8Array(all[0]?.length ?? 0).fill(1);
  for (const values of all) for (let at = 0; at < values.length; at++) if (Number.isNaN(values[at])) isIn[at] = 0;
  return isIn;
}

/** What is said of some images. */
const saidOf = (values: Float64Array, images: readonly number[]): Float64Array =>
  Float64Array.from(images, (place) => values[place] ?? Number.NaN).filter((value) => !Number.isNaN(value));

function combined(values: Float64Array, images: readonly number[], of: (own: Float64Array) => number): number {
  const own = saidOf(values, images);
  return own.length === 0 ? Number.NaN : of(own);
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const atLeastHalf = (calls: Float64Array) => (mean(calls) >= 0.5 ? 1 : 0);

const callOf: Record<UnitRule, (calls: Float64Array) => number> = {
  any: (calls) => Math.max(...calls),
  majority: atLeastHalf,
  mean: atLeastHalf,
};

const ratingOf: Record<UnitRule, (ratings: Float64Array) => number> = {
  any: (ratings) => Math.max(...ratings),
  majority: (ratings) => quantileOf(ratings.sort(), 0.5),
  mean,
};
