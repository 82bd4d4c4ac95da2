"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { axis, below, beside } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { LegendMark, useHighlight } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import { diagonal, networkColour } from "@/core/figures/series";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import type { FigureProps, UnitFigureProps } from "./figure-props";
import { useNames } from "./names";
import { countedOf, looksOf } from "./parties";
import { PlacedMarks } from "./placed-marks";
import { isLit, readerLegend } from "./reader-legend";

type Network = NonNullable<ComparisonOutput["network"]>;
type NetworkFigure = FigureProps & { network: Network };
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
const label = (tick: number) => tick.toFixed(1);

/** A chart over 0..1, its own y axis and lines as children. */
function OverUnit({
  data,
  x,
  name,
  children,
}: {
  data: readonly object[];
  x: string;
  name: string;
  children: ReactNode;
}) {
  return (
    <ResponsiveContainer width="100%" aspect={1.3} maxHeight={380}>
      <ComposedChart data={[...data]} margin={{ top: 8, right: 16, bottom: 28, left: 8 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--line)" />
        <XAxis
          type="number"
          dataKey={x}
          domain={[0, 1]}
          ticks={ticks}
          tickFormatter={label}
          {...axis}
          label={below(name)}
        />
        {children}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** Does a score of 0.7 mean positive in 7 of 10? The smoothed share of positive images against the score. */
export function CalibrationPlot({ comparison, network, synthetic, leaks }: NetworkFigure) {
  const t = useTranslations("analysis.calibration");
  const ici = network.ici.toFixed(3);
  const band = comparison.figures.network?.calibrationBand ?? null;
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: network.n, unit: countedOf(comparison).unit })}
      caption={band ? t("captionBand", { ici, replicates: band.replicates }) : t("caption", { ici })}
      summary={t("summary", { ici })}
      synthetic={synthetic}
      leaks={leaks}
      table={{
        head: [t("x"), t("y"), t("lower"), t("upper")],
        rows: band
          ? band.points.map(({ probability, observed, lower, upper }) => [
              probability.toFixed(2),
              observed.toFixed(3),
              lower.toFixed(3),
              upper.toFixed(3),
            ])
          : network.calibrationCurve.map(({ probability, observed }) => [
              probability.toFixed(3),
              observed.toFixed(3),
              "–",
              "–",
            ]),
      }}
    >
      <OverUnit
        data={[
          ...network.calibrationCurve,
          ...(band?.points ?? []).map(({ probability, lower, upper }) => ({ probability, band: [lower, upper] })),
        ].toSorted((a, b) => a.probability - b.probability)}
        x="probability"
        name={t("x")}
      >
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
        <Area
          dataKey="band"
          stroke="none"
          fill={networkColour}
          fillOpacity={0.15}
          connectNulls
          activeDot={false}
          isAnimationActive={false}
        />
        <ReferenceLine {...diagonal} />
        <Line
          dataKey="observed"
          stroke={networkColour}
          strokeWidth={3}
          dot={false}
          connectNulls
          isAnimationActive={false}
        />
      </OverUnit>
    </Figure>
  );
}

/**
 * Net benefit of acting on the network's score, against calling every image positive and calling none. Readers' calls have one at each threshold; they
 * are marked at the network's own.
 */
export function DecisionCurve({ comparison, network, ...marked }: UnitFigureProps & { network: Network }) {
  const t = useTranslations("analysis.decision");
  const names = useNames(comparison);
  const { list, sentences } = useFormat();
  const highlight = useHighlight();
  const look = looksOf(comparison);
  const at = comparison.about.run?.threshold ?? 0.5;
  const benefitAt = ({ tp, fp, n }: ComparisonOutput["rows"][number], threshold: number) =>
    (tp - (fp * threshold) / (1 - threshold)) / n;
  const readers = comparison.rows.filter(({ condition, n }) => condition !== null && n > 0);
  const says = (reader: string) =>
    list(
      readers
        .filter((row) => row.reader === reader)
        .map((row) => t("point", { name: names.both(row), benefit: benefitAt(row, at).toFixed(3), threshold: at })),
      "apart",
    );
  const ranges = network.benefitRanges.map(({ from, to }) =>
    from === to ? from.toFixed(2) : t("range", { from: from.toFixed(2), to: to.toFixed(2) }),
  );
  const verdict = ranges.length > 0 ? t("summary", { ranges: list(ranges) }) : t("never");
  const lowest = Math.max(-0.1, Math.min(0, ...network.netBenefit.map(({ model }) => model)));
  const most = Math.max(
    ...network.netBenefit.flatMap(({ model, treatAll }) => [model, treatAll]),
    ...readers.map((row) => benefitAt(row, at)),
  );
  const highest = Math.max(0.1, Math.ceil(most * 10) / 10);
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: network.n, unit: countedOf(comparison).unit })}
      caption={sentences(
        verdict,
        t("caption", { unit: countedOf(comparison).unit }),
        readers.length > 0 ? t("readers", { threshold: at }) : null,
      )}
      summary={verdict}
      {...marked}
      highlight={highlight}
      legend={[
        ...readerLegend(comparison, says),
        { key: "model", name: t("model"), mark: <LegendMark colour={networkColour} line={{ width: 3 }} /> },
        {
          key: "all",
          name: t("all"),
          mark: <LegendMark colour="var(--text-soft)" line={{ width: 1.5, dash: "4 4" }} />,
        },
        { key: "nobody", name: t("nobody"), mark: <LegendMark colour="var(--text-soft)" line={{ width: 1 }} /> },
      ]}
      table={{
        head: [t("x"), t("model"), t("all"), t("nobody"), ...readers.map(names.both)],
        rows: network.netBenefit.map(({ threshold, model, treatAll, treatNone }) => [
          threshold.toFixed(2),
          model.toFixed(3),
          treatAll.toFixed(3),
          treatNone,
          ...readers.map((row) => benefitAt(row, threshold).toFixed(3)),
        ]),
      }}
    >
      <OverUnit data={network.netBenefit} x="threshold" name={t("x")}>
        <YAxis
          type="number"
          domain={[lowest, highest]}
          allowDataOverflow
          ticks={Array.from({ length: Math.round(10 * highest) + 2 }, (_, i) => (i - 1) / 10).filter(
            (tick) => tick >= lowest,
          )}
          interval={0}
          tickFormatter={(tick: number) => tick.toFixed(1).replace("-", "−")}
          width={56}
          {...axis}
          label={beside(t("y"))}
        />
        <ReferenceLine y={0} stroke="var(--text-soft)" />
        <Line
          dataKey="treatAll"
          stroke="var(--text-soft)"
          strokeDasharray="4 4"
          dot={false}
          isAnimationActive={false}
        />
        <Line dataKey="model" stroke={networkColour} strokeWidth={3} dot={false} isAnimationActive={false} />
        <PlacedMarks
          lowest={lowest}
          highest={highest}
          marks={readers.map((row) => ({
            key: names.both(row),
            x: at,
            y: benefitAt(row, at),
            ...look(row),
            isLit: isLit(highlight, row),
          }))}
        />
      </OverUnit>
    </Figure>
  );
}
