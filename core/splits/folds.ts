import { shuffled } from "../random";

export interface SplitItem {
  id: string;
  subject: string;
  truth: 0 | 1;
  /** Equal for identical pixels: patients who share one stay together. */
  duplicateKey?: string | undefined;
}

/** Patients linked by shared images, as groups (union-find). */
function groupsOf(items: readonly SplitItem[]): { items: SplitItem[]; positive: boolean; key: string }[] {
  const parent = new Map<string, string>();
  const root = (key: string): string => {
    const up = parent.get(key) ?? key;
    if (up === key) return key;
    const top = root(up);
    parent.set(key, top);
    return top;
  };
  for (const item of items) {
    const subject = root(`s${item.subject}`);
    parent.set(subject, subject);
    if (item.duplicateKey !== undefined) {
      const image = root(`d${item.duplicateKey}`);
      parent.set(image, subject);
    }
  }
  const groups = new Map<string, SplitItem[]>();
  for (const item of items) {
    const key = root(`s${item.subject}`);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].map((members) => ({
    items: members,
    positive: members.some((item) => item.truth === 1),
    key: members.map((item) => item.subject).sort()[0] ?? "",
  }));
}

/**
 * Folds 0..folds-1 by patient, stratified by whether the patient has a positive image, balanced by number of images.
 * The same items and seed give the same folds, in whatever order the items come.
 * @throws RangeError when there are fewer patients (or groups of linked patients) than folds, or only one class
 */
export function assignFolds({
  items,
  folds,
  seed,
}: {
  items: readonly SplitItem[];
  folds: number;
  seed: number;
}): Map<string, number> {
  const groups = groupsOf(items).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  if (groups.length < folds)
    throw new RangeError(`${groups.length} patients cannot fill ${folds} folds; ask for at most ${groups.length}`);
  for (const truth of [0, 1]) {
    if (!items.some((item) => item.truth === truth))
      throw new RangeError(`there is no ${truth === 1 ? "positive" : "negative"} image`);
  }
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
  return foldOf;
}
