import { useTranslations } from "next-intl";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";

/** "R2, Cohort 1" or "Network", in the language of the page. */
export function useNames({ about }: ComparisonOutput) {
  const t = useTranslations("analysis");
  const { comma } = useFormat();
  const ofNetwork = t(about.run?.trainable === "elsewhere" ? "table.elsewhere" : "table.outOfFold");
  const condition = (key: string | null) =>
    key === null ? ofNetwork : (about.conditions.find((each) => each.key === key)?.label ?? key);
  const reader = (code: string) => (code === "network" ? t("network") : code);
  return {
    condition,
    reader,
    both: (party: { reader: string; condition: string | null }) =>
      party.condition === null ? reader(party.reader) : `${party.reader}${comma}${condition(party.condition)}`,
  };
}
