import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { EmptyState } from "@/app/_components/empty-state";
import { Notice } from "@/app/_components/notice";
import { PageHeader } from "@/app/_components/page-header";
import { load } from "@/app/_lib/api";
import { RunTable } from "./run-table";
import { TrainForm } from "./train-form";

export const metadata: Metadata = { title: "Models" };

export default async function ModelsPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("models");
  const { runs, frame } = await load(async (api) => ({
    runs: await api.model.list({ study }),
    frame: await api.study.frame({ study }),
  }));
  const locked = frame.study.state === "locked";
  const done = runs.filter((run) => run.state === "done").length;
  const live = runs.filter((run) => run.state === "queued" || run.state === "running").length;
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={locked ? t("answer", { done, live }) : undefined}
        action={locked && frame.actions.includes("models.train") ? <TrainForm study={study} /> : null}
      />
      {locked ? null : <Notice>{t("beforeLock")}</Notice>}
      {locked ? (
        <RunTable study={study} runs={runs} empty={<EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>} />
      ) : null}
    </>
  );
}
