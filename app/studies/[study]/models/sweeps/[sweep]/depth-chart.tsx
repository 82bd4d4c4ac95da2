"use client";

import { useTranslations } from "next-intl";
import {
  CartesianGrid,
  ComposedChart,
  ErrorBar,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  XAxis,
  YAxis,
} from "recharts";
import { axis, below, beside } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { useFormat } from "@/app/_i18n/format";
import { useSay } from "@/app/_lib/use-say";
import { networkColour } from "@/core/figures/series";
import type { Run, RunResult, SweepResult } from "@/server/schemas/model";

/** AUC of one depth with the two arms of its error bar; null where it cannot be estimated. */
function pointOf(depth: string, result: RunResult | null) {
  const auc = result?.auc;
  if (typeof auc?.estimate !== "number") return null;
  const { estimate } = auc;
  const lower = auc.lower ?? estimate;
  const upper = auc.upper ?? estimate;
  return { depth, auc: estimate, lower, upper, bar: [estimate - lower, upper - estimate] };
}

/** AUC with its interval against depth, and beside the depths the one chosen within each fold. */
export function DepthChart({ sweep, synthetic, leaks }: { sweep: SweepResult; synthetic: boolean; leaks: boolean }) {
  const t = useTranslations("models.sweep.figure");
  const { list } = useFormat();
  const say = useSay();
  const config = sweep.depths[0]?.run.config;
  const unit = config?.trainable === "network" ? config.frozenUnit : "blocks";
  const nameOf = (run: Run) => (run.config.trainable === "network" ? String(run.config.frozen) : "");
  const ofDepths = sweep.depths.map(({ run, result }) => ({ depth: nameOf(run), point: pointOf(nameOf(run), result) }));
  const chosen = pointOf(t("nested"), sweep.nested?.result ?? null);
  const points = [...ofDepths.map(({ point }) => point), chosen].filter((point) => point !== null);
  const categories = [
    ...ofDepths.map(({ depth, point }) => ({ depth, auc: point?.auc, bar: point?.bar })),
    ...(chosen ? [{ depth: chosen.depth, nested: chosen.auc, nestedBar: chosen.bar }] : []),
  ];
  const lowest = Math.min(0.5, ...points.map(({ lower }) => lower));
  const from = Math.max(0, Math.floor(lowest * 10) / 10 - (lowest < 0.5 ? 0 : 0.1));
  const [result] = sweep.depths.flatMap((depth) => depth.result ?? []);
  const summary = t("summary", {
    values: list(
      points.map(({ depth, auc }) => t("point", { depth, auc: auc.toFixed(3) })),
      "apart",
    ),
  });
  return (
    <Figure
      title={t("title")}
      n={t("n", { n: result?.n ?? 0 })}
      caption={t("caption", { method: result ? say(result.auc.method) : "" })}
      summary={summary}
      synthetic={synthetic}
      leaks={leaks}
      table={{
        head: [t("depth"), t("auc"), t("lower"), t("upper")],
        rows: points.map((point) => [
          point.depth,
          point.auc.toFixed(3),
          point.lower.toFixed(3),
          point.upper.toFixed(3),
        ]),
      }}
    >
      <ResponsiveContainer width="100%" height={320}>
        <ComposedChart data={categories} margin={{ top: 8, right: 16, bottom: 28, left: 8 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            type="category"
            dataKey="depth"
            padding={{ left: 24, right: 24 }}
            {...axis}
            label={below(t("x", { unit }))}
          />
          <YAxis
            type="number"
            domain={[from, 1]}
            tickFormatter={(tick: number) => tick.toFixed(1)}
            ticks={Array.from({ length: Math.round((1 - from) * 10) + 1 }, (_, i) => from + i / 10)}
            width={48}
            {...axis}
            label={beside(t("y"))}
          />
          <ReferenceLine y={0.5} stroke="var(--line-strong)" strokeDasharray="4 4" />
          <Line dataKey="auc" stroke="none" dot={{ r: 4, fill: networkColour }} isAnimationActive={false}>
            <ErrorBar
              dataKey="bar"
              direction="y"
              stroke={networkColour}
              strokeWidth={1.5}
              width={6}
              isAnimationActive={false}
            />
          </Line>
          <Line dataKey="nested" stroke="none" dot={<Diamond />} isAnimationActive={false}>
            <ErrorBar
              dataKey="nestedBar"
              direction="y"
              stroke="var(--text)"
              strokeWidth={1.5}
              width={6}
              isAnimationActive={false}
            />
          </Line>
        </ComposedChart>
      </ResponsiveContainer>
    </Figure>
  );
}

/** The mark of the choice within folds: no depth of its own, so no dot. */
function Diamond({ cx, cy }: { cx?: number; cy?: number | null }) {
  if (typeof cx !== "number" || typeof cy !== "number") return null;
  return <path d={`M${cx} ${cy - 7}l6 7l-6 7l-6 -7z`} fill="var(--text)" />;
}
