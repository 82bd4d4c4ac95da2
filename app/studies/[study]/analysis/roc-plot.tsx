"use client";

import { useTranslations } from "next-intl";
import { CartesianGrid, ComposedChart, Line, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { axis, below, beside } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { type LegendItem, LegendMark, useHighlight } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import { useSay } from "@/app/_lib/use-say";
import { conditionStylesOf, diagonal, networkSeries, seriesOf } from "@/core/figures/series";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import type { UnitFigureProps } from "./figure-props";
import { useNames } from "./names";
import { countedOf, isCrowded } from "./parties";
import { type DrawnParty, RocDrawing } from "./roc-drawing";

type Value = ComparisonOutput["roc"][number]["point"]["tpr"];

const ticks = Array.from({ length: 11 }, (_, i) => i / 10);
const label = (tick: number) => (Math.round(tick * 10) % 2 === 0 ? tick.toFixed(1) : "");
const percent = (value: number) => (100 * value).toFixed(1);

/** Calls as marks with their crosses, ratings and scores as empirical curves, the network's with its band; equal axes, chance line dashed. */
export function RocPlot({ comparison, ...marked }: UnitFigureProps) {
  const t = useTranslations("analysis.roc");
  const names = useNames(comparison);
  const say = useSay();
  const { list, sentences } = useFormat();
  const highlight = useHighlight();

  const ofReaders = comparison.roc.filter((entry) => entry.condition !== null);
  const network = comparison.roc.find((entry) => entry.condition === null);
  const readers = [...new Set(ofReaders.map(({ reader }) => reader))];
  const conditions = comparison.about.conditions.filter(({ key }) => ofReaders.some((read) => read.condition === key));
  const series = seriesOf(readers);
  const styles = conditionStylesOf(comparison.about.conditions.map(({ key }) => key));
  const parties = comparison.roc.map(
    (entry): DrawnParty => ({
      ...entry,
      name: names.both(entry),
      series: entry.condition === null ? networkSeries : (series.get(entry.reader) ?? networkSeries),
      style: styles.get(entry.condition ?? "") ?? { fill: "full", dash: undefined },
      order: conditions.findIndex(({ key }) => key === entry.condition),
      isLit: [null, keyOf.reader(entry.reader), keyOf.condition(entry.condition)].includes(highlight.shown),
    }),
  );

  const isCurve = (of: readonly DrawnParty[]) => of.some(({ curve }) => curve.length > 0);
  const isDrawn = isCurve(parties.filter(({ condition }) => condition !== null));
  const valuesOf = ({ name, point: { fpr, tpr } }: DrawnParty) =>
    fpr.estimate === null || tpr.estimate === null
      ? []
      : [t("pointRow", { name, tpr: percent(tpr.estimate), tnr: percent(1 - fpr.estimate) })];
  const saysOf = (of: readonly DrawnParty[]) => list(of.flatMap(valuesOf), "apart");
  const legend: LegendItem[] = [
    ...readers.map((reader) => {
      const own = parties.filter((party) => party.reader === reader);
      const { colour, shape } = series.get(reader) ?? networkSeries;
      return {
        key: keyOf.reader(reader),
        name: reader,
        mark: <LegendMark colour={colour} shape={shape} line={isCurve(own) ? { width: 1.5 } : undefined} />,
        says: saysOf(own),
      };
    }),
    ...(network
      ? [
          {
            key: keyOf.reader(network.reader),
            name: names.reader(network.reader),
            mark: (
              <LegendMark
                colour={networkSeries.colour}
                shape={networkSeries.shape}
                line={{ width: 3 }}
                band={network.band !== null}
              />
            ),
            says: saysOf(parties.filter(({ condition }) => condition === null)),
          },
        ]
      : []),
    ...(conditions.length > 1
      ? conditions.map((condition) => {
          const style = styles.get(condition.key);
          return {
            key: keyOf.condition(condition.key),
            name: condition.label,
            mark: (
              <LegendMark
                colour="var(--text-soft)"
                shape="circle"
                fill={style?.fill ?? "full"}
                line={isDrawn ? { width: 1.5, dash: style?.dash } : undefined}
              />
            ),
          };
        })
      : []),
  ];

  const binary = readers.filter((reader) =>
    ofReaders.some((entry) => entry.reader === reader && entry.curve.length === 0),
  );
  const caption = sentences(
    readers.length > 0 ? t("marks") : null,
    conditions.length > 1
      ? t("conditions", {
          conditions: list(
            conditions.map(({ key, label }) =>
              t("markOf", { condition: label, fill: styles.get(key)?.fill ?? "full", line: isDrawn ? "yes" : "no" }),
            ),
            "apart",
          ),
        })
      : null,
    isDrawn ? t("curves", { marked: readers.length > 1 && !isCrowded(comparison) ? "yes" : "no" }) : null,
    binary.length === 0 ? null : isDrawn ? t("binaryOf", { readers: list(binary) }) : t("binary"),
    hasArrow(ofReaders) ? t("arrows", { conditions: conditions.map(({ label }) => label).join(" → ") }) : null,
    network ? t("network") : null,
    network?.band ? t("band", { replicates: network.band.replicates }) : null,
    network?.band?.caution ? t("bandCaution", { caution: say(network.band.caution) }) : null,
    t("chance"),
  );

  const withInterval = ({ estimate, lower, upper }: Value) => {
    if (estimate === null) return "–";
    if (lower === null || upper === null) return percent(estimate);
    return t("interval", { value: percent(estimate), lower: percent(lower), upper: percent(upper) });
  };
  return (
    <Figure
      title={t("title")}
      n={t("n", countedOf(comparison))}
      caption={caption}
      summary={t("summary", { values: saysOf(parties) })}
      {...marked}
      legend={legend}
      highlight={highlight}
      table={{
        head: [t("who"), t("from"), t("sensitivity"), t("specificity")],
        rows: [
          ...parties.map(({ name, point: { fpr, tpr } }) => [
            name,
            t("call"),
            withInterval(tpr),
            withInterval(complementOf(fpr)),
          ]),
          ...parties.flatMap(({ name, curve }) =>
            curve.map(({ threshold, fpr, tpr }) => [
              name,
              threshold === null ? t("nothing") : Number(threshold.toPrecision(6)),
              percent(tpr),
              percent(1 - fpr),
            ]),
          ),
        ],
      }}
    >
      <div className="mx-auto max-w-[520px]">
        <ResponsiveContainer width="100%" aspect={1}>
          <ComposedChart
            data={[...diagonal.segment]}
            margin={{ top: 8, right: 16, bottom: 28, left: 8 }}
            accessibilityLayer={false}
          >
            <CartesianGrid stroke="var(--line)" />
            <XAxis
              type="number"
              dataKey="x"
              domain={[0, 1]}
              allowDataOverflow
              ticks={ticks}
              tickFormatter={label}
              {...axis}
              label={below(t("x"))}
            />
            <YAxis
              type="number"
              domain={[0, 1]}
              allowDataOverflow
              ticks={ticks}
              tickFormatter={label}
              width={48}
              {...axis}
              label={beside(t("y"))}
            />
            <Line
              dataKey="y"
              stroke={diagonal.stroke}
              strokeDasharray={diagonal.strokeDasharray}
              strokeWidth={1}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
            <RocDrawing
              parties={parties}
              isCrowded={isCrowded(comparison)}
              onPoint={(party) => highlight.point(party && keyOf.reader(party.reader))}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </Figure>
  );
}

const keyOf = {
  reader: (reader: string) => `reader ${reader}`,
  condition: (condition: string | null) => `condition ${condition}`,
};

const complementOf = (value: Value): Value =>
  value.estimate === null
    ? value
    : {
        ...value,
        estimate: 1 - value.estimate,
        lower: value.upper === null ? null : 1 - value.upper,
        upper: value.lower === null ? null : 1 - value.lower,
      };

/** Whether a reader has called in two conditions. */
const hasArrow = (entries: ComparisonOutput["roc"]) =>
  new Set(entries.map(({ reader }) => reader)).size < entries.length;
