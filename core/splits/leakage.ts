import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";
import { type Link, nodeKey, type SplitUnit, unitNames } from "./groups";

export interface PlacedItem {
  id: string;
  subject: string;
  /** Name of the node within its patient; needed for splits by node or image, implied by the patient otherwise. */
  node?: string | undefined;
  /** Equal for identical pixels. */
  duplicateKey?: string | undefined;
  fold: number;
}

export interface Leak {
  kind: "subject" | "node" | "duplicate" | "near-duplicate";
  /** The patient; patient / node; the pixels' key; or the two linked ids. */
  key: string;
  folds: number[];
}

/**
 * Patients, nodes, and images with identical pixels or of the same picture (`links`), that stand on two sides of a split.
 * A link to an image that is not among the items is no leak.
 */
export function findLeakage(items: readonly PlacedItem[], links: readonly Link[] = []): Leak[] {
  const places = new Map<string, { kind: Leak["kind"]; key: string; folds: Set<number> }>();
  const note = (kind: Leak["kind"], identity: string, key: string, fold: number) => {
    const place = places.get(`${kind} ${identity}`) ?? { kind, key, folds: new Set<number>() };
    place.folds.add(fold);
    places.set(`${kind} ${identity}`, place);
  };
  for (const item of items) {
    note("subject", item.subject, item.subject, item.fold);
    const { subject, node, duplicateKey } = item;
    if (node !== undefined) note("node", nodeKey({ subject, node }), `${subject} / ${node}`, item.fold);
    if (duplicateKey !== undefined) note("duplicate", duplicateKey, duplicateKey, item.fold);
  }
  for (const [a, b] of linkedItems(items, links)) {
    for (const { fold } of [a, b]) note("near-duplicate", JSON.stringify([a.id, b.id]), `${a.id} and ${b.id}`, fold);
  }
  return [...places.values()]
    .filter((place) => place.folds.size > 1)
    .map((place) => ({ ...place, folds: [...place.folds].sort((a, b) => a - b) }));
}

export interface SiblingCount {
  /** Held-out images with such a sibling in training. */
  images: number;
  /** Of all held-out images, 0 to 1. */
  share: number;
}

export interface LeakageCounts {
  heldOut: number;
  samePatient: SiblingCount;
  /** Undefined when an image comes without its node. */
  sameNode: SiblingCount | undefined;
  /** Identical pixels. */
  identical: SiblingCount;
  /** The same picture by `links`; identical pixels count here only when they are linked as well. */
  nearDuplicate: SiblingCount;
}

export interface LeakageSummary {
  /** Each fold held out once, trained on the other folds; sorted. */
  folds: (LeakageCounts & { fold: number })[];
  /** All images, each held out in its fold. */
  overall: LeakageCounts;
}

/**
 * How many of the images that a network is judged on have a sibling among those it was trained on: to be shown wherever figures of the
 * run are. When 1 of k images is held out at random, 1 - (1/k)^(m-1) of the images of nodes with m planes have one of the same node.
 * @throws RangeError when there is no image
 */
export function leakageSummary(items: readonly PlacedItem[], links: readonly Link[] = []): LeakageSummary {
  if (items.length === 0) throw new RangeError("there is no image to summarise");
  const elsewhere = siblingsElsewhere(items);
  const samePatient = elsewhere((item) => item.subject);
  const sameNode = items.every((item) => item.node !== undefined)
    ? elsewhere(({ subject, node }) => (node === undefined ? undefined : nodeKey({ subject, node })))
    : undefined;
  const identical = elsewhere((item) => item.duplicateKey);
  const nearDuplicate = new Set<PlacedItem>();
  for (const [a, b] of linkedItems(items, links)) {
    if (a.fold !== b.fold) nearDuplicate.add(a).add(b);
  }
  const countsOf = (heldOut: readonly PlacedItem[]): LeakageCounts => {
    const count = (leaking: ReadonlySet<PlacedItem>): SiblingCount => {
      const images = heldOut.filter((item) => leaking.has(item)).length;
      return { images, share: images / heldOut.length };
    };
    return {
      heldOut: heldOut.length,
      samePatient: count(samePatient),
      sameNode: sameNode && count(sameNode),
      identical: count(identical),
      nearDuplicate: count(nearDuplicate),
    };
  };
  const folds = [...new Set(items.map(({ fold }) => fold))].sort((a, b) => a - b);
  return {
    folds: folds.map((fold) => ({ fold, ...countsOf(items.filter((item) => item.fold === fold)) })),
    overall: countsOf(items),
  };
}

/** A split that would let the network see in training what it is judged on. */
export class LeakageError extends SaidError {
  override name = "LeakageError";
  constructor(
    readonly leaks: readonly Leak[],
    unit: Exclude<SplitUnit, "image">,
  ) {
    const named = leaks
      .slice(0, 5)
      .map(
        ({ kind, key, folds }): Said => ({
          key: "worker.leak",
          values: { kind: kind.replace("-", "_"), key, folds: folds.map((fold) => fold + 1).join(", ") },
        }),
      )
      .reduce((first, second) => ({ key: "worker.listed", values: { first, second } }));
    const more = leaks.length - 5;
    const values = { leaks: named, unit: unitNames[unit].one };
    super(
      more > 0
        ? { key: "worker.split_leaks_more", values: { ...values, more } }
        : { key: "worker.split_leaks", values },
    );
  }
}

/**
 * Refuses what the unit of the split promises to keep together: by patient everything, by node all but other nodes of the same patient,
 * by image nothing.
 * @returns what leaks all the same, because the unit implies it
 * @throws LeakageError when a patient (unit "patient"), a node or a picture (units "patient" and "node") stands on two sides;
 *   RangeError when an image of a split by node or image comes without its node
 */
export function refuseLeakage(
  items: readonly PlacedItem[],
  { unit, links = [] }: { unit: SplitUnit; links?: readonly Link[] },
): LeakageSummary {
  if (unit !== "patient") {
    const nameless = items.find((item) => item.node === undefined);
    if (nameless)
      throw new RangeError(`image ${nameless.id} comes without its node, so a split by ${unit} cannot be checked`);
  }
  if (unit !== "image") {
    const leaks = findLeakage(items, links).filter(({ kind }) => unit === "patient" || kind !== "subject");
    if (leaks.length > 0) throw new LeakageError(leaks, unit);
  }
  return leakageSummary(items, links);
}

function linkedItems(items: readonly PlacedItem[], links: readonly Link[]): [PlacedItem, PlacedItem][] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return links.flatMap(([a, b]) => {
    const [first, second] = [byId.get(a), byId.get(b)];
    return first && second ? [[first, second]] : [];
  });
}

/** Finds the items with another of the same key in another fold. */
function siblingsElsewhere(items: readonly PlacedItem[]) {
  return (keyOf: (item: PlacedItem) => string | undefined): Set<PlacedItem> => {
    const foldsOf = new Map<string, Set<number>>();
    for (const item of items) {
      const key = keyOf(item);
      if (key !== undefined) foldsOf.set(key, (foldsOf.get(key) ?? new Set()).add(item.fold));
    }
    return new Set(
      items.filter((item) => {
        const key = keyOf(item);
        return key !== undefined && (foldsOf.get(key)?.size ?? 0) > 1;
      }),
    );
  };
}
