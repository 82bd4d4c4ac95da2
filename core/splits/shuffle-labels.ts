import { seedOf, shuffled } from "../random";
import { nodeKey, requireBothClasses } from "./groups";

export interface LabelledItem {
  id: string;
  subject: string;
  /** Name of the node within its patient. */
  node: string;
  truth: 0 | 1;
  /** The fold whose model scores the image. */
  fold: number;
}

interface LabelledNode {
  key: string;
  subject: string;
  truth: 0 | 1;
  /** Number of its images in each fold. */
  images: Map<number, number>;
}

type Patient = readonly LabelledNode[];

/** Patients that exchange among themselves: with fewer, too many would get their own labels back (one a group on average). */
const fewestExchanging = 5;

/** Exchanges that are drawn, of which the most even one is taken. */
const draws = 50;

/**
 * Label-shuffle control: what a pipeline reaches on labels that say nothing about the images, judged by these very labels. An AUC clearly
 * above 0.5 then points to a leak between training and judgement, or to a choice made on the judged images. (Judged by the truth, a network
 * that only recognises siblings would score 0.5 and look honest.)
 *
 * Folds must be equally prevalent: the more positives a fold has, the fewer its model was trained on and the lower it scores, so pooled scores
 * would fall below 0.5 and hide a leak (Parker BJ et al. BMC Bioinformatics 2007;8:326). So the patients of a fold exchange within it. Those
 * with images in several folds (a split by node or image), or in a fold of fewer than five patients, exchange among each other; fewer than five
 * of them exchange with the smallest fold. Of 50 such exchanges the one counts in which the share of positive images in each fold is nearest
 * to the share of positive nodes in the study. The fold's own share of images is no aim: where positive nodes have more images than
 * negative ones, it would hand most labels back to those who had them.
 *
 * The labels of a patient's nodes move as one block to another patient with as many nodes; so labels stay as alike within a patient as
 * they were. Where fewer than five patients have a number of nodes, they exchange together with those of the next smaller number (the
 * smallest with the next larger), and a block may be cut. All images of one node get one label.
 *
 * Kept exactly: the number of positive nodes, of the whole and of each fold that exchanges within itself. Not kept: the number of positive
 * images, as nodes differ in their number of images; and what the number of nodes of a patient says about truth stays in the labels.
 * The same items and seed give the same labels, in whatever order the items come and whatever their ids are.
 * @returns the shuffled truth by id
 * @throws RangeError when there are fewer than two patients or one class only, or when images of one node differ in truth
 */
export function shuffleLabels(items: readonly LabelledItem[], seed: number): Map<string, 0 | 1> {
  requireBothClasses(items);
  const nodes = nodesOf(items);
  const patients = grouped(nodes, ({ subject }) => subject);
  if (patients.size < 2) throw new RangeError("labels cannot move between patients: there is only one");
  const share = nodes.filter(({ truth }) => truth === 1).length / nodes.length;
  const label = new Map<string, 0 | 1>();
  for (const [name, pool] of poolsOf([...patients.values()])) {
    const groups = exchanges(pool);
    const own = groups.flat(2);
    let least = Number.POSITIVE_INFINITY;
    for (let draw = 0; draw < draws; draw++) {
      const dealt = groups.flatMap((group, i) => shuffled(group, seedOf(seed, "labels", name, draw, i)).flat());
      const isPositive = (_: LabelledNode, i: number) => dealt[i]?.truth === 1;
      const off = unevenness(own, own.filter(isPositive), share);
      if (off >= least) continue;
      least = off;
      for (const [i, { key }] of own.entries()) label.set(key, dealt[i]?.truth ?? 0);
    }
  }
  return new Map(items.map((item) => [item.id, label.get(nodeKey(item)) ?? item.truth]));
}

/** The nodes of the items, by code point. @throws RangeError when images of one node differ in truth */
function nodesOf(items: readonly LabelledItem[]): LabelledNode[] {
  const nodes = new Map<string, LabelledNode>();
  for (const { subject, node, truth, fold } of items) {
    const key = nodeKey({ subject, node });
    const known = nodes.get(key) ?? { key, subject, truth, images: new Map() };
    if (known.truth !== truth)
      throw new RangeError(
        `node ${node} of ${subject} is positive in one image and negative in another; correct it first`,
      );
    known.images.set(fold, (known.images.get(fold) ?? 0) + 1);
    nodes.set(key, known);
  }
  return [...nodes.values()].sort(byCode(({ key }) => key));
}

/** Patients that exchange among themselves, by a name that goes into the seed: those of a fold, and all who cannot exchange within one. */
function poolsOf(patients: readonly Patient[]): [name: string, pool: Patient[]][] {
  const among = "among folds";
  const pools = grouped(patients, (patient) => {
    const folds = new Set(patient.flatMap(({ images }) => [...images.keys()]));
    return folds.size === 1 ? `fold ${[...folds].join()}` : among;
  });
  const isSmall = ([name, { length }]: [string, Patient[]]) => name === among || length < fewestExchanging;
  const rest = [...pools].filter(isSmall).flatMap(([, pool]) => pool);
  const within = [...pools].filter((pool) => !isSmall(pool)).sort(([, a], [, b]) => b.length - a.length);
  if (rest.length > 0 && rest.length < fewestExchanging) rest.push(...(within.pop()?.[1] ?? []));
  return rest.length > 0 ? [...within, [among, rest]] : within;
}

/** Patients by number of nodes, numbers with too few patients joined; each in an order that depends on nothing else. */
function exchanges(patients: readonly Patient[]): Patient[][] {
  const sorted = [...patients].sort(byCode((nodes) => nodes[0]?.subject ?? "")).sort((a, b) => b.length - a.length);
  const joined: Patient[][] = [];
  for (const patient of sorted) {
    const open = joined.at(-1);
    const full = open !== undefined && open.length >= fewestExchanging && open.at(-1)?.length !== patient.length;
    if (open && !full) open.push(patient);
    else joined.push([patient]);
  }
  const last = joined.at(-1);
  if (joined.length > 1 && last && last.length < fewestExchanging) {
    joined.pop();
    joined.at(-1)?.push(...last);
  }
  return joined;
}

/** How far the positive images of each fold are from a share of its images: the sum of squares, in images. */
function unevenness(nodes: readonly LabelledNode[], positive: readonly LabelledNode[], share: number): number {
  const positives = imagesByFold(positive);
  // By fold, because the last digit of a sum hangs on its order.
  const folds = [...imagesByFold(nodes)].sort(([a], [b]) => a - b);
  return folds.reduce((sum, [fold, images]) => sum + ((positives.get(fold) ?? 0) - share * images) ** 2, 0);
}

function imagesByFold(nodes: readonly LabelledNode[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { images } of nodes) for (const [fold, count] of images) counts.set(fold, (counts.get(fold) ?? 0) + count);
  return counts;
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

const byCode =
  <T>(keyOf: (value: T) => string) =>
  (a: T, b: T) =>
    keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0;

/** The exchanged labels that a control run with this seed learns, and by which it is judged. */
export const controlLabels = (items: readonly LabelledItem[], seed: number): Map<string, 0 | 1> =>
  shuffleLabels(items, seedOf("labels", seed));
