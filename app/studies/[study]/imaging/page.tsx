import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { EmptyState } from "@/app/_components/empty-state";
import { FileLink } from "@/app/_components/file-link";
import { PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { NextExamButton } from "@/app/_viewer/next-exam-button";
import { AgreementTable } from "./agreement-table";
import { NodeTable } from "./node-table";

export const generateMetadata = pageTitle("imaging.title");

export default async function ImagingPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("imaging");
  const { view, held, waiting, agreement, times, frame } = await load(async (api) => {
    const frame = await api.study.frame({ study });
    const brings = frame.actions.includes("series.bring");
    const [view, held, waiting, agreement, times] = await Promise.all([
      api.imaging.list({ study }),
      brings ? api.series.held({ study }) : [],
      brings ? api.inbox.count({ study }) : 0,
      api.series.agreement({ study }),
      api.series.times({ study }),
    ]);
    return { view, held, waiting, agreement, times, frame };
  });
  const { planes, subjects, nodes } = view;
  const mayEdit = frame.actions.includes("imaging.edit") && frame.study.state !== "locked";
  const targets = nodes.filter((node) => node.excluded === null);
  const lacking = targets.filter((node) => node.crops.length < planes.length).length;
  const without = subjects.filter((number) => !nodes.some((node) => node.subject === number));
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={
          subjects.length > 0 ? t("answer", { lacking, nodes: targets.length, without: without.length }) : undefined
        }
        action={
          <>
            {held.length > 0 ? (
              <Link href={`/studies/${study}/imaging/held`} className="text-accent underline underline-offset-2">
                {t("held.link", { count: held.filter(({ decided }) => decided === null).length })}
              </Link>
            ) : null}
            {waiting > 0 ? (
              <Link href={`/studies/${study}/imaging/inbox`} className="text-accent underline underline-offset-2">
                {t("inbox.link", { count: waiting })}
              </Link>
            ) : null}
            {nodes.length > 0 ? (
              <FileLink href={`/api/studies/${study}/measurements.csv`}>{t("measurements")}</FileLink>
            ) : null}
            {mayEdit ? <NextExamButton study={study} /> : null}
          </>
        }
      />
      <NodeTable
        study={study}
        planes={planes}
        nodes={nodes}
        without={without}
        times={times}
        empty={<EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>}
      />
      {agreement.length > 0 ? (
        <div className="mt-10">
          <Section title={t("agreement.title")}>
            <AgreementTable agreement={agreement} />
            <p className="mt-3 max-w-prose text-soft text-sm">{t("agreement.caption")}</p>
          </Section>
        </div>
      ) : null}
    </>
  );
}
