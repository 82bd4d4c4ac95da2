import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { EventTable } from "@/app/_components/event-table";
import { PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { RecordUnblinding } from "./record-unblinding";
import { UnblindingTable } from "./unblinding-table";

export const generateMetadata = pageTitle("audit.title");

export default async function AuditPage({
  params,
  searchParams,
}: {
  params: Promise<{ study: string }>;
  searchParams: Promise<{ before?: string }>;
}) {
  const { study } = await params;
  const before = Number((await searchParams).before);
  const t = await getTranslations("audit");
  const { events, next, unblindings, mayRecord } = await load(async (api) => {
    const { actions } = await api.study.frame({ study });
    return {
      ...(await api.audit.list({ study, before: Number.isInteger(before) && before > 0 ? before : null })),
      unblindings: actions.includes("unblinding.view") ? await api.unblinding.list({ study }) : null,
      mayRecord: actions.includes("unblinding.record"),
    };
  });
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer")} />
      {unblindings ? (
        <Section title={t("unblinding.title")}>
          <UnblindingTable acts={unblindings.acts} />
          {mayRecord && !unblindings.locked ? (
            <div className="no-print mt-3">
              <RecordUnblinding study={study} readers={unblindings.readers} />
            </div>
          ) : null}
        </Section>
      ) : null}
      <EventTable events={events} empty={<EmptyState title={t("empty")} />} />
      <div className="no-print mt-4 flex gap-2">
        {before > 0 ? (
          <Button asChild>
            <Link href={`/studies/${study}/audit`}>{t("newest")}</Link>
          </Button>
        ) : null}
        {next ? (
          <Button asChild>
            <Link href={`/studies/${study}/audit?before=${next}`}>{t("older")}</Link>
          </Button>
        ) : null}
      </div>
    </>
  );
}
