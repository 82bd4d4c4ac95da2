import { forbidden } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { DesignForm } from "./design-form";
import { ReadingSimulation } from "./reading-simulation";

export const generateMetadata = pageTitle("design.title");

export default async function DesignPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("design");
  const plan = await load(async (api) => {
    const frame = await api.study.frame({ study });
    if (!frame.actions.includes("design.view")) forbidden();
    return api.study.plan({ study });
  });
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer")} />
      <DesignForm plan={plan} />
      <ReadingSimulation plan={plan} />
    </>
  );
}
