import Link from "next/link";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { LeakNotice } from "@/app/_components/leak-notice";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { splitLeaks } from "@/core/protocol/regimen";
import { CropList } from "./crop-list";
import { ExplainPanel } from "./explain-panel";

export const generateMetadata = pageTitle("models.explain.title");

export default async function ExplainPage({
  params,
  searchParams,
}: {
  params: Promise<{ study: string; run: string }>;
  searchParams: Promise<{ crop?: string }>;
}) {
  const { study, run: runId } = await params;
  const { crop: cropId } = await searchParams;
  const t = await getTranslations("models.explain");
  const { crops, progress, frame } = await load(async (api) => ({
    crops: await api.model.scoredCrops({ study, runId }),
    progress: await api.model.progress({ study, runId }),
    frame: await api.study.frame({ study }),
  }));
  const { run } = progress;
  // A baseline has no network, and of a model trained elsewhere only the scores are here.
  if (run.config.trainable !== "head" && run.config.trainable !== "network") notFound();
  const leaks = splitLeaks(run.config);
  const error = (crop: (typeof crops)[number]) => (crop.truth === null ? -1 : Math.abs(crop.truth - crop.score));
  const planeOf = (key: string) => frame.planes.find((plane) => plane.key === key)?.label ?? key;
  const worstFirst = crops
    .map((crop) => ({ ...crop, plane: planeOf(crop.plane) }))
    .toSorted((a, b) => error(b) - error(a));
  const chosen = worstFirst.find((crop) => crop.cropId === cropId);
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={t("answer", { count: crops.length })}
        action={
          <Button asChild>
            <Link href={`/studies/${study}/models/${runId}`}>{t("back")}</Link>
          </Button>
        }
      />
      <LeakNotice unit={run.config.splitUnit} leakage={run.leakage} />
      {crops.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <div className="grid gap-6 *:min-w-0 xl:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
          <div className="xl:order-last">
            {chosen ? (
              <ExplainPanel
                key={chosen.cropId}
                study={study}
                runId={runId}
                crop={chosen}
                mayTrain={frame.actions.includes("models.train")}
                synthetic={frame.study.synthetic}
                leaks={leaks}
              />
            ) : (
              <EmptyState title={t("none")}>{t("about")}</EmptyState>
            )}
          </div>
          <CropList study={study} runId={runId} crops={worstFirst} chosen={chosen?.cropId ?? null} leaks={leaks} />
        </div>
      )}
    </>
  );
}
