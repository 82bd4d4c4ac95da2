import { getTranslations } from "next-intl/server";
import { EmptyState } from "@/app/_components/empty-state";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { WaitingCard } from "./waiting-card";

export const generateMetadata = pageTitle("imaging.inbox.title");

export default async function InboxPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("imaging.inbox");
  const { inbox, frame } = await load(async (api) => ({
    inbox: await api.inbox.list({ study }),
    frame: await api.study.frame({ study }),
  }));
  const { waiting, exams } = inbox;
  const isLocked = frame.study.state === "locked";
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer", { count: waiting.length })} />
      {waiting.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <>
          <div className="mb-6 grid max-w-prose gap-1 text-soft text-sm">
            <p>{t("look")}</p>
            {isLocked ? <p>{t("locked")}</p> : null}
          </div>
          <ul className="grid gap-6">
            {waiting.map((each) => (
              <WaitingCard
                key={each.inboxId}
                study={study}
                waiting={each}
                exams={isLocked ? [] : exams.filter(({ siteId }) => siteId === null || siteId === each.siteId)}
              />
            ))}
          </ul>
        </>
      )}
    </>
  );
}
