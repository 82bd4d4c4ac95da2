"use client";

import { useTranslations } from "next-intl";
import { CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { axis, below, beside } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { useFormat } from "@/app/_i18n/format";

/** The power against the number of patients, with the number that is needed. */
export function PowerCurve({
  curve,
  patients,
  power,
}: {
  curve: readonly { patients: number; power: number }[];
  patients: number;
  power: number;
}) {
  const t = useTranslations("design.curve");
  const { whole } = useFormat();
  const said = t("summary", { patients: whole(patients), percent: (100 * power).toFixed(1) });
  return (
    <Figure
      title={t("title")}
      n={t("n", { patients: whole(patients) })}
      caption={t("caption")}
      summary={said}
      synthetic={false}
      table={{
        head: [t("x"), t("y")],
        rows: curve.map((point) => [whole(point.patients), point.power.toFixed(3)]),
      }}
    >
      <ResponsiveContainer width="100%" aspect={1.6} maxHeight={360}>
        <ComposedChart data={[...curve]} margin={{ top: 8, right: 16, bottom: 28, left: 8 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis
            type="number"
            dataKey="patients"
            domain={[0, "dataMax"]}
            tickFormatter={whole}
            {...axis}
            label={below(t("x"))}
          />
          <YAxis
            type="number"
            domain={[0, 1]}
            ticks={[0, 0.2, 0.4, 0.6, 0.8, 1]}
            tickFormatter={(tick: number) => tick.toFixed(1)}
            width={48}
            {...axis}
            label={beside(t("y"))}
          />
          <ReferenceLine x={patients} stroke="var(--text-soft)" strokeDasharray="4 4" />
          <ReferenceLine y={power} stroke="var(--text-soft)" strokeDasharray="4 4" />
          <Line dataKey="power" stroke="var(--accent)" strokeWidth={3} dot={false} isAnimationActive={false} />
        </ComposedChart>
      </ResponsiveContainer>
    </Figure>
  );
}
