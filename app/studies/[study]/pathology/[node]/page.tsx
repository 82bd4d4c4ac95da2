import Link from "next/link";
import { notFound } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { CropImage } from "@/app/_components/crop-image";
import { Notice } from "@/app/_components/notice";
import { PageHeader, Section } from "@/app/_components/page-header";
import { PassportLink } from "@/app/_components/passport-link";
import { ResultBadge } from "@/app/_components/result-badge";
import { When } from "@/app/_components/values";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { ReportForm } from "./report-form";

export const generateMetadata = pageTitle("pathology.node.page");

export default async function NodePathologyPage({ params }: { params: Promise<{ study: string; node: string }> }) {
  const { study, node: id } = await params;
  const t = await getTranslations("pathology");
  const model = await getTranslations("model");
  const { comma } = formatIn(await getLocale());
  const { nodes, frame } = await load(async (api) => ({
    nodes: await api.pathology.worklist({ study }),
    frame: await api.study.frame({ study }),
  }));
  const node = nodes.find((each) => each.id === id);
  if (!node) notFound();
  const mayEdit = frame.actions.includes("pathology.edit") && frame.study.state !== "locked" && !node.excluded;
  const next = nodes.find((each) => each.id !== id && !each.excluded && each.reports.length === 0);
  return (
    <>
      <PageHeader
        title={t("node.title", { subject: node.subject, label: node.label })}
        answer={t("node.about", { region: node.region ?? "–", size: node.shortAxisMm?.toFixed(1) ?? "–" })}
        action={
          <>
            <Button asChild>
              <Link href={`/studies/${study}/pathology`}>{t("node.back")}</Link>
            </Button>
            <PassportLink study={study} nodeId={id} kind="secondary" />
            {next && node.reports.length > 0 && frame.actions.includes("pathology.edit") ? (
              <Button kind="primary" asChild>
                <Link href={`/studies/${study}/pathology/${next.id}`}>{t("node.next")}</Link>
              </Button>
            ) : null}
          </>
        }
      />
      {node.excluded ? <Notice tone="warning">{t("node.excluded", { reason: node.excluded })}</Notice> : null}
      <div className="mb-8 flex flex-wrap gap-4">
        {node.crops.map((crop) => (
          <figure key={crop.plane} className="grid h-40 w-40 place-items-center rounded-md bg-image">
            <CropImage
              study={study}
              crop={crop}
              alt={t("node.alt", { label: node.label, plane: crop.plane })}
              className="max-h-36 max-w-36 object-contain"
            />
          </figure>
        ))}
      </div>
      <div className="grid gap-x-8 lg:grid-cols-2">
        {mayEdit ? (
          <Section title={node.reports.length > 0 ? t("node.correct") : t("node.report")}>
            <ReportForm key={node.reports.length} study={study} nodeId={node.id} correcting={node.reports.length > 0} />
          </Section>
        ) : null}
        {node.reports.length > 0 ? (
          <Section title={t("node.history")}>
            <ol className="grid gap-3">
              {node.reports.map((report) => (
                <li key={report.at.toISOString()} className="rounded-md border border-line bg-surface p-4">
                  <p className="flex flex-wrap items-center gap-2">
                    <ResultBadge result={report.result} /> {report.specimen}{" "}
                    {report.confidence ? `(${t(`confidence.${report.confidence}`).toLowerCase()})` : ""}
                  </p>
                  <p className="mt-1 text-soft text-sm">
                    {report.by ?? model("not_a_member")}
                    {comma}
                    <When at={report.at} />
                  </p>
                  {report.reason ? <p className="mt-1 text-sm">{report.reason}</p> : null}
                </li>
              ))}
            </ol>
          </Section>
        ) : null}
      </div>
    </>
  );
}
