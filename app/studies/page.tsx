import Link from "next/link";
import { getLocale, getTranslations } from "next-intl/server";
import { StateBadge, SyntheticBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { Frame } from "@/app/_components/frame";
import { Notice } from "@/app/_components/notice";
import { PageHeader } from "@/app/_components/page-header";
import { When } from "@/app/_components/values";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";

export const generateMetadata = pageTitle("studies.title");

export default async function StudiesPage() {
  const t = await getTranslations();
  const { list } = formatIn(await getLocale());
  const { studies, waiting, me } = await load(async (api) => ({
    studies: await api.study.list(),
    waiting: await api.study.waitingRoles(),
    me: await api.person.me(),
  }));
  const create = me.mayCreateStudies ? (
    <Button kind="primary" asChild>
      <Link href="/studies/new">{t("studies.new")}</Link>
    </Button>
  ) : null;
  return (
    <Frame study={null} workplaces={[]} studies={studies} person={me} roles={[]}>
      <PageHeader title={t("studies.title")} answer={t("studies.answer", { count: studies.length })} action={create} />
      {waiting.map(({ study, role }) => (
        <Notice key={`${study} ${role}`} tone="warning">
          {t("studies.waits", { study, role: t(`frame.role.${role}`) })}
        </Notice>
      ))}
      {studies.length === 0 ? (
        <EmptyState title={t("studies.empty")} action={create}>
          {t("studies.emptyHint")}
        </EmptyState>
      ) : (
        <ul className="grid gap-3 md:grid-cols-2">
          {studies.map((study) => (
            <li key={study.slug}>
              <Link
                href={`/studies/${study.slug}`}
                className="block rounded-md border border-line bg-surface p-4 hover:border-accent"
              >
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-medium text-lg">{study.name}</span>
                  <StateBadge state={study.state} />
                  {study.synthetic ? <SyntheticBadge /> : null}
                </span>
                <span className="mt-2 block text-soft text-sm">
                  {list(study.roles.map((role) => t(`frame.role.${role}`)))} · <When at={study.createdAt} date />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Frame>
  );
}
