/** A lesion with its place and its last size; one that was taken out of the study has the reason. */
export interface Lesion {
  subject: string;
  label: string;
  region: string | null;
  shortAxisMm: number | null;
  excluded: string | null;
}

/** A region of a subject of which not the largest lesion alone is in the study. */
export interface OffSelection<T extends Lesion> {
  subject: string;
  region: string;
  /** What is in the study, the largest first. */
  kept: T[];
  /** The largest that was taken out, where it is larger than all of these. */
  larger: T | null;
}

/**
 * Where the lesions of subjects are others than a protocol asks for that takes the largest of each region of a subject: several are kept, or a larger one was taken out. What
 * has no region, or no size, is compared with nothing.
 */
export function offLargestOfRegion<T extends Lesion>(lesions: readonly T[]): OffSelection<T>[] {
  const groups = new Map<string, { subject: string; region: string; all: T[] }>();
  for (const each of lesions) {
    const { subject, region } = each;
    if (region === null) continue;
    const key = JSON.stringify([subject, region]);
    const group = groups.get(key) ?? { subject, region, all: [] };
    groups.set(key, group);
    group.all.push(each);
  }
  return [...groups.values()].flatMap(({ subject, region, all }) => {
    all.sort((a, b) => size(b) - size(a));
    const kept = all.filter(({ excluded }) => excluded === null);
    const [largest] = all;
    const larger =
      kept[0] && largest && largest.excluded !== null && kept[0].shortAxisMm !== null && size(largest) > size(kept[0])
        ? largest
        : null;
    return kept.length > 1 || larger ? [{ subject, region, kept, larger }] : [];
  });
}

const size = ({ shortAxisMm }: Lesion) => shortAxisMm ?? 0;
