import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { EventTable } from "@/app/_components/event-table";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";

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
  const { events, next } = await load((api) =>
    api.audit.list({ study, before: Number.isInteger(before) && before > 0 ? before : null }),
  );
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer")} />
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
