import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/notice";
import { Card } from "@/app/_components/page-header";
import { Hash } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import type { LockedPlan } from "@/server/schemas/study";

/** An area has no unit, a share is told in percentage points; as it was planned, without the dust of binary fractions. */
const inUnitOf = ({ measure, margin = 0 }: NonNullable<LockedPlan["analysis"]["primary"]>) => ({
  measure,
  value: String(measure === "auc" ? margin : Number((100 * margin).toPrecision(12))),
});

/** The plan of the analysis as the protocol has it: what the analysis computes first, signed with the lock. */
export function PlanCard({ plan }: { plan: LockedPlan }) {
  const t = useTranslations("lock.plan");
  const { list } = useFormat();
  const { comparisons, families, primary, unit, ruleSet, exclusions } = plan.analysis;
  const labelIn = (of: LockedPlan["planes"]) => (key: string) => of.find((each) => each.key === key)?.label ?? key;
  const side = (key: string) =>
    key === "network" ? t("network") : t("readers", { condition: labelIn(plan.conditions)(key) });
  const kinds = (of: readonly (typeof comparisons)[number][]) => list(of.map((kind) => t(`kind.${kind}`)));
  const left = [
    ...(exclusions?.planes ?? []).map(labelIn(plan.planes)),
    ...(exclusions?.regions ?? []).map(labelIn(plan.regions)),
    ...(exclusions?.shortAxisBelowMm ? [t("shortAxis", { mm: exclusions.shortAxisBelowMm })] : []),
  ];
  const lines: [term: string, value: string][] = [
    [
      t("primary"),
      primary
        ? t("contrast", {
            first: side(primary.first),
            second: side(primary.second),
            measure: t(`measure.${primary.measure}`),
            whom: primary.readers,
          })
        : t("none"),
    ],
    [t("margin"), primary?.margin === undefined ? t("noMargin") : t("marginOf", inUnitOf(primary))],
    [t("families"), list((families ?? [comparisons]).map(kinds), "apart")],
    [
      t("unit"),
      unit && unit.level !== "image" ? t("unitBy", { unit: t(unit.level), rule: t(`rule.${unit.rule}`) }) : t("image"),
    ],
    [t("calls"), ruleSet ? (plan.ruleSets.find(({ key }) => key === ruleSet)?.title ?? ruleSet) : t("given")],
    [t("exclusions"), left.length > 0 ? list(left) : t("noExclusions")],
  ];
  return (
    <Card className="mb-8 max-w-2xl">
      <h2 className="mb-3 font-semibold text-lg">{t("title", { version: plan.version })}</h2>
      <dl className="mb-3 grid gap-x-6 gap-y-2 sm:grid-cols-[auto_minmax(0,1fr)]">
        {lines.map(([term, value]) => (
          <div key={term} className="contents">
            <dt className="text-soft text-sm">{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="text-soft text-sm">
        {t("hash")} <Hash value={plan.sha256} />
      </p>
      <p className="text-soft text-sm">{t("signed", { person: plan.lockedBy })}</p>
      {primary ? null : <Notice tone="warning">{t("exploratory")}</Notice>}
    </Card>
  );
}
