import { useTranslations } from "next-intl";
import type { Regimen } from "@/core/protocol/regimen";

/** What a run is, in words: "Network, first 3 blocks frozen", "Control: labels exchanged", "Baseline: short axis". */
export function useRunName(): (config: Regimen) => string {
  const t = useTranslations("models.name");
  return (config) => {
    if (config.trainable === "baseline") return t(`baseline.${config.baseline}`);
    if (config.trainable === "elsewhere") return t("elsewhere");
    const base = config.trainable === "head" ? t("head") : t(`frozen.${config.frozenUnit}`, { frozen: config.frozen });
    const named = config.sizeBlind ? t("sizeBlind", { base }) : base;
    return config.shuffledLabels ? t("control", { base: named }) : named;
  };
}
