import { getTranslations } from "next-intl/server";
import { EmptyState } from "@/app/_components/empty-state";
import { Notice } from "@/app/_components/notice";
import { PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { ImportDialog } from "./import-dialog";
import { RunTable } from "./run-table";
import { SweepList } from "./sweep-list";
import { SweepStart } from "./sweep-start";
import { TrainDialog } from "./train-dialog";

export const generateMetadata = pageTitle("models.title");

export default async function ModelsPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("models");
  const { runs, protocol, frame } = await load(async (api) => ({
    runs: await api.model.list({ study }),
    protocol: await api.model.regimen({ study }),
    frame: await api.study.frame({ study }),
  }));
  if (frame.study.state !== "locked")
    return (
      <>
        <PageHeader title={t("title")} />
        <Notice>{t("beforeLock")}</Notice>
      </>
    );
  const done = runs.filter((run) => run.state === "done").length;
  const live = runs.filter((run) => run.state === "queued" || run.state === "running").length;
  const mayTrain = frame.actions.includes("models.train");
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={t("answer", { done, live })}
        action={
          mayTrain ? (
            <>
              <ImportDialog study={study} />
              <SweepStart study={study} protocol={protocol} runs={runs} />
              <TrainDialog study={study} protocol={protocol} runs={runs} />
            </>
          ) : null
        }
      />
      {runs.some((run) => run.sweepId) ? (
        <Section title={t("sweepList.title")}>
          <SweepList study={study} runs={runs} />
        </Section>
      ) : null}
      <Section title={t("runs")}>
        <RunTable study={study} runs={runs} empty={<EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>} />
      </Section>
    </>
  );
}
