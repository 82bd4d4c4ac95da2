import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { EventTable } from "@/app/_components/event-table";
import { Frame } from "@/app/_components/frame";
import { PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { AccountTable } from "./account-table";
import { AddAccount } from "./add-account";

export const generateMetadata = pageTitle("accounts.title");

export default async function AccountsPage({ searchParams }: { searchParams: Promise<{ before?: string }> }) {
  const before = Number((await searchParams).before);
  const t = await getTranslations("accounts");
  const { accounts, trail, studies, me } = await load(async (api) => ({
    accounts: await api.accounts.list(),
    trail: await api.accounts.trail({ before: Number.isInteger(before) && before > 0 ? before : null }),
    studies: await api.study.list(),
    me: await api.person.me(),
  }));
  const closed = accounts.filter(({ closedAt }) => closedAt !== null).length;
  return (
    <Frame study={null} workplaces={[]} studies={studies} person={me} roles={[]}>
      <PageHeader
        title={t("title")}
        answer={t("answer", { open: accounts.length - closed, closed })}
        action={<AddAccount />}
      />
      <Section title={t("people")}>
        <AccountTable accounts={accounts} own={me.email} />
      </Section>
      <Section title={t("trail")}>
        <EventTable events={trail.events} empty={<EmptyState title={t("trailEmpty")} />} />
        <div className="no-print mt-4 flex gap-2">
          {before > 0 ? (
            <Button asChild>
              <Link href="/accounts">{t("newest")}</Link>
            </Button>
          ) : null}
          {trail.next ? (
            <Button asChild>
              <Link href={`/accounts?before=${trail.next}`}>{t("older")}</Link>
            </Button>
          ) : null}
        </div>
      </Section>
    </Frame>
  );
}
