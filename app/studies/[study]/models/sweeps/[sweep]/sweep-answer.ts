import { useTranslations } from "next-intl";
import { useFormat } from "@/app/_i18n/format";
import type { SweepResult } from "@/server/schemas/model";
import { frozenIn } from "../../frozen-in";
import { useRunName } from "../../run-name";

/** The depth with the best mean tuning AUC, ties to the larger number of frozen layers as in the choice by fold; null before one is done. */
function bestOnTuning({ depths }: SweepResult): SweepResult["depths"][number] | null {
  const [best] = depths
    .filter(({ tuningAuc }) => tuningAuc !== null)
    .sort(
      (a, b) =>
        (b.tuningAuc ?? 0) - (a.tuningAuc ?? 0) || (frozenIn(b.run.config) ?? 0) - (frozenIn(a.run.config) ?? 0),
    );
  return best ?? null;
}

/** The first line of a sweep: which depth the tuning parts prefer, what that choice is worth, and how far it is. */
export function useSweepAnswer(sweep: SweepResult): string {
  const t = useTranslations("models.sweep");
  const { sentences } = useFormat();
  const nameOf = useRunName();
  const done = sweep.depths.filter(({ run }) => run.state === "done").length;
  const live = sweep.depths.filter(({ run }) => run.state === "queued" || run.state === "running").length;
  const best = bestOnTuning(sweep);
  const total = sweep.depths.length;
  const named = best
    ? t(done === total ? "best" : "bestSoFar", {
        name: nameOf(best.run.config),
        auc: best.tuningAuc?.toFixed(3) ?? "–",
      })
    : t("nothing");
  const auc = sweep.nested?.result.auc;
  const worth =
    typeof auc?.estimate !== "number"
      ? null
      : auc.lower === null || auc.upper === null
        ? t("nestedAnswerPlain", { auc: auc.estimate.toFixed(3) })
        : t("nestedAnswer", {
            auc: auc.estimate.toFixed(3),
            lower: auc.lower.toFixed(3),
            upper: auc.upper.toFixed(3),
          });
  const far = done === total ? [] : [t("count", { done, total }), t("livePlural", { live })];
  return sentences(named, worth, ...far);
}
