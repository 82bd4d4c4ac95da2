"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { axis, below, beside } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { LegendMark } from "@/app/_components/legend";
import { diagonal, networkColour } from "@/app/_components/series";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";

type Network = NonNullable<ComparisonOutput["network"]>;
interface FigureProps {
  network: Network;
  synthetic: boolean;
  /** Whether the split of the network's run leaks. */
  leaks: boolean;
}
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
export function CalibrationPlot({ network, synthetic, leaks }: FigureProps) {
  const t = useTranslations("analysis.calibration");
  const ici = network.ici.toFixed(3);
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: network.n })}
      caption={t("caption", { ici })}
      summary={t("summary", { ici })}
      synthetic={synthetic}
      leaks={leaks}
      table={{
        head: [t("x"), t("y")],
        rows: network.calibrationCurve.map(({ probability, observed }) => [
          probability.toFixed(3),
          observed.toFixed(3),
        ]),
      }}
    >
      <OverUnit data={network.calibrationCurve} x="probability" name={t("x")}>
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
        <ReferenceLine {...diagonal} />
        <Line dataKey="observed" stroke={networkColour} strokeWidth={3} dot={false} isAnimationActive={false} />
      </OverUnit>
    </Figure>
  );
}

/** Net benefit of acting on the network's score, against calling every image positive and calling none. */
export function DecisionCurve({ network, synthetic, leaks }: FigureProps) {
  const t = useTranslations("analysis.decision");
  const { list } = useFormat();
  const ranges = network.benefitRanges.map(({ from, to }) =>
    from === to ? from.toFixed(2) : t("range", { from: from.toFixed(2), to: to.toFixed(2) }),
  );
  const verdict = ranges.length > 0 ? t("summary", { ranges: list(ranges) }) : t("never");
  const lowest = Math.min(0, ...network.netBenefit.map(({ model }) => model));
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: network.n })}
      caption={`${verdict} ${t("caption")}`}
      summary={verdict}
      synthetic={synthetic}
      leaks={leaks}
      legend={[
        { key: "model", name: t("model"), mark: <LegendMark colour={networkColour} line={{ width: 3 }} /> },
        {
          key: "all",
          name: t("all"),
          mark: <LegendMark colour="var(--text-soft)" line={{ width: 1.5, dash: "4 4" }} />,
        },
        { key: "nobody", name: t("nobody"), mark: <LegendMark colour="var(--text-soft)" line={{ width: 1 }} /> },
      ]}
      table={{
        head: [t("x"), t("model"), t("all"), t("nobody")],
        rows: network.netBenefit.map(({ threshold, model, treatAll, treatNone }) => [
          threshold.toFixed(2),
          model.toFixed(3),
          treatAll.toFixed(3),
          treatNone,
        ]),
      }}
    >
      <OverUnit data={network.netBenefit} x="threshold" name={t("x")}>
        <YAxis
          type="number"
          domain={[Math.max(-0.1, lowest), "auto"]}
          allowDataOverflow
          tickFormatter={(tick: number) => tick.toFixed(2)}
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
      </OverUnit>
    </Figure>
  );
}
