"use client";

import { useTranslations } from "next-intl";
import { LeakBadge } from "@/app/_components/badge";
import { Footnotes } from "@/app/_components/footnotes";
import { formatP } from "@/app/_components/format-p";
import { Notice } from "@/app/_components/notice";
import { Card } from "@/app/_components/page-header";
import { Stat } from "@/app/_components/stat";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";
import { countedOf } from "./parties";

/** What the study was made to find out: as a sentence, a number and a picture; before everything else. */
export function PrimaryAnswer({
  comparison,
  leaks,
  postHoc,
}: {
  comparison: ComparisonOutput;
  leaks: boolean;
  /** Counted by another unit than planned. */
  postHoc: boolean;
}) {
  const t = useTranslations("analysis.primary");
  const names = useNames(comparison);
  const { list } = useFormat();
  const { primary } = comparison;
  if (!primary) return <Notice>{t("none")}</Notice>;
  const { difference, margin, measure, verdict } = primary;
  const unit = measure === "auc" ? "number" : "percent";
  const inUnit = (value: number) => (unit === "number" ? value.toFixed(3) : (100 * value).toFixed(1));
  const sides = {
    first: primary.first === null ? t("network") : t("average", { condition: names.condition(primary.first) }),
    second: t("average", { condition: names.condition(primary.second) }),
    measure: t(`measure.${measure}`),
    margin: margin === null ? "" : unit === "number" ? inUnit(margin) : t("points", { value: inUnit(margin) }),
  };
  const sentence =
    verdict === null
      ? t("verdict.none", sides)
      : verdict === "worse" && margin !== null && (difference.lower ?? -1) > -margin
        ? t("verdict.worse_within", sides)
        : verdict === "not_shown" && margin !== null
          ? t("verdict.not_shown_margin", sides)
          : t(`verdict.${verdict}`, sides);
  return (
    <section aria-label={t("region")}>
      <Card className="mb-8 border-l-4 border-l-accent">
        <p className="mb-1 flex flex-wrap items-center gap-2 text-soft text-sm">
          {t("title", { whom: primary.readers, planned: postHoc ? "no" : "yes" })}
          {leaks && primary.first === null ? <LeakBadge /> : null}
        </p>
        <p className="mb-4 max-w-prose text-lg">{sentence}</p>
        <Footnotes of={[difference]}>
          <div className="grid items-center gap-x-10 gap-y-3 sm:grid-cols-[auto_minmax(0,1fr)]">
            <div className="[&_button]:text-left [&_button]:font-semibold [&_button]:text-2xl [&_button_span]:font-normal [&_button_span]:text-sm [&_button_sup]:font-normal [&_button_sup]:text-sm">
              <p className="text-soft text-sm">{t(unit === "percent" ? "differencePoints" : "difference", sides)}</p>
              <Stat value={difference} as={unit} />
              <p className="text-soft text-sm">
                {primary.p === null ? t("noP") : t("p", { p: formatP(primary.p).replace(/^(?!<)/, "= ") })}
              </p>
            </div>
            <ForestRow primary={primary} inUnit={inUnit} />
          </div>
        </Footnotes>
        <p className="mt-3 max-w-prose text-soft text-sm">
          {t("about", {
            readers: list(primary.averagedOver),
            count: primary.averagedOver.length,
            n: primary.n,
            unit: countedOf(comparison).unit,
            reads: primary.reads,
            possible: primary.possible,
            version: comparison.about.protocol.version,
          })}
        </p>
      </Card>
    </section>
  );
}

const [width, height] = [480, 84];

/** The difference with its interval on an axis, with 0 and the margin. */
function ForestRow({
  primary: { difference, margin },
  inUnit,
}: {
  primary: NonNullable<ComparisonOutput["primary"]>;
  inUnit: (value: number) => string;
}) {
  const t = useTranslations("analysis.primary");
  const { estimate, lower, upper } = difference;
  if (estimate === null || typeof lower !== "number" || typeof upper !== "number") return null;
  const edge = 1.15 * Math.max(Math.abs(lower), Math.abs(upper), margin ?? 0, 0.01);
  const x = (value: number) => ((value + edge) / (2 * edge)) * (width - 40) + 20;
  const mark = (value: number, label: string, dashed: boolean) => (
    <g key={label}>
      <line
        x1={x(value)}
        x2={x(value)}
        y1={8}
        y2={52}
        stroke="var(--line-strong)"
        strokeDasharray={dashed ? "4 4" : undefined}
      />
      <text x={x(value)} y={70} textAnchor="middle" fontSize={12} fill="var(--text-soft)">
        {label}
      </text>
    </g>
  );
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="h-auto w-full max-w-xl"
      role="img"
      aria-label={t("picture", { estimate: inUnit(estimate), lower: inUnit(lower), upper: inUnit(upper) })}
    >
      {mark(0, "0", false)}
      {margin === null ? null : mark(-margin, t("marginMark", { margin: inUnit(margin) }), true)}
      <line x1={x(lower)} x2={x(upper)} y1={30} y2={30} stroke="var(--accent)" strokeWidth={2.5} />
      {[lower, upper].map((limit) => (
        <line key={limit} x1={x(limit)} x2={x(limit)} y1={23} y2={37} stroke="var(--accent)" strokeWidth={2.5} />
      ))}
      <rect x={x(estimate) - 6} y={24} width={12} height={12} fill="var(--accent)" />
    </svg>
  );
}
