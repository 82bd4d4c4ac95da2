import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { ContradictionNotice } from "@/app/_components/contradiction-notice";
import { Notice } from "@/app/_components/notice";
import { Card, PageHeader, Section } from "@/app/_components/page-header";
import { SizeNotice } from "@/app/_components/size-notice";
import { UnblindingNotice } from "@/app/_components/unblinding-notice";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { LockForm } from "./lock-form";
import { PlanCard } from "./plan-card";
import { SignatureTable } from "./signature-table";

export const generateMetadata = pageTitle("lock.title");

const shownCounts = ["screened", "enrolled", "nodes", "crops", "readsSubmitted", "readsScheduled"] as const;

export default async function LockPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("lock");
  const inWords = await getTranslations("errors.missing");
  const parts = await getTranslations("parts.unblinding");
  const { state, counts, missing, contradictions, alike, sizes, signatures, acts, after, plan } = await load(
    async (api) => {
      const { actions } = await api.study.frame({ study });
      const mayLock = actions.includes("study.lock");
      return {
        ...(await api.lock.state({ study })),
        contradictions: mayLock ? await api.lock.contradictions({ study }) : [],
        alike: mayLock ? await api.lock.lookAlikes({ study }) : [],
        sizes: mayLock ? await api.lock.sizes({ study }) : [],
        signatures: mayLock ? await api.lock.signatures({ study }) : [],
        acts: mayLock ? (await api.unblinding.list({ study })).acts.length : 0,
        after: mayLock ? await api.unblinding.reads({ study }) : { reads: 0, patients: 0 },
        plan: mayLock ? await api.lock.plan({ study }) : null,
      };
    },
  );
  const locked = state === "locked";
  const unsigned = signatures.filter(({ signature }) => !signature?.stands);
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={locked ? t("locked") : missing.length > 0 ? t("incomplete") : t("ready")}
        action={
          locked ? (
            <Button kind="primary" asChild>
              <Link href={`/studies/${study}/analysis`}>{t("toAnalysis")}</Link>
            </Button>
          ) : null
        }
      />
      {!locked && missing.length > 0 ? (
        <Notice tone="warning" title={t("missing")}>
          <ul className="list-disc pl-5">
            {missing.map(({ key, count }) => (
              <li key={key}>{inWords(key, { count })}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <ContradictionNotice contradictions={contradictions} />
      <SizeNotice sizes={sizes} />
      {!locked && acts > 0 ? <Notice tone="warning">{parts("acts", { count: acts })}</Notice> : null}
      <UnblindingNotice {...after} />
      {!locked && unsigned.length > 0 ? (
        <Notice tone="warning" title={t("signatures.unsigned")}>
          <ul className="list-disc pl-5">
            {unsigned.map(({ listId, readerCode, signature, ...list }) => (
              <li key={listId}>
                {t("signatures.unsignedList", {
                  ...{ reader: readerCode, condition: list.condition, batch: list.batch, reads: list.reads },
                  state: signature ? "outdated" : "none",
                })}
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
      {alike.length > 0 ? (
        <Notice tone="warning" title={t("alike")}>
          <ul className="list-disc pl-5">
            {alike.map(([first, second]) => (
              <li key={`${first} ${second}`}>{t("alikePair", { first, second })}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <Section title={t("counts.title")}>
        <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
          {shownCounts.map((key) => (
            <div key={key} className="rounded-md border border-line bg-surface p-3">
              <dt className="text-soft text-sm">{t(`counts.${key}`)}</dt>
              <dd className="numbers font-semibold text-2xl">{counts[key]}</dd>
            </div>
          ))}
        </dl>
      </Section>
      {signatures.length > 0 ? (
        <Section title={t("signatures.title")}>
          <SignatureTable signatures={signatures} />
        </Section>
      ) : null}
      {!locked && plan ? <PlanCard plan={plan} /> : null}
      {locked ? null : (
        <Card className="max-w-2xl">
          <p className="mb-4">{t("explain")}</p>
          <p className="mb-4">{t("contradictions")}</p>
          <LockForm study={study} needsReason={missing.length > 0} protocolSha256={plan?.sha256} />
        </Card>
      )}
    </>
  );
}
