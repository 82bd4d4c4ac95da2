import type { NetworkRegimen } from "@/core/protocol/regimen";
import { seedOf } from "@/core/random";
import { placeKey } from "@/core/splits/groups";
import { controlLabels } from "@/core/splits/shuffle-labels";
import { tuningPart } from "@/core/splits/tuning";
import type { TrainingItem } from "./records";

/** The crops of a fold by their place among the items: trained on, chosen on, scored. */
export interface Sides {
  fit: number[];
  tuning: number[];
  heldOut: number[];
}

/** What the training side learns: the truth, or, in the control run, labels exchanged between patients. */
export function labelsOf(
  items: readonly TrainingItem[],
  { shuffledLabels, seed }: { shuffledLabels: boolean; seed: number },
): (0 | 1)[] {
  const exchanged = shuffledLabels ? controlLabels(items, seed) : null;
  return items.map((item) => exchanged?.get(item.id) ?? item.truth);
}

/**
 * Everything but a fold, divided into what is trained on and a tuning part, which is a share of the training side's patients: nothing is chosen
 * on the fold that is scored.
 * @throws RangeError when the tuning part cannot have both classes
 */
export function sidesOf(options: {
  items: readonly TrainingItem[];
  links: readonly (readonly [string, string])[];
  labels: readonly (0 | 1)[];
  fold: number;
  regimen: NetworkRegimen;
}): Sides {
  const { items, links, labels, fold, regimen } = options;
  // By place and not by id: ids are drawn at random, and the same data must give the same sides in another installation.
  const keyOf = new Map(items.map(({ id }, place) => [id, placeKey(place)]));
  const placed = items.map((item, place) => ({
    ...item,
    id: placeKey(place),
    truth: labels[place] ?? item.truth,
    place,
  }));
  const side = placed.filter((item) => item.fold !== fold);
  const tuning =
    regimen.tuningFraction === 0
      ? new Set<string>()
      : tuningPart({
          items: side,
          fraction: regimen.tuningFraction,
          seed: seedOf("tuning", regimen.seed, fold),
          unit: regimen.splitUnit,
          links: links.map(([a, b]) => [keyOf.get(a) ?? a, keyOf.get(b) ?? b] as const),
        });
  const places = (wanted: readonly { place: number }[]) => wanted.map(({ place }) => place);
  return {
    fit: places(side.filter((item) => !tuning.has(item.id))),
    tuning: places(side.filter((item) => tuning.has(item.id))),
    heldOut: places(placed.filter((item) => item.fold === fold)),
  };
}

/** Weight in the loss of an example of class 0 and of class 1; over the labels their mean is 1. */
export function classWeights(labels: readonly (0 | 1)[], kind: NetworkRegimen["classWeights"]): [number, number] {
  if (kind === "none") return [1, 1];
  const positives = labels.filter((label) => label === 1).length;
  const weight = (count: number) => (count > 0 ? labels.length / (2 * count) : 0);
  return [weight(labels.length - positives), weight(positives)];
}
