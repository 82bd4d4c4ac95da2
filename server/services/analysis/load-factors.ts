import { sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import { sizeClasses, sizeClassOf } from "@/core/reading/rule-set";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import type { RegionedCrop } from "./analysed-crops";

export interface RecordedFactor {
  key: string;
  /** In the words of the protocol; null: what the system calls it. */
  label: string | null;
  levels: { key: string; label: string }[];
}

/**
 * What the records divide the images by: plane, region, class of size (of the rule set that counts), site, scanner, and the baseline items of the protocol that
 * are choices. What is not recorded, or the same everywhere, is no factor.
 */
export async function loadFactors(
  tx: Tx,
  about: { document: Protocol; crops: readonly RegionedCrop[] },
): Promise<{ factors: RecordedFactor[]; groupsOf: (crop: RegionedCrop) => Record<string, string | null> }> {
  const { document, crops } = about;
  const recorded = await tx.execute<{ subject_id: string; factor: string; value: string }>(
    sql`select subject_id, factor, value from nw.subject_groups()`,
  );
  const ofSubject = new Map(recorded.map(({ subject_id, factor, value }) => [`${factor} ${subject_id}`, value]));
  const choices = document.baseline.items.flatMap((item) => (item.type === "choice" ? [item] : []));
  const named = document.analysis.ruleSet ?? document.form.ruleSet;
  const ruleSet = document.ruleSets.find(({ key }) => key === named) ?? document.ruleSets[0];
  const ofRecord = (factor: string) => (crop: RegionedCrop) => ofSubject.get(`${factor} ${crop.subjectId}`) ?? null;
  const possible: {
    key: string;
    label?: string;
    /** Levels in their order, as far as the protocol names them. */
    known: readonly { key: string; label: string }[];
    of: (crop: RegionedCrop) => string | null;
  }[] = [
    {
      key: "size",
      known: ruleSet ? sizeClasses(ruleSet).map((key) => ({ key, label: key })) : [],
      of: ({ shortAxisMm }) => (ruleSet && shortAxisMm !== null ? sizeClassOf(ruleSet, shortAxisMm) : null),
    },
    { key: "plane", known: document.planes, of: ({ plane }) => plane },
    { key: "region", known: document.regions, of: ({ region }) => region },
    ...choices.map(({ key, label, options }) => ({ key, label, known: options, of: ofRecord(key) })),
    { key: "site", known: [], of: ofRecord("site") },
    { key: "scanner", known: [], of: ofRecord("scanner") },
  ];
  const there = possible.flatMap(({ key, label = null, known, of }) => {
    const place = (level: string) => known.findIndex((each) => each.key === level) + 1 || known.length + 1;
    const levels = [...new Set(crops.flatMap((crop) => of(crop) ?? []))].sort(
      (a, b) => place(a) - place(b) || naturalOrder(a, b),
    );
    const labelOf = (level: string) => known.find((each) => each.key === level)?.label ?? level;
    return levels.length < 2
      ? []
      : [{ key, label, levels: levels.map((level) => ({ key: level, label: labelOf(level) })), of }];
  });
  return {
    factors: there.map(({ of: _, ...factor }) => factor),
    groupsOf: (crop) => Object.fromEntries(there.map(({ key, of }) => [key, of(crop)])),
  };
}
