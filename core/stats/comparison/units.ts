import { numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { quantileOf } from "../quantile";
import type { ClusterLevel, ComparedImage, Known, Opinions } from "./opinions";

/** What is counted: images, nodes with all their images, patients with all their nodes. */
export type Unit = ClusterLevel;

/** How what was said of the images of a unit becomes one opinion. */
export type UnitRule = "any" | "majority" | "mean";

export interface Units {
  /** Truth and cluster of every unit: positive when one of its images is. */
  known: Known;
  /** What a party said of the units of which it has seen an image. */
  opinionsOf: <Party extends Opinions>(party: Party) => Party;
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
  const { images, known, unit, rule } = about;
  const byPlace = images.map((image): [number, typeof image] => [known.places.get(image.id) ?? 0, image]);
  const imageAt = new Map(byPlace);
  const idAt = (place: number, level: ClusterLevel) => {
    const { id = "", node = "", subject = "" } = imageAt.get(place) ?? {};
    return level === "patient" ? subject : level === "node" ? node : id;
  };
  const members = new Map<string, { subject: string; places: number[] }>();
  for (let place = 0; place < known.truth.length; place++) {
    const [id, subject] = [idAt(place, unit), idAt(place, "patient")];
    const own = members.get(id) ?? { subject, places: [] };
    members.set(id, own);
    if (own.subject !== subject)
      throw new StatsError("duplicate", `Node ${id} is of two patients; give each node one.`, place);
    own.places.push(place);
  }
  const units = [...members.values()];
  const clustersAt = (level: ClusterLevel) => {
    const ids = units.map(({ places: [first = 0] }) => idAt(first, level));
    const { of: cluster, count: clusters } = numberClusters(ids, units.length);
    return { cluster, clusters };
  };
  const groupOf = (factor: string) =>
    units.map(({ places }) => {
      const groups = new Set(places.map((place) => imageAt.get(place)?.groups?.[factor] ?? null));
      const [only = null] = groups;
      return groups.size === 1 ? only : null;
    });
  if (unit === "image") return { known, opinionsOf: (party) => party, clustersAt, groupOf };
  const ofUnit = (values: Float64Array, places: readonly number[]) =>
    Float64Array.from(places, (place) => values[place] ?? Number.NaN).filter((value) => !Number.isNaN(value));
  const combined = (values: Float64Array, of: (own: Float64Array, places: readonly number[]) => number) =>
    Float64Array.from(units, ({ places }) => {
      const own = ofUnit(values, places);
      return own.length === 0 ? Number.NaN : of(own, places);
    });
  return {
    known: {
      places: new Map([...members.keys()].map((id, place) => [id, place])),
      truth: Uint8Array.from(units, ({ places }) => (places.some((place) => known.truth[place] === 1) ? 1 : 0)),
      ...clustersAt("patient"),
    },
    clustersAt,
    groupOf,
    opinionsOf: (party) => {
      const { cuts } = party;
      const calls =
        rule === "mean" && cuts
          ? combined(party.ratings, (own, places) => (mean(own) >= mean(ofUnit(cuts, places)) ? 1 : 0))
          : combined(party.calls, callOf[rule]);
      return {
        ...party,
        calls,
        ratings: combined(party.ratings, ratingOf[rule]),
        notEvaluable: Float64Array.from(units, ({ places }) => {
          const isLeftOpen = (place: number) => party.notEvaluable[place] === 1;
          const isJudged = (place: number) => !isLeftOpen(place) && !Number.isNaN(party.calls[place] ?? Number.NaN);
          return places.some(isLeftOpen) && !places.some(isJudged) ? 1 : Number.NaN;
        }),
      };
    },
  };
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
