import { SaidError } from "@/core/words/said";
/**
 * What is kept on one side of a split: a patient with all images, a node with its planes, or each image by itself (which shows a network
 * other pictures of what it is judged on; kept to reproduce published splits).
 */
export type SplitUnit = "patient" | "node" | "image";

export interface SplitItem {
  id: string;
  subject: string;
  /** Name of the node within its patient: the same name in two patients is two nodes. */
  node: string;
  truth: 0 | 1;
  /** Equal for identical pixels: units that share one stay together, unless every image stands by itself. */
  duplicateKey?: string | undefined;
}

/** An id that sorts as its place does: the same in every installation, where the images come in the same order. */
export const placeKey = (place: number): string => String(place).padStart(9, "0");

/** Ids of two images that show the same picture (see core/imaging/near-duplicates). */
export type Link = readonly [string, string];

/** What moves as one: a unit, or several that share an image. */
export interface Group {
  /** The first of its units by code point: no two groups have the same. */
  key: string;
  items: SplitItem[];
}

export const unitNames = {
  patient: { one: "patient", many: "patients" },
  node: { one: "node", many: "nodes" },
  image: { one: "image", many: "images" },
} as const satisfies Record<SplitUnit, { one: string; many: string }>;

/** Names a node in the whole set. */
export function nodeKey({ subject, node }: { subject: string; node: string }): string {
  return JSON.stringify([subject, node]);
}

/**
 * The items by unit, units that share identical pixels or are linked in one group, sorted by key: the order of the items does not matter.
 * Under unit "image" nothing is joined. A link to an image that is not among the items joins nothing.
 */
export function groupsOf(items: readonly SplitItem[], unit: SplitUnit, links: readonly Link[] = []): Group[] {
  const unitOf = (item: SplitItem) => (unit === "patient" ? item.subject : unit === "node" ? nodeKey(item) : item.id);
  const parent = new Map<string, string>();
  const root = (key: string): string => {
    let top = key;
    for (let up = parent.get(top); up !== undefined; up = parent.get(top)) top = up;
    for (let up = parent.get(key); up !== undefined && up !== top; up = parent.get(key)) {
      parent.set(key, top);
      key = up;
    }
    return top;
  };
  const join = (a: string, b: string) => {
    const [first, second] = [root(a), root(b)].sort();
    if (first !== undefined && second !== undefined && first !== second) parent.set(second, first);
  };
  if (unit !== "image") {
    const holder = new Map<string, string>();
    const unitOfId = new Map(items.map((item) => [item.id, unitOf(item)]));
    for (const item of items) {
      if (item.duplicateKey === undefined) continue;
      const other = holder.get(item.duplicateKey);
      if (other === undefined) holder.set(item.duplicateKey, unitOf(item));
      else join(other, unitOf(item));
    }
    for (const [a, b] of links) {
      const [first, second] = [unitOfId.get(a), unitOfId.get(b)];
      if (first !== undefined && second !== undefined) join(first, second);
    }
  }
  const groups = new Map<string, Group>();
  for (const item of items) {
    const key = root(unitOf(item));
    const group = groups.get(key);
    if (group) group.items.push(item);
    else groups.set(key, { key, items: [item] });
  }
  return [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** @throws SaidError when there is no image of one of the classes */
export function requireBothClasses(items: readonly { truth: 0 | 1 }[]): void {
  for (const truth of [0, 1]) {
    if (!items.some((item) => item.truth === truth))
      throw new SaidError({
        key: "worker.no_image_of_class",
        values: { truth: truth === 1 ? "positive" : "negative" },
      });
  }
}

/** Patients of a fold that are named; more are counted. */
const patientsNamed = 5;

/**
 * Refuses folds of which one holds every image of a class: its model would learn from the other class alone, and its scores would say nothing.
 * @param items by the labels that are learned
 * @throws SaidError that names the fold and its patients of that class
 */
export function refuseOneClassTraining(items: readonly { subject: string; truth: 0 | 1; fold: number }[]): void {
  for (const truth of [1, 0] as const) {
    const ofClass = items.filter((item) => item.truth === truth);
    const [fold, ...others] = new Set(ofClass.map((item) => item.fold));
    if (fold === undefined || others.length > 0) continue;
    const patients = [...new Set(ofClass.map(({ subject }) => subject))].sort();
    const [first = "", ...rest] = patients.slice(0, patientsNamed);
    throw new SaidError({
      key: "worker.one_class_training",
      values: {
        truth: truth === 1 ? "positive" : "negative",
        patients: patients.length,
        named: rest.reduce((named, next) => `${named}, ${next}`, first),
        more: Math.max(0, patients.length - patientsNamed),
        fold: fold + 1,
      },
    });
  }
}
