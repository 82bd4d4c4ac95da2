import { SaidError } from "@/core/words/said";
import { shuffled } from "../random";
import {
  groupsOf,
  type Link,
  refuseOneClassTraining,
  requireBothClasses,
  type SplitItem,
  type SplitUnit,
  unitNames,
} from "./groups";

/**
 * Folds 0..folds-1 by unit, stratified by whether the unit has a positive image, balanced by number of images. Units that share an image
 * (identical pixels, or `links`) stay together under "patient" and "node"; under "image" every image is placed by itself, as in
 * Li et al., Quant Imaging Med Surg 2021;11:2477.
 * The same items, links and seed give the same folds, in whatever order they come.
 * @param options.links ids of images that show the same picture
 * @throws SaidError when there are fewer units (or groups of linked units) than folds, only one class, or only one in training for some fold
 */
export function assignFolds({
  items,
  folds,
  seed,
  unit,
  links = [],
}: {
  items: readonly SplitItem[];
  folds: number;
  seed: number;
  unit: SplitUnit;
  links?: readonly Link[];
}): Map<string, number> {
  const groups = groupsOf(items, unit, links).map((group) => ({
    ...group,
    positive: group.items.some((item) => item.truth === 1),
  }));
  if (groups.length < folds)
    throw new SaidError({
      key: "worker.too_few_units",
      values: { units: groups.length, unit: unitNames[unit].many, folds },
    });
  requireBothClasses(items);
  const foldOf = new Map<string, number>();
  const sizes = new Array<number>(folds).fill(0);
  for (const positive of [true, false]) {
    const counts = new Array<number>(folds).fill(0);
    const stratum = shuffled(
      groups.filter((group) => group.positive === positive),
      seed + (positive ? 0 : 1),
    ).sort((a, b) => b.items.length - a.items.length);
    for (const group of stratum) {
      let fold = 0;
      for (let candidate = 1; candidate < folds; candidate++) {
        const fewer = (counts[candidate] ?? 0) - (counts[fold] ?? 0) || (sizes[candidate] ?? 0) - (sizes[fold] ?? 0);
        if (fewer < 0) fold = candidate;
      }
      counts[fold] = (counts[fold] ?? 0) + 1;
      sizes[fold] = (sizes[fold] ?? 0) + group.items.length;
      for (const item of group.items) foldOf.set(item.id, fold);
    }
  }
  refuseOneClassTraining(items.map((item) => ({ ...item, fold: foldOf.get(item.id) ?? 0 })));
  return foldOf;
}
