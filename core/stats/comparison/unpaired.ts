import type { Said } from "../../words";
import { fewClusters } from "../clustered/clusters";
import { averageOfReaders } from "../readers/average-of-readers";
import { because, by, type Estimate, possible, withoutInterval } from "../types";
import {
  classesOf,
  clusteredBy,
  imagesInAny,
  type Known,
  listed,
  type Measure,
  type Opinions,
  opinionsFor,
  readsOf,
} from "./opinions";

/**
 * Two parties that have no image in common: first less second, each on its own images. Patients whom both have seen count in both.
 * @returns null when one of them has none of the images that the measure needs
 */
export function unpaired(
  first: Opinions,
  second: Opinions,
  measure: Measure,
  known: Known,
): { n: number; difference: Estimate; method: Said; p: number | null } | null {
  const wanted = classesOf(measure);
  const parties = [opinionsFor(measure, first), opinionsFor(measure, second)];
  const images = imagesInAny(known, wanted, ...parties);
  const { truth, cluster } = listed(images, known);
  const [a = [], b = []] = parties.map((party) => readsOf(party, images));
  const has = (reads: readonly (number | null)[], of: number) =>
    reads.some((read, i) => read !== null && truth[i] === of);
  if (wanted.some((of) => !has(a, of) || !has(b, of))) return null;
  const method = clusteredBy("patient", by("unpaired", { measure }));
  const n = images.length;
  const { estimate, fixed, clusters } = averageOfReaders({ truth, cluster, first: [a], second: [b], measure });
  if (estimate === null) return null;
  if (!fixed?.limits) {
    const caution = because("difference_not_tested");
    return { n, difference: withoutInterval({ estimate, method, n, caution }), method, p: null };
  }
  const [lower, upper] = possible(fixed.limits);
  return { n, difference: { estimate, lower, upper, method, n, ...fewClusters(clusters) }, method, p: fixed.p };
}
