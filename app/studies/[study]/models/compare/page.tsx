import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { Notice } from "@/app/_components/notice";
import { PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { splitLeaks } from "@/core/protocol/regimen";
import { Judging } from "../judging";
import { CompareAnswer } from "./compare-answer";
import { DifferenceTable } from "./difference-table";
import { Leaks } from "./leaks";
import { ResultTable } from "./result-table";
import { bySnapshot } from "./snapshots";

export const generateMetadata = pageTitle("models.compare.page");

const chosen = z.array(z.uuid()).min(1).max(12);

export default async function ComparePage({
  params,
  searchParams,
}: {
  params: Promise<{ study: string }>;
  searchParams: Promise<{ runs?: string }>;
}) {
  const { study } = await params;
  const { runs = "" } = await searchParams;
  const t = await getTranslations("models.compare");
  const runIds = chosen.safeParse([...new Set(runs.split(",").filter(Boolean))]).data;
  const comparison = await load(async (api) => {
    // Who may not see models is refused here, whatever the address says.
    if (!runIds) await api.model.list({ study });
    return runIds ? api.model.compare({ study, runIds }) : null;
  });
  const back = (
    <Button asChild>
      <Link href={`/studies/${study}/models`}>{t("back")}</Link>
    </Button>
  );
  if (!comparison)
    return (
      <>
        <PageHeader title={t("page")} />
        <EmptyState title={t("none")} action={back}>
          {t("noneHint")}
        </EmptyState>
      </>
    );
  const { rows, differences, pending } = comparison;
  const snapshots = bySnapshot(rows.map(({ run }) => run)).size;
  const leaking = rows.filter(({ run }) => splitLeaks(run.config)).map(({ run }) => run);
  return (
    <>
      <PageHeader title={t("page")} answer={<CompareAnswer rows={rows} />} action={back} />
      <Leaks runs={leaking} />
      <Notice tone={snapshots > 1 ? "warning" : "info"}>
        {snapshots > 1 ? t("snapshots", { count: snapshots }) : t("sameSnapshot")}
      </Notice>
      {pending ? (
        <Judging study={study} pending={pending} />
      ) : (
        <>
          <Section title={t("results")}>
            <ResultTable study={study} rows={rows} />
            <p className="mt-2 max-w-prose text-soft text-sm">{t("resultsNote")}</p>
          </Section>
          <Section title={t("differences")}>
            {differences.length > 0 ? (
              <>
                <DifferenceTable comparison={comparison} />
                <p className="mt-2 max-w-prose text-soft text-sm">
                  {t("differencesNote", { count: differences.filter(({ p }) => p !== null).length })}
                </p>
              </>
            ) : (
              <p className="text-soft">{t("noDifferences")}</p>
            )}
          </Section>
        </>
      )}
    </>
  );
}
