"use client";

import { useTranslations } from "next-intl";
import { CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";
import { axis, beside } from "@/app/_components/axes";
import { Figure } from "@/app/_components/figure";
import { LegendMark } from "@/app/_components/legend";
import { useFormat } from "@/app/_i18n/format";
import type { StudyProgress } from "@/server/schemas/study";

const msOf = (day: string) => Date.parse(`${day}T00:00:00Z`);
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Subjects enrolled, day by day, against the protocol's plan: a straight line from the first of them to the planned number at the planned end. */
export function AccrualChart({
  accrual: { planned, until, enrolled },
  synthetic,
}: {
  accrual: StudyProgress["accrual"];
  synthetic: boolean;
}) {
  const t = useTranslations("overview.accrual");
  const { day: dayInWords, sentences } = useFormat();
  let sum = 0;
  const steps = enrolled.map(({ day, subjects }) => {
    sum += subjects;
    return { day, subjects, sum };
  });
  const [first, last] = [steps[0], steps.at(-1)];
  const verdict =
    planned === null
      ? t("noPlan", { enrolled: sum })
      : t("ofPlan", { enrolled: sum, planned, percent: Math.round((100 * sum) / planned) });
  const end = until === null ? null : t("until", { day: dayInWords(until) });
  if (!first || !last)
    return (
      <section className="rounded-md border border-line bg-surface p-4">
        <h3 className="mb-2">{t("title")}</h3>
        <p className="text-soft">{sentences(planned === null ? t("nobody") : t("nobodyOf", { planned }), end)}</p>
      </section>
    );
  const line = planned !== null && until !== null && msOf(until) > msOf(first.day);
  const data = [
    { at: msOf(first.day), sum: 0, plan: line ? 0 : undefined },
    ...steps.map(({ day, sum }) => ({ at: msOf(day), sum })),
    ...(line ? [{ at: msOf(until), plan: planned }] : []),
  ];
  return (
    <Figure
      title={t("title")}
      n={verdict}
      caption={sentences(t("caption"), line ? t("planLine") : null, end)}
      summary={sentences(verdict, end)}
      synthetic={synthetic}
      legend={[
        { key: "enrolled", name: t("enrolled"), mark: <LegendMark colour="var(--accent)" line={{ width: 2.5 }} /> },
        ...(planned === null
          ? []
          : [
              {
                key: "plan",
                name: t("plan"),
                mark: <LegendMark colour="var(--text-soft)" line={{ width: 1.5, dash: "4 4" }} />,
              },
            ]),
      ]}
      table={{
        head: [t("day"), t("newSubjects"), t("allSubjects")],
        rows: steps.map(({ day, subjects, sum }) => [day, subjects, sum]),
      }}
    >
      <ResponsiveContainer width="100%" height={240}>
        <ComposedChart data={data} margin={{ top: 12, right: 24, bottom: 8, left: 8 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            type="number"
            dataKey="at"
            domain={["dataMin", "dataMax"]}
            tickFormatter={dayOf}
            minTickGap={24}
            {...axis}
          />
          <YAxis
            type="number"
            domain={[0, Math.max(planned ?? 0, sum)]}
            allowDecimals={false}
            width={56}
            {...axis}
            label={beside(t("y"))}
          />
          {planned === null ? null : <ReferenceLine y={planned} stroke="var(--line-strong)" strokeDasharray="4 4" />}
          <Line
            dataKey="plan"
            stroke="var(--text-soft)"
            strokeDasharray="4 4"
            strokeWidth={1.5}
            dot={false}
            connectNulls
            isAnimationActive={false}
          />
          <Line
            dataKey="sum"
            type="stepAfter"
            stroke="var(--accent)"
            strokeWidth={2.5}
            dot={false}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </Figure>
  );
}
