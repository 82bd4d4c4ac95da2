import { useTranslations } from "next-intl";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Group = ComparisonOutput["subgroups"][number];
const named = ["size", "plane", "region", "site", "scanner"] as const;
const isNamed = (key: string): key is (typeof named)[number] => named.some((each) => each === key);

/** What is compared in subgroups, by what they are made, and their own names. */
export function useSubgroupNames(comparison: ComparisonOutput) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const { factors } = comparison.about;
  return {
    factor: (key: string) =>
      factors.find((each) => each.key === key)?.label ?? (isNamed(key) ? t(`subgroups.${key}`) : key),
    level: (factor: string, level: string) =>
      factors.find(({ key }) => key === factor)?.levels.find(({ key }) => key === level)?.label ?? level,
    what: ({ first, second }: Pick<Group, "first" | "second">) =>
      first === null
        ? t("averages.network", { condition: names.condition(second) })
        : t("averages.conditions", { first: names.condition(first), second: names.condition(second) }),
  };
}
