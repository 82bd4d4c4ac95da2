"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { LeakBadge } from "@/app/_components/badge";
import { Section } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Stat, type StatValue } from "@/app/_components/stat";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { useSay } from "@/app/_lib/use-say";
import { splitLeaks } from "@/core/protocol/regimen";
import type { Run } from "@/server/schemas/model";
import { Judging } from "../judging";

/** A run against the reference standard: each figure with its interval, its counts and its method. */
export function RunResult({ study, run }: { study: string; run: Run }) {
  const t = useTranslations("models.result");
  const say = useSay();
  const trpc = useTRPC();
  const {
    data: found,
    error,
    refetch,
  } = useQuery(trpc.model.result.queryOptions({ study, runId: run.id }, { staleTime: Infinity }));
  const data = found?.result;
  const part = (count: number, all: number, kind: "positive" | "negative" | "images") =>
    t("of", { part: count, all, kind });
  const values: { name: string; value: StatValue | null; as: "percent" | "number"; hint: string }[] = [
    {
      name: t("auc"),
      value: data?.auc ?? null,
      as: "number",
      hint: data ? t("ofAuc", { positive: data.positive, negative: data.n - data.positive }) : "",
    },
    {
      name: t("sensitivity"),
      value: data?.sensitivity ?? null,
      as: "percent",
      hint: data ? part(data.tp, data.tp + data.fn, "positive") : "",
    },
    {
      name: t("specificity"),
      value: data?.specificity ?? null,
      as: "percent",
      hint: data ? part(data.tn, data.tn + data.fp, "negative") : "",
    },
    {
      name: t("accuracy"),
      value: data?.accuracy ?? null,
      as: "percent",
      hint: data ? part(data.tp + data.tn, data.n, "images") : "",
    },
  ];
  const cautions = [...new Set(values.flatMap(({ value }) => (value?.caution ? say(value.caution) : [])))];
  return (
    <Section title={t("title")} aside={splitLeaks(run.config) ? <LeakBadge /> : null}>
      {error ? (
        <ProblemList {...problemOf(error)} />
      ) : found?.pending ? (
        <Judging study={study} pending={found.pending} onDone={refetch} />
      ) : (
        <>
          <p className="mb-3 min-h-5 max-w-prose text-soft text-sm" role="status">
            {data
              ? t("line", {
                  n: data.n,
                  patients: data.patients,
                  positive: data.positive,
                  percent: ((100 * data.positive) / Math.max(1, data.n)).toFixed(1),
                })
              : t("loading")}
          </p>
          <dl className="grid grid-cols-2 gap-3 xl:grid-cols-4">
            {values.map(({ name, value, as, hint }) => (
              <div key={name} className="min-h-32 rounded-md border border-line bg-surface p-4 max-sm:p-3">
                <dt className="text-soft text-sm">{as === "percent" ? `${name}, ${t("percent")}` : name}</dt>
                <dd className="[&_button]:text-left [&_button]:font-semibold [&_button]:text-xl [&_button_span]:font-normal [&_button_span]:text-sm">
                  {value ? (
                    <>
                      <Stat value={value} as={as} />
                      <p className="mt-1 text-soft text-sm">{hint}</p>
                      {value.reason ? <p className="text-sm">{say(value.reason)}</p> : null}
                    </>
                  ) : (
                    <span aria-hidden="true" className="text-soft text-xl">
                      …
                    </span>
                  )}
                </dd>
              </div>
            ))}
          </dl>
          {data ? (
            <div className="mt-2 max-w-prose text-soft text-sm">
              <p>{t("method", { method: say(data.auc.method) })}</p>
              {cautions.map((caution) => (
                <p key={caution}>{t("caution", { caution })}</p>
              ))}
            </div>
          ) : null}
        </>
      )}
    </Section>
  );
}
