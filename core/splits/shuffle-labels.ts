import { seedOf, shuffled } from "../random";
import { nodeKey, requireBothClasses } from "./groups";

export interface LabelledItem {
  id: string;
  subject: string;
  /** Name of the node within its patient. */
  node: string;
  truth: 0 | 1;
}

interface LabelledNode {
  key: string;
  subject: string;
  truth: 0 | 1;
}

/** Patients that exchange among themselves: with fewer, too many would get their own labels back (one a group on average). */
const fewestExchanging = 5;

/**
 * Label-shuffle control: what a pipeline reaches on labels that say nothing about the images, judged by these very labels. An AUC clearly
 * above 0.5 then points to a leak between training and judgement, or to a choice made on the judged images. (Judged by the truth, a network
 * that only recognises siblings would score 0.5 and look honest.) With unequal folds an honest pipeline comes out a little below 0.5.
 *
 * The labels of a patient's nodes move as one block to another patient with as many nodes; so labels stay as alike within a patient as
 * they were. Where fewer than five patients have a number of nodes, they exchange together with those of the next smaller number (the
 * smallest with the next larger), and a block may be cut. All images of one node get one label.
 *
 * Kept exactly: the number of positive nodes. Not kept: the number of positive images, as nodes differ in their number of images; and what
 * the number of nodes of a patient says about truth stays in the labels.
 * The same items and seed give the same labels, in whatever order the items come.
 * @returns the shuffled truth by id
 * @throws RangeError when there are fewer than two patients or one class only, or when images of one node differ in truth
 */
export function shuffleLabels(items: readonly LabelledItem[], seed: number): Map<string, 0 | 1> {
  requireBothClasses(items);
  const nodes = new Map<string, LabelledNode>();
  for (const { subject, node, truth } of items) {
    const key = nodeKey({ subject, node });
    const known = nodes.get(key);
    if (known && known.truth !== truth)
      throw new RangeError(
        `node ${node} of ${subject} is positive in one image and negative in another; correct it first`,
      );
    nodes.set(key, { key, subject, truth });
  }
  const bySubject = new Map<string, LabelledNode[]>();
  for (const node of [...nodes.values()].sort(byCode(({ key }) => key))) {
    const others = bySubject.get(node.subject);
    if (others) others.push(node);
    else bySubject.set(node.subject, [node]);
  }
  if (bySubject.size < 2) throw new RangeError("labels cannot move between patients: there is only one");

  const label = new Map<string, 0 | 1>();
  for (const [index, patients] of exchanges([...bySubject.values()]).entries()) {
    const dealt = shuffled(patients, seedOf(seed, "labels", index)).flat();
    for (const [i, { key }] of patients.flat().entries()) label.set(key, dealt[i]?.truth ?? 0);
  }
  return new Map(items.map((item) => [item.id, label.get(nodeKey(item)) ?? item.truth]));
}

/** Patients (each as its nodes) by number of nodes, numbers with too few patients joined; each in an order that depends on nothing else. */
function exchanges(patients: readonly LabelledNode[][]): LabelledNode[][][] {
  const sorted = [...patients].sort(byCode((nodes) => nodes[0]?.subject ?? "")).sort((a, b) => b.length - a.length);
  const joined: LabelledNode[][][] = [];
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

const byCode =
  <T>(keyOf: (value: T) => string) =>
  (a: T, b: T) =>
    keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0;

/** The exchanged labels that a control run with this seed learns, and by which it is judged. */
export const controlLabels = (items: readonly LabelledItem[], seed: number): Map<string, 0 | 1> =>
  shuffleLabels(items, seedOf("labels", seed));
