import { useTranslations } from "next-intl";
import { Card } from "@/app/_components/page-header";
import { Stat } from "@/app/_components/stat";
import { useFormat } from "@/app/_i18n/format";
import { useSay } from "@/app/_lib/use-say";
import type { SweepResult } from "@/server/schemas/model";
import { useDepthName } from "./depth-name";

/** The depth chosen in each fold by its tuning part, and what its scores are worth; or why there is none yet. */
export function NestedChoice({ sweep }: { sweep: SweepResult }) {
  const t = useTranslations("models.sweep");
  const result = useTranslations("models.result");
  const say = useSay();
  const { list } = useFormat();
  const depthName = useDepthName();
  const { nested, nestedReason } = sweep;
  const config = sweep.depths[0]?.run.config;
  const unit = config?.trainable === "network" ? config.frozenUnit : "blocks";
  const figures = nested
    ? ([
        { name: result("auc"), value: nested.result.auc, as: "number" },
        { name: t("sensitivity"), value: nested.result.sensitivity, as: "percent" },
        { name: t("specificity"), value: nested.result.specificity, as: "percent" },
      ] as const)
    : [];
  const cautions = [
    ...new Set(figures.flatMap(({ value }) => ("caution" in value && value.caution ? say(value.caution) : []))),
  ];
  return (
    <Card className="border-l-4 border-l-accent">
      {nested ? (
        <>
          <dl className="mb-4 flex flex-wrap gap-x-12 gap-y-3">
            {figures.map(({ name, value, as }) => (
              <div key={name}>
                <dt className="text-soft text-sm">{name}</dt>
                <dd className="[&_button]:text-left [&_button]:font-semibold [&_button]:text-xl [&_button_span]:font-normal [&_button_span]:text-sm">
                  <Stat value={value} as={as} />
                </dd>
              </div>
            ))}
          </dl>
          <p className="numbers mb-2">
            {t("chosen", {
              list: list(
                nested.chosen.map(({ fold, frozen, tuningAuc }) =>
                  t("chosenFold", { fold: fold + 1, frozen: depthName(frozen, unit), auc: tuningAuc.toFixed(3) }),
                ),
                "apart",
              ),
            })}
          </p>
        </>
      ) : (
        <p className="mb-2">{t("nestedWaiting", { reason: nestedReason ? say(nestedReason) : "–" })}</p>
      )}
      <p className="max-w-prose text-soft text-sm">{t("nestedWhy")}</p>
      {cautions.map((caution) => (
        <p key={caution} className="mt-1 max-w-prose text-soft text-sm">
          {result("caution", { caution })}
        </p>
      ))}
    </Card>
  );
}
