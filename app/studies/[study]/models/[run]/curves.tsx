"use client";

import { useTranslations } from "next-intl";
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { axis, below } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { LegendMark } from "@/app/_components/legend";
import { useSay } from "@/app/_lib/use-say";
import { finalFold } from "@/core/network/folds";
import type { RunProgress } from "@/server/schemas/model";

const strokes = ["#0072B2", "#D55E00", "#CC79A7", "#56B4E9", "#E69F00", "#009E73", "#7a7a7a"];

type Metric = RunProgress["metrics"][number];

const strokeOf = (fold: number) => (fold === finalFold ? "var(--text)" : (strokes[fold % strokes.length] ?? "#7a7a7a"));

/** Each fold's newest value of a measure, and a point for each epoch: `f0` training, `t0` tuning. */
function curvesOf(measure: "loss" | "auc", metrics: readonly Metric[]) {
  const hasTuningAuc = metrics.some((metric) => metric.tuningAuc !== null);
  const main = (metric: Metric) =>
    measure === "loss" ? metric.loss : hasTuningAuc ? metric.tuningAuc : metric.validationAuc;
  const order = (fold: number) => (fold === finalFold ? Number.POSITIVE_INFINITY : fold);
  const folds = [...new Set(metrics.map((metric) => metric.fold))]
    .filter((fold) => metrics.some((metric) => metric.fold === fold && main(metric) !== null))
    .sort((a, b) => order(a) - order(b));
  const points = new Map<number, Record<string, number>>();
  const last = new Map<number, number>();
  for (const metric of metrics) {
    const point = points.get(metric.epoch) ?? { epoch: metric.epoch };
    points.set(metric.epoch, point);
    const value = main(metric);
    if (value !== null) {
      point[`f${metric.fold}`] = value;
      last.set(metric.fold, value);
    }
    if (measure === "loss" && metric.tuningLoss !== null) point[`t${metric.fold}`] = metric.tuningLoss;
  }
  const hasTuningLoss = measure === "loss" && metrics.some((metric) => metric.tuningLoss !== null);
  const rows = [...points.values()].sort((a, b) => (a.epoch ?? 0) - (b.epoch ?? 0));
  return { folds, rows, last, hasTuningLoss, source: hasTuningAuc ? ("tuning" as const) : ("heldOut" as const) };
}

/** Loss of training (solid) and tuning part (dashed), or AUC on the tuning part or the fold left out; one colour a fold. */
export function Curves({
  measure,
  metrics,
  synthetic,
  leaks,
}: {
  measure: "loss" | "auc";
  metrics: readonly Metric[];
  synthetic: boolean;
  leaks: boolean;
}) {
  const t = useTranslations("models.run");
  const say = useSay();
  const { folds, rows, last, hasTuningLoss, source } = curvesOf(measure, metrics);
  const nameOf = (fold: number) =>
    fold === finalFold ? t("final") : say({ key: "worker.fold", values: { fold: fold + 1 } });
  const lastEpoch = rows.at(-1)?.epoch ?? 1;
  const values = folds.map((fold) => `${nameOf(fold)} ${last.get(fold)?.toFixed(3) ?? "–"}`).join(" · ");
  const columns = folds.flatMap((fold) => [
    { key: `f${fold}`, name: hasTuningLoss ? t("trainingColumn", { name: nameOf(fold) }) : nameOf(fold) },
    ...(hasTuningLoss ? [{ key: `t${fold}`, name: t("tuningColumn", { name: nameOf(fold) }) }] : []),
  ]);
  const line = (fold: number, dashed: boolean) => (
    <Line
      key={`${dashed ? "t" : "f"}${fold}`}
      dataKey={`${dashed ? "t" : "f"}${fold}`}
      stroke={strokeOf(fold)}
      strokeDasharray={dashed ? "4 3" : undefined}
      dot={rows.length === 1}
      strokeWidth={dashed ? 1.4 : 1.8}
      isAnimationActive={false}
      connectNulls
    />
  );
  return (
    <Figure
      title={measure === "loss" ? t("loss") : t(`auc.${source}`)}
      n={t("curves", { folds: folds.filter((fold) => fold !== finalFold).length })}
      caption={
        measure === "loss"
          ? t("lossCaption", { tuning: hasTuningLoss ? "yes" : "no", last: values })
          : t(`aucCaption.${source}`, { last: values })
      }
      summary={t(`${measure}Summary`, { values })}
      synthetic={synthetic}
      leaks={leaks}
      legend={folds.map((fold) => ({
        key: String(fold),
        name: nameOf(fold),
        mark: <LegendMark colour={strokeOf(fold)} line={{ width: 2 }} />,
      }))}
      table={{
        head: [t("epoch"), ...columns.map(({ name }) => name)],
        rows: rows.map((point) => [point.epoch ?? 0, ...columns.map(({ key }) => point[key]?.toFixed(4) ?? "–")]),
      }}
    >
      <ResponsiveContainer width="100%" height={260}>
        <LineChart data={rows} margin={{ top: 8, right: 16, bottom: 20, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis
            dataKey="epoch"
            type="number"
            domain={[0, lastEpoch]}
            allowDecimals={false}
            {...axis}
            label={{ ...below(t("epoch")), offset: 4 }}
          />
          <YAxis domain={measure === "auc" ? [0, 1] : [0, "auto"]} width={44} {...axis} />
          {measure === "auc" ? <ReferenceLine y={0.5} stroke="var(--line-strong)" strokeDasharray="4 4" /> : null}
          {folds.map((fold) => line(fold, false))}
          {hasTuningLoss ? folds.map((fold) => line(fold, true)) : null}
        </LineChart>
      </ResponsiveContainer>
    </Figure>
  );
}
