import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { TryFile } from "./try-file";

export const generateMetadata = pageTitle("imaging.removed.title");

export default async function WhatIsRemovedPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("imaging.removed");
  // Whoever brings images, and nobody else, is given these.
  await load((api) => api.series.held({ study }));
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer")} />
      <TryFile study={study} />
    </>
  );
}
