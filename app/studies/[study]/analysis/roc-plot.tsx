"use client";

import { useTranslations } from "next-intl";
import {
  CartesianGrid,
  ComposedChart,
  ErrorBar,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  XAxis,
  YAxis,
} from "recharts";
import { Figure } from "@/app/_components/figure";
import { colourOf, diagonal, networkColour } from "@/app/_components/series";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

const ticks = Array.from({ length: 11 }, (_, i) => i / 10);
const label = (tick: number) => (Math.round(tick * 10) % 2 === 0 ? tick.toFixed(1) : "");
const percent = (value: number) => (100 * value).toFixed(1);

/** Readers as points with their crosses, the network as a curve; equal axes, chance line dashed. */
export function RocPlot({
  comparison,
  synthetic,
  leaks,
}: {
  comparison: ComparisonOutput;
  synthetic: boolean;
  /** Whether the split of the network's run leaks. */
  leaks: boolean;
}) {
  const t = useTranslations("analysis.roc");
  const names = useNames(comparison);
  const { list } = useFormat();
  const showsSize = new Set(
    comparison.about.conditions
      .filter((condition) => condition.shows.includes("size"))
      .map((condition) => condition.key),
  );
  const points = comparison.roc.flatMap((entry) => {
    if (entry.kind !== "point" || entry.fpr.estimate === null || entry.tpr.estimate === null) return [];
    const { fpr, tpr } = entry;
    const cross = (value: { estimate: number; lower: number | null; upper: number | null }) => [
      value.estimate - (value.lower ?? value.estimate),
      (value.upper ?? value.estimate) - value.estimate,
    ];
    return [
      {
        ...entry,
        name: names.both(entry),
        x: fpr.estimate,
        y: tpr.estimate,
        crossX: cross(fpr),
        crossY: cross(tpr),
        filled: entry.condition !== null && showsSize.has(entry.condition),
      },
    ];
  });
  const curve = comparison.roc.find((entry) => entry.kind === "curve" && entry.reader === "network");
  const line = curve?.kind === "curve" ? curve.points.map(({ fpr, tpr }) => ({ x: fpr, y: tpr })) : [];
  const rows = points.map((point) => ({ name: point.name, tpr: percent(point.y), tnr: percent(1 - point.x) }));
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: comparison.about.images })}
      caption={t("caption")}
      summary={t("summary", {
        values: list(
          rows.map((row) => t("pointRow", row)),
          "apart",
        ),
      })}
      synthetic={synthetic}
      leaks={leaks}
      table={{
        head: [t("who"), t("sensitivity"), t("specificity")],
        rows: [
          ...rows.map((row) => [row.name, row.tpr, row.tnr]),
          ...line.map((point) => [names.reader("network"), percent(point.y), percent(1 - point.x)]),
        ],
      }}
    >
      <ResponsiveContainer width="100%" aspect={1} maxHeight={520}>
        <ComposedChart margin={{ top: 8, right: 16, bottom: 28, left: 8 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis
            type="number"
            dataKey="x"
            domain={[0, 1]}
            ticks={ticks}
            tickFormatter={label}
            stroke="var(--text-soft)"
            fontSize={12}
            label={{ value: t("x"), position: "bottom", fill: "var(--text-soft)", fontSize: 12 }}
          />
          <YAxis
            type="number"
            dataKey="y"
            domain={[0, 1]}
            ticks={ticks}
            tickFormatter={label}
            stroke="var(--text-soft)"
            fontSize={12}
            width={48}
            label={{ value: t("y"), angle: -90, position: "insideLeft", fill: "var(--text-soft)", fontSize: 12 }}
          />
          <ReferenceLine {...diagonal} />
          <Line
            data={line}
            dataKey="y"
            type="linear"
            stroke={networkColour}
            strokeWidth={3}
            dot={false}
            isAnimationActive={false}
          />
          {points.map((point) => (
            <Scatter
              key={point.name}
              data={[point]}
              dataKey="y"
              isAnimationActive={false}
              fill={point.filled ? colourOf(point.reader) : "var(--surface)"}
              stroke={colourOf(point.reader)}
              strokeWidth={2}
            >
              <ErrorBar
                dataKey="crossX"
                direction="x"
                stroke={colourOf(point.reader)}
                strokeWidth={1.2}
                width={0}
                isAnimationActive={false}
              />
              <ErrorBar
                dataKey="crossY"
                direction="y"
                stroke={colourOf(point.reader)}
                strokeWidth={1.2}
                width={0}
                isAnimationActive={false}
              />
            </Scatter>
          ))}
        </ComposedChart>
      </ResponsiveContainer>
      <ul className="mt-1 flex flex-wrap justify-center gap-x-4 text-sm">
        {points.map((point) => (
          <li key={point.name} className="flex items-center gap-1.5">
            <span
              className="inline-block size-2.5 rounded-full border-2"
              style={{
                borderColor: colourOf(point.reader),
                background: point.filled ? colourOf(point.reader) : "transparent",
              }}
            />
            {point.name}
          </li>
        ))}
        {line.length > 0 ? (
          <li className="flex items-center gap-1.5">
            <span className="inline-block h-[3px] w-5" style={{ background: networkColour }} />
            {names.reader("network")}
          </li>
        ) : null}
      </ul>
    </Figure>
  );
}
