"use client";

import { useTranslations } from "next-intl";
import { Bar, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { axis, below, beside, roundTicks } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { LegendMark, useHighlight } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import { networkColour, truthColours } from "@/core/figures/series";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";
import { countedOf, looksOf } from "./parties";
import { PlacedMarks } from "./placed-marks";
import { isLit, readerLegend } from "./reader-legend";

interface FigureProps {
  comparison: ComparisonOutput;
  figures: NonNullable<ComparisonOutput["figures"]["network"]>;
  synthetic: boolean;
  leaks: boolean;
}
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
const label = (tick: number) => tick.toFixed(1);

/** How the scores of positive and of negative images lie: those upwards, these downwards. */
export function ScoreHistogram({ comparison, figures: { histogram }, synthetic, leaks }: FigureProps) {
  const t = useTranslations("analysis.histogram");
  const sum = (of: "positive" | "negative") => histogram.reduce((total, bin) => total + bin[of], 0);
  const [positives, negatives] = [sum("positive"), sum("negative")];
  const counts = roundTicks(Math.max(1, ...histogram.flatMap(({ positive, negative }) => [positive, negative])));
  const most = counts.at(-1) ?? 1;
  const { run } = comparison.about;
  const threshold = run && run.foldThresholds.length === 0 ? run.threshold : null;
  const { unit } = countedOf(comparison);
  const summary = t("summary", {
    unit,
    high: histogram.filter(({ from }) => from >= 0.5).reduce((total, { positive }) => total + positive, 0),
    positives,
    low: histogram.filter(({ from }) => from < 0.5).reduce((total, { negative }) => total + negative, 0),
    negatives,
  });
  return (
    <Figure
      title={t("title")}
      n={t("n", { positives, negatives, unit })}
      caption={threshold === null ? t("caption", { unit }) : t("captionThreshold", { threshold, unit })}
      summary={summary}
      synthetic={synthetic}
      leaks={leaks}
      legend={(["positive", "negative"] as const).map((truth) => ({
        key: truth,
        name: t(truth),
        mark: <LegendMark colour={truthColours[truth]} shape="square" />,
      }))}
      table={{
        head: [t("x"), t("positive"), t("negative")],
        rows: histogram.map(({ from, to, positive, negative }) => [
          t("bin", { from: from.toFixed(2), to: to.toFixed(2) }),
          positive,
          negative,
        ]),
      }}
    >
      <ResponsiveContainer width="100%" aspect={1.3} maxHeight={380}>
        <ComposedChart
          data={histogram.map(({ from, to, positive, negative }) => ({
            score: (from + to) / 2,
            positive,
            negative: -negative,
          }))}
          margin={{ top: 8, right: 16, bottom: 28, left: 8 }}
          stackOffset="sign"
          barCategoryGap={1}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            type="number"
            dataKey="score"
            domain={[0, 1]}
            ticks={ticks}
            tickFormatter={label}
            {...axis}
            label={below(t("x"))}
          />
          <YAxis
            type="number"
            domain={[-most, most]}
            ticks={[...counts.slice(1).map((count) => -count), ...counts]}
            interval={0}
            tickFormatter={(tick: number) => String(Math.abs(tick))}
            allowDecimals={false}
            width={56}
            {...axis}
            label={beside(t("y"))}
          />
          <Bar dataKey="positive" stackId="truth" fill={truthColours.positive} isAnimationActive={false} />
          <Bar dataKey="negative" stackId="truth" fill={truthColours.negative} isAnimationActive={false} />
          <ReferenceLine y={0} stroke="var(--text-soft)" />
          {threshold === null ? null : <ReferenceLine x={threshold} stroke="var(--text)" strokeDasharray="4 4" />}
        </ComposedChart>
      </ResponsiveContainer>
    </Figure>
  );
}

/** Precision against recall of the scores, with the readers' calls as marks. */
export function PrecisionRecallPlot({ comparison, figures, synthetic, leaks }: FigureProps) {
  const t = useTranslations("analysis.precisionRecall");
  const names = useNames(comparison);
  const { list } = useFormat();
  const highlight = useHighlight();
  const look = looksOf(comparison);
  const { network, rows } = comparison;
  const readers = rows.flatMap(({ reader, condition, sensitivity, ppv }) =>
    condition !== null && sensitivity.estimate !== null && ppv.estimate !== null
      ? [{ reader, condition, recall: sensitivity.estimate, precision: ppv.estimate }]
      : [],
  );
  const says = (of: typeof readers) =>
    list(
      of.map((each) =>
        t("point", {
          name: names.both(each),
          recall: (100 * each.recall).toFixed(1),
          precision: (100 * each.precision).toFixed(1),
        }),
      ),
      "apart",
    );
  const prevalence = network?.prevalence ?? 0;
  const { unit } = countedOf(comparison);
  const curve = figures.precisionRecall;
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: network?.n ?? 0, unit })}
      caption={t("caption", { prevalence: (100 * prevalence).toFixed(1), unit })}
      summary={t("summary", {
        area: network?.averagePrecision.estimate?.toFixed(3) ?? "–",
        values: says(readers),
      })}
      synthetic={synthetic}
      leaks={leaks}
      highlight={highlight}
      legend={[
        ...readerLegend(comparison, (reader) => says(readers.filter((each) => each.reader === reader))),
        {
          key: "network",
          name: names.reader("network"),
          mark: <LegendMark colour={networkColour} line={{ width: 3 }} />,
        },
      ]}
      table={{
        head: [t("who"), t("from"), t("x"), t("y")],
        rows: [
          ...readers.map((each) => [names.both(each), t("call"), each.recall.toFixed(3), each.precision.toFixed(3)]),
          ...curve.map(({ threshold, recall, precision }) => [
            names.reader("network"),
            Number(threshold.toPrecision(6)),
            recall.toFixed(3),
            precision.toFixed(3),
          ]),
        ],
      }}
    >
      <ResponsiveContainer width="100%" aspect={1.3} maxHeight={380}>
        <ComposedChart
          data={[{ recall: 0, precision: curve[0]?.precision ?? 1 }, ...curve]}
          margin={{ top: 8, right: 16, bottom: 28, left: 8 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke="var(--line)" />
          <XAxis
            type="number"
            dataKey="recall"
            domain={[0, 1]}
            ticks={ticks}
            tickFormatter={label}
            {...axis}
            label={below(t("x"))}
          />
          <YAxis
            type="number"
            domain={[0, 1]}
            ticks={ticks}
            tickFormatter={label}
            width={48}
            {...axis}
            label={beside(t("y"))}
          />
          <ReferenceLine y={prevalence} stroke="var(--line-strong)" strokeDasharray="4 4" />
          <Line
            dataKey="precision"
            stroke={networkColour}
            strokeWidth={3}
            strokeOpacity={isLit(highlight, { reader: "network", condition: null }) ? 1 : 0.3}
            dot={false}
            isAnimationActive={false}
          />
          <PlacedMarks
            marks={readers.map((each) => ({
              key: names.both(each),
              x: each.recall,
              y: each.precision,
              ...look(each),
              isLit: isLit(highlight, each),
            }))}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </Figure>
  );
}
