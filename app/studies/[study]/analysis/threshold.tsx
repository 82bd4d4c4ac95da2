import { useTranslations } from "next-intl";
import type { ComparisonOutput } from "@/server/schemas/analysis";

/** From which score the network calls an image positive, and how its scores were split off. */
export function Threshold({ run }: { run: NonNullable<ComparisonOutput["about"]["run"]> }) {
  const t = useTranslations("analysis.table");
  const chosen = run.foldThresholds.map(({ threshold }) => threshold);
  const call =
    chosen.length > 0
      ? t("thresholdChosen", {
          lowest: Math.min(...chosen).toFixed(3),
          highest: Math.max(...chosen).toFixed(3),
        })
      : t("threshold", { threshold: run.threshold });
  const split = run.folds > 0 ? t("split", { folds: run.folds, seed: run.seed, unit: run.splitUnit }) : t("notSplit");
  return (
    <p>
      {call} {split}
    </p>
  );
}
