import { useTranslations } from "next-intl";
import { useFormat } from "@/app/_i18n/format";
import type { UsedValue } from "@/core/eligibility/evaluate";
import type { BaselineItem, ItemValue } from "@/core/protocol/values";

/** A recorded value as a person reads it: with its unit, the label of its option, or as a day. */
export function useValueInWords() {
  const { day } = useFormat();
  return (item: BaselineItem | undefined, value: ItemValue): string => {
    if (item?.type === "choice") return item.options.find(({ key }) => key === value)?.label ?? String(value);
    if (item?.type === "number" && item.unit) return `${value} ${item.unit}`;
    return item?.type === "date" ? day(String(value)) : String(value);
  };
}

/** The values that a computed criterion rests on, in a sentence: "Largest short axis 6.2 mm". */
export function useUsedInWords(items: readonly BaselineItem[]) {
  const t = useTranslations("enrolment.computed");
  const { day, list } = useFormat();
  const valueInWords = useValueInWords();
  const itemOf = (name: string) => items.find(({ key }) => key === name);
  const labelOf = (name: string): string => {
    if (name === "short_axis_mm" || name === "mri_date") return t(name);
    return itemOf(name)?.label ?? name;
  };
  const inWords = (what: string, value: ItemValue): string => {
    if (what === "short_axis_mm") return `${value} mm`;
    return what === "mri_date" ? day(String(value)) : valueInWords(itemOf(what), value);
  };
  return (used: readonly UsedValue[]): string =>
    list(
      used
        // Days that are not known miss a date, which is named already.
        .filter(({ what, value }) => value !== null || !what.includes(" - "))
        .map(({ what, value }) => {
          const [to = what, from] = what.split(" - ");
          if (from !== undefined) return t("days", { to: labelOf(to), from: labelOf(from), days: Number(value) });
          return value === null ? t("missing", { what: labelOf(what) }) : `${labelOf(what)} ${inWords(what, value)}`;
        }),
    );
}
