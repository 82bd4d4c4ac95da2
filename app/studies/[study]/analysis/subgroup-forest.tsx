"use client";

import { useTranslations } from "next-intl";
import { Figure } from "@/app/_components/figure";
import { DrawnMarks } from "@/app/_components/footnotes";
import { formatP } from "@/app/_components/format-p";
import { useFormat } from "@/app/_i18n/format";
import { widthOf } from "@/core/figures/svg";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import type { FigureProps } from "./figure-props";
import { countedOf } from "./parties";
import { useSubgroupNames } from "./subgroup-names";

type Group = ComparisonOutput["subgroups"][number];
type Level = Group["levels"][number];

const [rowHeight, head, foot] = [20, 40, 24];
/** Of the columns behind the names, pixels. */
const [countWidth, plotWidth, valueWidth, pWidth] = [64, 150, 150, 44];

/** The averages over these readers in every subgroup, by the measure of the planned contrast: a panel a contrast, a row a subgroup. */
export function SubgroupForest({ comparison, ...marked }: FigureProps) {
  const t = useTranslations("analysis");
  const names = useSubgroupNames(comparison);
  const { list } = useFormat();
  const measure = comparison.primary?.measure ?? "auc";
  const groups = comparison.subgroups.filter((group) => group.measure === measure);
  const panels = [...new Set(groups.map(names.what))].map((name) => ({
    name,
    groups: groups.filter((group) => names.what(group) === name),
  }));
  const inUnit = (value: number) =>
    (measure === "auc" ? value.toFixed(3) : (100 * value).toFixed(1)).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
  const inWords = ({ difference: { estimate, lower, upper } }: Level) => {
    if (estimate === null) return "–";
    if (lower === null || upper === null) return inUnit(estimate);
    return t("roc.interval", { value: inUnit(estimate), lower: inUnit(lower), upper: inUnit(upper) });
  };
  const countsOf = ({ n, patients }: Level) => t("subgroups.counts", { n, patients });
  const levels = groups.flatMap((group) => group.levels.map((level) => ({ factor: group.factor, ...level })));
  const labelWidth =
    18 +
    Math.max(
      0,
      ...levels.flatMap(({ factor, level }) =>
        [names.level(factor, level), names.factor(factor)].map((name) => widthOf(name, 11.5)),
      ),
    );
  const reach = Math.max(
    0.01,
    ...levels.flatMap(({ difference }) =>
      [difference.estimate, difference.lower, difference.upper].map((value) => Math.abs(value ?? 0)),
    ),
  );
  const step = 10 ** Math.floor(Math.log10(reach));
  const edge = ([1, 2, 4, 5, 10].find((each) => each * step >= reach) ?? 10) * step;
  const ticks = [-edge, 0, edge];
  const from = labelWidth + countWidth;
  const x = (value: number) => from + ((value + edge) / (2 * edge)) * plotWidth;
  const values = from + plotWidth + valueWidth;
  const width = values + pWidth;
  return (
    <Figure
      title={t("subgroups.forest", { measure: t(`table.${measure}`) })}
      n={t("forest.n", { ...countedOf(comparison), patients: comparison.about.patients })}
      caption={t(measure === "auc" ? "subgroups.caption" : "subgroups.captionPoints", {
        unit: countedOf(comparison).unit,
        factors: list([...new Set(groups.map(({ factor }) => names.factor(factor)))]),
      })}
      summary={list(
        groups.flatMap((group) =>
          group.levels.map((level) =>
            t("subgroups.row", {
              what: names.what(group),
              level: names.level(group.factor, level.level),
              value: inWords(level),
            }),
          ),
        ),
        "apart",
      )}
      {...marked}
      postHoc
      values={levels.map(({ difference }) => difference)}
      table={{
        head: [
          t("averages.what"),
          t("subgroups.factor"),
          t("subgroups.level"),
          t("subgroups.n"),
          t("comparisons.difference"),
          t("subgroups.interaction"),
        ],
        rows: groups.flatMap((group) =>
          group.levels.map((level) => [
            names.what(group),
            names.factor(group.factor),
            names.level(group.factor, level.level),
            countsOf(level),
            { text: inWords(level), value: level.difference },
            formatP(group.interaction?.p ?? null),
          ]),
        ),
      }}
    >
      <div className="grid grid-cols-[repeat(auto-fit,minmax(min(24rem,100%),1fr))] gap-x-8 gap-y-4">
        {panels.map(({ name, groups: own }) => {
          const rows = own.flatMap((group) => [
            { key: group.factor, group, level: null },
            ...group.levels.map((level) => ({ key: `${group.factor} ${level.level}`, group, level })),
          ]);
          const bottom = head + rows.length * rowHeight;
          return (
            <svg
              key={name}
              viewBox={`0 0 ${width} ${bottom + foot}`}
              className="h-auto w-full max-w-xl"
              role="presentation"
              fontSize={11}
            >
              <text x={0} y={14} fontSize={12} fontWeight={600} fill="var(--text)">
                {name}
              </text>
              <g fill="var(--text-soft)" textAnchor="end">
                <text x={from - 10} y={head - 8}>
                  {t("subgroups.n")}
                </text>
                <text x={values - 10} y={head - 8}>
                  {t("comparisons.difference")}
                </text>
                <text x={width} y={head - 8}>
                  {t("subgroups.p")}
                </text>
              </g>
              {ticks.map((tick) => (
                <g key={tick}>
                  <line
                    x1={x(tick)}
                    x2={x(tick)}
                    y1={head}
                    y2={bottom}
                    stroke={tick === 0 ? "var(--line-strong)" : "var(--line)"}
                  />
                  <text x={x(tick)} y={bottom + 16} textAnchor="middle" fill="var(--text-soft)">
                    {String(measure === "auc" ? tick : 100 * tick).replace("-", "−")}
                  </text>
                </g>
              ))}
              {rows.map(({ key, group, level }, at) => {
                const y = head + (at + 0.5) * rowHeight;
                if (level === null)
                  return (
                    <g key={key} fill="var(--text)">
                      <text x={0} y={y + 4} fontWeight={600}>
                        {names.factor(group.factor)}
                      </text>
                      <text x={width} y={y + 4} textAnchor="end">
                        {formatP(group.interaction?.p ?? null)}
                      </text>
                    </g>
                  );
                const { estimate, lower, upper } = level.difference;
                return (
                  <g key={key} fill="var(--text)">
                    <text x={8} y={y + 4}>
                      {names.level(group.factor, level.level)}
                    </text>
                    <text x={from - 10} y={y + 4} textAnchor="end">
                      {countsOf(level)}
                    </text>
                    {lower !== null && upper !== null ? (
                      <line x1={x(lower)} x2={x(upper)} y1={y} y2={y} stroke="var(--accent)" strokeWidth={1.8} />
                    ) : null}
                    {estimate === null ? null : (
                      <rect x={x(estimate) - 4} y={y - 4} width={8} height={8} fill="var(--accent)" />
                    )}
                    <text x={values - 10} y={y + 4} textAnchor="end">
                      {inWords(level)}
                    </text>
                    <DrawnMarks of={level.difference} x={values - 8} y={y + 4} />
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
