import Link from "next/link";
import { forbidden } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { LeakNotice } from "@/app/_components/leak-notice";
import { Notice } from "@/app/_components/notice";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load, orRefusal } from "@/app/_lib/api";
import { splitLeaks } from "@/core/protocol/regimen";
import { address } from "./address";
import { CaseExplorer } from "./case-explorer";

export const generateMetadata = pageTitle("cases.title");

export default async function CasesPage({
  params,
  searchParams,
}: {
  params: Promise<{ study: string }>;
  searchParams: Promise<Record<string, string | string[]>>;
}) {
  const { study } = await params;
  const { run: runId, case: opened, page, ...question } = address.parse(await searchParams);
  const t = await getTranslations("cases");
  const { frame, looked } = await load(async (api) => {
    const frame = await api.study.frame({ study });
    if (!frame.actions.includes("analysis.view")) forbidden();
    return { frame, looked: await orRefusal(api.analysis.cases({ study, runId, page, nodeId: opened, ...question })) };
  });
  const back = (
    <Button asChild>
      <Link href={`/studies/${study}/analysis${runId ? `?run=${runId}` : ""}`}>{t("back")}</Link>
    </Button>
  );
  if (looked.refusal !== null || looked.answer === null) {
    return (
      <>
        <PageHeader title={t("title")} action={back} />
        <Notice tone={looked.refusal === null ? "info" : "warning"}>{looked.refusal ?? t("beforeLock")}</Notice>
      </>
    );
  }
  const { answer: cases } = looked;
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer", cases.of)} action={back} />
      {cases.run ? (
        <LeakNotice unit={cases.run.splitUnit} leakage={cases.run.leakage} />
      ) : (
        <Notice>{t("noNetwork")}</Notice>
      )}
      {cases.rules === null ? null : <Notice>{t("rules", { rules: cases.rules })}</Notice>}
      {cases.of.nodes === 0 ? (
        <EmptyState title={t("none")}>{t("noneHint")}</EmptyState>
      ) : (
        <CaseExplorer
          study={study}
          run={runId}
          cases={cases}
          opened={opened}
          synthetic={frame.study.synthetic}
          leaks={cases.run !== null && splitLeaks(cases.run)}
        />
      )}
    </>
  );
}
