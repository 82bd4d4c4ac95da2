import type { Protocol } from "@/core/protocol/protocol";
import { sizeClasses, sizeClassOf } from "@/core/reading/rule-set";
import { naturalOrder } from "@/core/text/natural-order";
import type { RegionedCrop } from "./analysed-crops";

interface Factor {
  key: string;
  /** In the words of the protocol; null: what the system calls it. */
  label: string | null;
  levels: { key: string; label: string }[];
}

type GroupOf = (crop: RegionedCrop) => string | null;

/**
 * What divides the images: plane, region, class of size (of the rule set that counts), the baseline items of the protocol that are choices (`baseline_` and the
 * item's key), site and scanner. A level is what the protocol names, or a code: results are handed out without identities, and a region or a hospital that somebody
 * typed can tell who a patient is. What is not recorded, or the same everywhere, is no factor. Pure.
 * @param about.crops in the order of the study
 * @param about.recorded what is recorded of a patient by factor, as `nw.subject_groups` calls them
 */
export function factorsOf(about: {
  document: Protocol;
  crops: readonly RegionedCrop[];
  recorded: readonly { subject_id: string; factor: string; value: string }[];
}): { factors: Factor[]; groupsOf: (crop: RegionedCrop) => Record<string, string | null> } {
  const { document, crops, recorded } = about;
  const ofSubject = new Map(recorded.map(({ subject_id, factor, value }) => [`${factor} ${subject_id}`, value]));
  const ofRecord =
    (factor: string): GroupOf =>
    ({ subjectId }) =>
      ofSubject.get(`${factor} ${subjectId}`) ?? null;
  const choices = document.baseline.items.flatMap((item) => (item.type === "choice" ? [item] : []));
  const named = document.analysis.ruleSet ?? document.form.ruleSet;
  const ruleSet = document.ruleSets.find(({ key }) => key === named) ?? document.ruleSets[0];
  const possible: (Omit<Factor, "levels"> & { levels: readonly Factor["levels"][number][]; of: GroupOf })[] = [
    {
      key: "size",
      label: null,
      levels: ruleSet ? sizeClasses(ruleSet).map((key) => ({ key, label: key })) : [],
      of: ({ shortAxisMm }) => (ruleSet && shortAxisMm !== null ? sizeClassOf(ruleSet, shortAxisMm) : null),
    },
    { key: "plane", label: null, levels: document.planes, of: ({ plane }) => plane },
    { key: "region", label: null, levels: document.regions, of: ({ region }) => region },
    ...choices.map(({ key, label, options }) => ({
      key: `baseline_${key}`,
      label,
      levels: options,
      of: ofRecord(`baseline_${key}`),
    })),
    { key: "site", label: null, ...coded(crops, ofRecord("site"), isSiteCode) },
    { key: "scanner", label: null, ...coded(crops, ofRecord("scanner"), () => false) },
  ];
  const there = possible.flatMap(({ levels, of, ...factor }) => {
    const met = new Set(crops.map(of));
    const known = levels.filter(({ key }) => met.has(key));
    return known.length < 2 ? [] : [{ ...factor, levels: known, of }];
  });
  return {
    factors: there.map(({ of: _, ...factor }) => factor),
    groupsOf: (crop) =>
      Object.fromEntries(
        there.map(({ key, levels, of }) => {
          const group = of(crop);
          return [key, levels.some((level) => level.key === group) ? group : null];
        }),
      ),
  };
}

/** As studies number their sites: 01, S2, BJ-003. */
const isSiteCode = (name: string) => /^[A-Za-z]{0,3}[-_]?\d{1,4}$/.test(name);

/** What was typed, where all of it is codes; else numbers in the order in which the names come, patient by patient. */
function coded(crops: readonly RegionedCrop[], of: GroupOf, isCode: (name: string) => boolean) {
  const names = [...new Set(crops.flatMap((crop) => of(crop) ?? []))];
  const codeOf = new Map(names.map((name, at) => [name, names.every(isCode) ? name : String(at + 1)]));
  const codes = [...codeOf.values()].sort(naturalOrder);
  return {
    levels: codes.map((key) => ({ key, label: key })),
    of: (crop: RegionedCrop) => codeOf.get(of(crop) ?? "") ?? null,
  };
}
