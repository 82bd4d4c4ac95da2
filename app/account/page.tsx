import { getTranslations } from "next-intl/server";
import { Frame } from "@/app/_components/frame";
import { Card, PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { ChangePassword } from "./change-password";
import { SessionTable } from "./session-table";

export const generateMetadata = pageTitle("account.title");

export default async function AccountPage() {
  const t = await getTranslations("account");
  const account = await load((api) => api.person.account());
  if (account.passwordFirst)
    return (
      <main className="mx-auto grid min-h-dvh max-w-md content-center gap-6 px-4 py-10">
        <PageHeader title={t("first")} answer={t("firstHint")} />
        <Card>
          <ChangePassword email={account.email} isFirst />
        </Card>
      </main>
    );
  const { studies, me } = await load(async (api) => ({ studies: await api.study.list(), me: await api.person.me() }));
  return (
    <Frame study={null} workplaces={[]} studies={studies} person={me} roles={[]}>
      <PageHeader title={t("title")} answer={t("answer")} />
      <Section title={t("password")}>
        <Card className="max-w-xl">
          <ChangePassword email={account.email} isFirst={false} />
        </Card>
      </Section>
      <Section title={t("sessions")}>
        <SessionTable sessions={account.sessions} />
      </Section>
    </Frame>
  );
}
