import { useTranslations } from "next-intl";
import type { RunComparison } from "@/server/schemas/model";
import { splitLeaks } from "@/server/schemas/regimen";
import { useRunName } from "../run-name";

/** Which of the runs has the highest AUC; a run whose split leaks is never called the best. */
export function CompareAnswer({ rows }: { rows: RunComparison["rows"] }) {
  const t = useTranslations("models.compare");
  const nameOf = useRunName();
  const done = rows.filter(({ result }) => result).length;
  const [best] = rows
    .flatMap(({ run, result }) =>
      typeof result?.auc.estimate === "number" && !splitLeaks(run.config) ? [{ run, auc: result.auc.estimate }] : [],
    )
    .sort((a, b) => b.auc - a.auc);
  const named = best ? t("best", { name: nameOf(best.run.config), auc: best.auc.toFixed(3) }) : null;
  return [t("answer", { done, count: rows.length }), named].filter(Boolean).join(" ");
}
