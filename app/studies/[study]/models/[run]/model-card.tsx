"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { Section } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Run } from "@/server/schemas/model";
import { Judging } from "../judging";

/** What the model is, for whoever gets it: shown as text, and as a file. */
export function ModelCard({ study, run }: { study: string; run: Run }) {
  const t = useTranslations("models.card");
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery(trpc.model.card.queryOptions({ study, runId: run.id }, { enabled: open }));
  return (
    <Section
      title={t("title")}
      aside={
        <Button kind="quiet" asChild>
          <a href={`/api/studies/${study}/runs/${run.id}/card`} download className="no-print">
            {t("download")}
          </a>
        </Button>
      }
    >
      <details
        className="rounded-md border border-line bg-surface"
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary className="cursor-pointer px-4 py-3">{t("show")}</summary>
        <div className="border-line border-t p-4">
          {error ? <ProblemList {...problemOf(error)} /> : null}
          {data?.card ? (
            <pre className="max-w-prose whitespace-pre-wrap wrap-anywhere font-sans text-sm">{data.card.markdown}</pre>
          ) : data?.pending ? (
            <Judging study={study} pending={data.pending} onDone={refetch} />
          ) : error ? null : (
            <p className="text-soft">{t("loading")}</p>
          )}
        </div>
      </details>
    </Section>
  );
}
