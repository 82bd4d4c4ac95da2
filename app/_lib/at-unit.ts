import type { ComparisonOutput, CountedUnit } from "@/server/schemas/analysis";

/** What the protocol plans to count. */
export const plannedUnit = ({ about }: ComparisonOutput): CountedUnit => about.plan.unit?.level ?? "image";

/** The comparison counted by another unit: its numbers in the place of the planned ones, which are left where it is the planned unit. */
export function atUnit(comparison: ComparisonOutput, unit: CountedUnit): ComparisonOutput {
  const { unit: _, rule: __, ...counted } = comparison.units.find((each) => each.unit === unit) ?? {};
  return { ...comparison, ...counted, units: [] };
}
