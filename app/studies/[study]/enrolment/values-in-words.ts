import { useTranslations } from "next-intl";
import type { UsedValue } from "@/core/eligibility/evaluate";
import type { BaselineItem, ItemValue } from "@/core/protocol/values";

/** A recorded value as a person reads it: with its unit, or the label of its option. */
export function valueInWords(item: BaselineItem | undefined, value: ItemValue): string {
  if (item?.type === "choice") return item.options.find(({ key }) => key === value)?.label ?? String(value);
  if (item?.type === "number" && item.unit) return `${value} ${item.unit}`;
  return String(value);
}

/** The values that a computed criterion rests on, in a sentence: "Largest short axis 6.2 mm". */
export function useUsedInWords(items: readonly BaselineItem[]) {
  const t = useTranslations("enrolment.computed");
  const itemOf = (name: string) => items.find(({ key }) => key === name);
  const labelOf = (name: string): string => {
    if (name === "short_axis_mm" || name === "mri_date") return t(name);
    return itemOf(name)?.label ?? name;
  };
  return (used: readonly UsedValue[]): string =>
    used
      // Days that are not known miss a date, which is named already.
      .filter(({ what, value }) => value !== null || !what.includes(" - "))
      .map(({ what, value }) => {
        const [to = what, from] = what.split(" - ");
        if (from !== undefined) return t("days", { to: labelOf(to), from: labelOf(from), days: Number(value) });
        if (value === null) return t("missing", { what: labelOf(what) });
        return `${labelOf(what)} ${what === "short_axis_mm" ? `${value} mm` : valueInWords(itemOf(what), value)}`;
      })
      .join(", ");
}
