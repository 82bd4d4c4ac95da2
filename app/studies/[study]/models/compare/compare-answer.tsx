import { useTranslations } from "next-intl";
import { useFormat } from "@/app/_i18n/format";
import { splitLeaks } from "@/core/protocol/regimen";
import type { RunComparison } from "@/server/schemas/model";
import { useRunName } from "../run-name";

/**
 * Which of the runs has the highest AUC. Of those whose split leaks, of controls on exchanged labels and of models trained elsewhere none is ever
 * called the best: their figures do not say how good a model of this study is.
 */
export function CompareAnswer({ rows }: { rows: RunComparison["rows"] }) {
  const t = useTranslations("models.compare");
  const { sentences } = useFormat();
  const nameOf = useRunName();
  const done = rows.filter(({ result }) => result).length;
  const [best, ...others] = rows
    .flatMap(({ run: { config }, result }) =>
      typeof result?.auc.estimate === "number" &&
      config.trainable !== "elsewhere" &&
      !config.shuffledLabels &&
      !splitLeaks(config)
        ? [{ config, auc: result.auc.estimate }]
        : [],
    )
    .sort((a, b) => b.auc - a.auc);
  const named = best
    ? t("best", { name: nameOf(best.config), auc: best.auc.toFixed(3), count: others.length + 1 })
    : null;
  return sentences(t("answer", { done, count: rows.length }), named);
}
