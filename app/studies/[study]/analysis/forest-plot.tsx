"use client";

import { useTranslations } from "next-intl";
import { Figure } from "@/app/_components/figure";
import { BelowHeading, DrawnMarks, useInCommon } from "@/app/_components/footnotes";
import { Mark } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import { widthOf } from "@/core/figures/svg";
import type { UnitFigureProps } from "./figure-props";
import { useNames } from "./names";
import { countedOf, looksOf } from "./parties";

const metrics = ["sensitivity", "specificity", "ppv", "npv", "accuracy", "auc"] as const;
const [rowHeight, head, foot, plotWidth] = [20, 24, 24, 180];
/** Every measure of every party with its interval: a panel a measure, a row a party. */
export function ForestPlot({ comparison, ...marked }: UnitFigureProps) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const { list } = useFormat();
  const inCommon = useInCommon();
  const look = looksOf(comparison);
  const { rows } = comparison;
  const shown = metrics.filter((metric) => rows.some((row) => row[metric].estimate !== null));
  const inWords = (row: (typeof rows)[number], metric: (typeof metrics)[number]) => {
    const { estimate, lower, upper } = row[metric];
    const text = (value: number) => (metric === "auc" ? value.toFixed(3) : (100 * value).toFixed(1));
    if (estimate === null) return "–";
    if (lower === null || upper === null) return text(estimate);
    return t("roc.interval", { value: text(estimate), lower: text(lower), upper: text(upper) });
  };
  const labelWidth = 16 + Math.max(...rows.map((row) => widthOf(names.both(row), 11)));
  const limits = shown.flatMap((metric) => rows.flatMap((row) => row[metric].lower ?? row[metric].estimate ?? []));
  /** Where the axis begins: nothing is left out, and as much of the width as can be is used. */
  const from = Math.min(0.9, Math.floor(10 * Math.min(1, ...limits)) / 10);
  const ticks = Array.from({ length: Math.round((1 - from) * 10) + 1 }, (_, at) => from + at / 10).filter(
    (_, at, all) => all.length < 7 || (all.length - 1 - at) % 2 === 0,
  );
  const height = head + rows.length * rowHeight + foot;
  return (
    <Figure
      title={t("forest.title")}
      n={t("forest.n", { ...countedOf(comparison), patients: comparison.about.patients })}
      caption={t("forest.caption")}
      summary={t("forest.summary", {
        values: list(
          rows.map((row) => t("forest.row", { name: names.both(row), value: inWords(row, "accuracy") })),
          "apart",
        ),
      })}
      {...marked}
      values={shown.flatMap((metric) => rows.map((row) => row[metric]))}
      table={{
        head: [t("table.reader"), ...shown.map((metric) => t(`table.${metric}`))],
        rows: rows.map((row) => [
          names.both(row),
          ...shown.map((metric) => ({ text: inWords(row, metric), value: row[metric] })),
        ]),
      }}
    >
      <div className="flex flex-wrap gap-x-2 gap-y-4">
        {shown.map((metric) => {
          const width = labelWidth + plotWidth + 20;
          const title = t(`table.${metric}`);
          const atPanel = inCommon(rows.map((row) => row[metric]));
          const x = (value: number) => labelWidth + ((value - from) / (1 - from)) * plotWidth;
          return (
            <svg
              key={metric}
              viewBox={`0 0 ${width} ${height}`}
              className="h-auto min-w-64 max-w-md flex-1"
              role="presentation"
            >
              <text
                x={labelWidth + plotWidth / 2}
                y={14}
                textAnchor="middle"
                fontSize={12}
                fontWeight={600}
                fill="var(--text)"
              >
                {title}
              </text>
              <DrawnMarks of={atPanel} x={labelWidth + plotWidth / 2 + widthOf(title, 12) * 0.53 + 1} y={14} />
              {ticks.map((tick) => (
                <g key={tick}>
                  <line x1={x(tick)} x2={x(tick)} y1={head} y2={height - foot} stroke="var(--line)" />
                  <text x={x(tick)} y={height - 8} textAnchor="middle" fontSize={11} fill="var(--text-soft)">
                    {metric === "auc" ? tick.toFixed(1) : Math.round(100 * tick)}
                  </text>
                </g>
              ))}
              {rows.map((row, i) => {
                const y = head + (i + 0.5) * rowHeight;
                const { estimate, lower, upper } = row[metric];
                const { series, fill } = look(row);
                return (
                  <g key={names.both(row)}>
                    <text x={0} y={y + 4} fontSize={11} fill="var(--text)">
                      {names.both(row)}
                    </text>
                    {lower !== null && upper !== null ? (
                      <line x1={x(lower)} x2={x(upper)} y1={y} y2={y} stroke={series.colour} strokeWidth={1.8} />
                    ) : null}
                    {estimate === null ? (
                      <text x={x(0.5)} y={y + 4} textAnchor="middle" fontSize={11} fill="var(--text-soft)">
                        –
                      </text>
                    ) : (
                      <Mark x={x(estimate)} y={y} {...series} fill={fill} />
                    )}
                    <BelowHeading texts={atPanel}>
                      <DrawnMarks of={row[metric]} x={x(1) + 8} y={y + 4} />
                    </BelowHeading>
                  </g>
                );
              })}
            </svg>
          );
        })}
      </div>
    </Figure>
  );
}
