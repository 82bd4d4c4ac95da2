import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { ScreenForm } from "./screen-form";

export const generateMetadata = pageTitle("enrolment.screening.title");

export default async function ScreenPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("enrolment.screening");
  const { criteria, baseline } = await load((api) => api.enrolment.form({ study }));
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer")} />
      <ScreenForm study={study} criteria={criteria} baseline={baseline} />
    </>
  );
}
