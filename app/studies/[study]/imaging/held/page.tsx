import { getLocale, getTranslations } from "next-intl/server";
import { EmptyState } from "@/app/_components/empty-state";
import { Notice } from "@/app/_components/notice";
import { PageHeader, Section } from "@/app/_components/page-header";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { HeldCard } from "./held-card";

export const generateMetadata = pageTitle("imaging.held.title");

export default async function HeldImagesPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("imaging.held");
  const { list } = formatIn(await getLocale());
  const { images, telling, frame } = await load(async (api) => ({
    images: await api.series.held({ study }),
    telling: await api.series.tellingCrops({ study }),
    frame: await api.study.frame({ study }),
  }));
  const waiting = images.filter(({ decided }) => decided === null);
  const decided = images.filter(({ decided }) => decided !== null);
  const mayDecide = frame.study.state !== "locked";
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer", { count: waiting.length })} />
      {telling.length > 0 ? (
        <Notice tone="warning">
          {t("telling", {
            count: telling.length,
            crops: list(telling.map(({ subject, node, plane }) => `${subject} ${node}, ${plane}`)),
          })}
        </Notice>
      ) : null}
      {images.length === 0 ? <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState> : null}
      {waiting.length > 0 ? (
        <ul className="mb-10 grid gap-6">
          {waiting.map((image) => (
            <HeldCard key={image.instanceId} study={study} image={image} mayDecide={mayDecide} />
          ))}
        </ul>
      ) : null}
      {decided.length > 0 ? (
        <Section title={t("decided")}>
          <ul className="grid gap-6">
            {decided.map((image) => (
              <HeldCard key={image.instanceId} study={study} image={image} mayDecide={false} />
            ))}
          </ul>
        </Section>
      ) : null}
    </>
  );
}
