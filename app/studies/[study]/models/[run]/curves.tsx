"use client";

import { useTranslations } from "next-intl";
import { CartesianGrid, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { Figure } from "@/app/_components/figure";
import type { RunProgress } from "@/server/schemas/model";

const strokes = ["#0072B2", "#D55E00", "#CC79A7", "#56B4E9", "#E69F00", "#009E73", "#7a7a7a"];
const finalFold = -1;

type Metric = RunProgress["metrics"][number];

/** Loss or validation AUC by epoch, one line a fold; the final model has no fold left out, so no AUC. */
export function Curves({
  measure,
  metrics,
  synthetic,
}: {
  measure: "loss" | "auc";
  metrics: readonly Metric[];
  synthetic: boolean;
}) {
  const t = useTranslations("models.run");
  const measured = (metric: Metric) => (measure === "loss" ? metric.loss : metric.validationAuc);
  const folds = [...new Set(metrics.map((metric) => metric.fold))].filter(
    (fold) => measure === "loss" || fold !== finalFold,
  );
  const nameOf = (fold: number) => (fold === finalFold ? t("final") : t("fold", { fold: fold + 1 }));
  const lastEpoch = Math.max(...metrics.map((metric) => metric.epoch));
  const points = Array.from({ length: lastEpoch }, (_, i) => ({ epoch: i + 1 }) as Record<string, number>);
  for (const metric of metrics) {
    const value = measured(metric);
    const point = points[metric.epoch - 1];
    if (value !== null && point) point[`f${metric.fold}`] = value;
  }
  const last = folds.map((fold) => {
    const newest = metrics.findLast((metric) => metric.fold === fold);
    const value = newest ? measured(newest) : null;
    return `${nameOf(fold)} ${value === null ? "–" : value.toFixed(3)}`;
  });
  return (
    <Figure
      title={t(measure)}
      n={t("curves", { folds: folds.filter((fold) => fold !== finalFold).length })}
      caption={`${last.join(" · ")}. ${t("caption")}`}
      summary={t(`${measure}Summary`, { values: last.join(", ") })}
      synthetic={synthetic}
      table={{
        head: [t("epoch"), ...folds.map(nameOf)],
        rows: points.map((point) => [point.epoch ?? 0, ...folds.map((fold) => point[`f${fold}`]?.toFixed(4) ?? "")]),
      }}
    >
      <ResponsiveContainer width="100%" height={260}>
        <LineChart data={points} margin={{ top: 8, right: 16, bottom: 4, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis dataKey="epoch" type="number" domain={[0, lastEpoch]} stroke="var(--text-soft)" fontSize={12} />
          <YAxis domain={measure === "auc" ? [0, 1] : [0, "auto"]} stroke="var(--text-soft)" fontSize={12} width={44} />
          {folds.map((fold, i) => (
            <Line
              key={fold}
              dataKey={`f${fold}`}
              name={nameOf(fold)}
              stroke={strokes[i % strokes.length]}
              strokeDasharray={fold === finalFold ? "4 3" : undefined}
              dot={false}
              strokeWidth={1.8}
              isAnimationActive={false}
              connectNulls
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </Figure>
  );
}
