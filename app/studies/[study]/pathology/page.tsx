import { getTranslations } from "next-intl/server";
import { ContradictionNotice } from "@/app/_components/contradiction-notice";
import { EmptyState } from "@/app/_components/empty-state";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { Worklist } from "./worklist";

export const generateMetadata = pageTitle("pathology.title");

export default async function PathologyPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("pathology");
  const { worklist, contradictions } = await load(async (api) => ({
    worklist: await api.pathology.worklist({ study }),
    contradictions: await api.pathology.contradictions({ study }),
  }));
  const nodes = worklist.filter((node) => node.excluded === null);
  const open = nodes.filter((node) => node.reports.length === 0);
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={nodes.length > 0 ? t("answer", { open: open.length, nodes: nodes.length }) : undefined}
      />
      <ContradictionNotice contradictions={contradictions} />
      <Worklist
        study={study}
        nodes={[...open, ...nodes.filter((node) => node.reports.length > 0)]}
        empty={<EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>}
      />
    </>
  );
}
