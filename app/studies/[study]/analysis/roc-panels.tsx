"use client";

import { useTranslations } from "next-intl";
import { Figure } from "@/app/_components/figure";
import { LegendMark } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import { conditionStylesOf } from "@/core/figures/series";
import type { UnitFigureProps } from "./figure-props";
import { useNames } from "./names";
import { countedOf, looksOf } from "./parties";
import { pathOf, RocMarks } from "./roc-drawing";

const plot = { x: 22, y: 20, width: 120, height: 120 };
const [width, height] = [plot.x + plot.width + 10, plot.y + plot.height + 18];
const ticks = [0, 0.5, 1];

/** The ROC plot taken apart: a small one a reader, with the network's curve behind in grey. */
export function RocPanels({ comparison, ...marked }: UnitFigureProps) {
  const t = useTranslations("analysis.roc");
  const words = useTranslations("analysis");
  const names = useNames(comparison);
  const { list, sentences } = useFormat();
  const look = looksOf(comparison);
  const styles = conditionStylesOf(comparison.about.conditions.map(({ key }) => key));
  const ofReaders = comparison.roc.filter(({ condition }) => condition !== null);
  const network = comparison.roc.find(({ condition }) => condition === null);
  const conditions = comparison.about.conditions.filter(({ key }) => ofReaders.some((read) => read.condition === key));
  const isDrawn = ofReaders.some(({ curve }) => curve.length > 0);
  const at = (fpr: number, tpr: number) => ({ x: plot.x + fpr * plot.width, y: plot.y + (1 - tpr) * plot.height });
  const panels = [...new Set(ofReaders.map(({ reader }) => reader))].map((reader) => ({
    reader,
    parties: ofReaders
      .filter((entry) => entry.reader === reader)
      .map((entry) => ({
        ...entry,
        name: names.both(entry),
        series: look(entry).series,
        style: styles.get(entry.condition ?? "") ?? { fill: "full" as const, dash: undefined },
        order: conditions.findIndex(({ key }) => key === entry.condition),
        isLit: true,
      })),
  }));
  const areaOf = ({ reader, condition }: { reader: string; condition: string | null }) => {
    const auc = comparison.rows.find((row) => row.reader === reader && row.condition === condition)?.auc.estimate;
    return typeof auc === "number" ? auc.toFixed(3) : "–";
  };
  const percent = (share: number | null) => (share === null ? "–" : (100 * share).toFixed(1));
  return (
    <Figure
      title={t("panels.title")}
      n={t("n", countedOf(comparison))}
      caption={sentences(
        t("panels.caption"),
        conditions.length > 1
          ? t("conditions", {
              conditions: list(
                conditions.map(({ key, label }) =>
                  t("markOf", {
                    condition: label,
                    fill: styles.get(key)?.fill ?? "full",
                    line: isDrawn ? "yes" : "no",
                  }),
                ),
                "apart",
              ),
            })
          : null,
        network ? t("panels.network") : null,
        t("panels.areas", { conditions: conditions.map(({ label }) => label).join(" → ") }),
        t("chance"),
      )}
      summary={list(
        panels.map(({ reader, parties }) => t("panels.row", { reader, areas: parties.map(areaOf).join(" → ") })),
        "apart",
      )}
      {...marked}
      legend={[
        ...conditions.map(({ key, label }) => ({
          key,
          name: label,
          mark: (
            <LegendMark
              colour="var(--text-soft)"
              shape="circle"
              fill={styles.get(key)?.fill ?? "full"}
              line={isDrawn ? { width: 1.5, dash: styles.get(key)?.dash } : undefined}
            />
          ),
        })),
        ...(network
          ? [
              {
                key: "network",
                name: names.reader(network.reader),
                mark: <LegendMark colour="var(--line-strong)" line={{ width: 2.5 }} />,
              },
            ]
          : []),
      ]}
      table={{
        head: [t("who"), t("sensitivity"), t("specificity"), words("table.auc")],
        rows: [
          ...panels.flatMap(({ parties }) => parties),
          ...(network ? [{ ...network, name: names.both(network) }] : []),
        ].map(({ name, point: { fpr, tpr }, ...party }) => [
          name,
          percent(tpr.estimate),
          percent(fpr.estimate === null ? null : 1 - fpr.estimate),
          areaOf(party),
        ]),
      }}
    >
      <div className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-2 gap-y-3">
        {panels.map(({ reader, parties }) => (
          <svg key={reader} viewBox={`0 0 ${width} ${height}`} className="h-auto w-full max-w-52" role="presentation">
            <text x={plot.x} y={13} fontSize={12} fontWeight={600} fill="var(--text)">
              {reader}
            </text>
            <text x={plot.x + plot.width} y={13} textAnchor="end" fontSize={10} fill="var(--text-soft)">
              {parties.map(areaOf).join(" → ")}
            </text>
            {ticks.map((tick) => (
              <g key={tick} stroke="var(--line)">
                <path d={pathOf([at(tick, 0), at(tick, 1)])} />
                <path d={pathOf([at(0, tick), at(1, tick)])} />
              </g>
            ))}
            {ticks.map((tick) => (
              <g key={tick} fontSize={9} fill="var(--text-soft)">
                <text x={at(tick, 0).x} y={height - 5} textAnchor="middle">
                  {tick}
                </text>
                <text x={plot.x - 4} y={at(0, tick).y + 3} textAnchor="end">
                  {tick}
                </text>
              </g>
            ))}
            <path d={pathOf([at(0, 0), at(1, 1)])} stroke="var(--line-strong)" strokeDasharray="4 4" />
            {network && network.curve.length > 0 ? (
              <path
                d={pathOf(network.curve.map(({ fpr, tpr }) => at(fpr, tpr)))}
                fill="none"
                stroke="var(--line-strong)"
                strokeWidth={2.5}
                strokeLinejoin="round"
              />
            ) : null}
            <RocMarks plot={plot} parties={parties} />
          </svg>
        ))}
      </div>
    </Figure>
  );
}
