import Link from "next/link";
import { forbidden } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { LeakNotice } from "@/app/_components/leak-notice";
import { Notice } from "@/app/_components/notice";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load, orRefusal } from "@/app/_lib/api";
import { splitLeaks } from "@/core/protocol/regimen";
import { CaseExplorer } from "./case-explorer";
import { question } from "./questions";

export const generateMetadata = pageTitle("cases.title");

const address = z.object({ run: z.uuid().optional().catch(undefined), case: z.string().optional().catch(undefined) });

export default async function CasesPage({
  params,
  searchParams,
}: {
  params: Promise<{ study: string }>;
  searchParams: Promise<Record<string, string | string[]>>;
}) {
  const { study } = await params;
  const named = await searchParams;
  const { run: runId, case: opened } = address.parse(named);
  const t = await getTranslations("cases");
  const { frame, looked } = await load(async (api) => {
    const frame = await api.study.frame({ study });
    if (!frame.actions.includes("analysis.view")) forbidden();
    return { frame, looked: await orRefusal(api.analysis.cases({ study, runId })) };
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
  const images = cases.nodes.reduce((sum, node) => sum + node.images.length, 0);
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer", { nodes: cases.nodes.length, images })} action={back} />
      {cases.run ? (
        <LeakNotice unit={cases.run.splitUnit} leakage={cases.run.leakage} />
      ) : (
        <Notice>{t("noNetwork")}</Notice>
      )}
      {cases.rules === null ? null : <Notice>{t("rules", { rules: cases.rules })}</Notice>}
      {cases.nodes.length === 0 ? (
        <EmptyState title={t("none")}>{t("noneHint")}</EmptyState>
      ) : (
        <CaseExplorer
          study={study}
          cases={cases}
          asked={question.parse(named)}
          opened={opened ?? null}
          synthetic={frame.study.synthetic}
          leaks={cases.run !== null && splitLeaks(cases.run)}
        />
      )}
    </>
  );
}
