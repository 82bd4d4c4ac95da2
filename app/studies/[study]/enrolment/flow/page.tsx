import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { PageHeader } from "@/app/_components/page-header";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { withdrawalScope } from "@/server/schemas/enrolment";

export const generateMetadata = pageTitle("enrolment.diagram.title");

function Box({ label, n, children }: { label: string; n: number | string; children?: ReactNode }) {
  return (
    <div className="w-full max-w-xs rounded-md border border-line-strong bg-surface px-4 py-3">
      <p>
        {label} <span className="numbers font-semibold">(n = {n})</span>
      </p>
      {children}
    </div>
  );
}

function Step({ main, aside }: { main: ReactNode; aside?: ReactNode }) {
  return (
    <li className="grid grid-cols-[minmax(0,20rem)_minmax(0,1fr)] items-center gap-x-3 max-sm:grid-cols-1">
      {main}
      {aside ? (
        <div className="flex items-center gap-2 max-sm:mt-2 max-sm:pl-6">
          <span aria-hidden="true" className="text-soft">
            →
          </span>
          {aside}
        </div>
      ) : null}
      <span
        aria-hidden="true"
        className="col-start-1 justify-self-center py-1 text-soft max-sm:justify-self-start max-sm:px-6"
      >
        ↓
      </span>
    </li>
  );
}

export default async function FlowPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("enrolment.diagram");
  const { named } = formatIn(await getLocale());
  const scopes = await getTranslations("enrolment.withdrawal.scope");
  const flow = await load((api) => api.enrolment.flow({ study }));
  const withdrawn = withdrawalScope.options.reduce((sum, scope) => sum + flow.withdrawn[scope], 0);
  return (
    <>
      <PageHeader title={t("title")} answer={t("answer")} />
      <ol className="[&>li:last-child>span:last-child]:hidden">
        <Step
          main={<Box label={t("screened")} n={flow.screened} />}
          aside={
            <div className="grid w-full gap-2">
              <Box label={t("failures")} n={flow.failures}>
                <ul className="mt-1 list-disc pl-5 text-sm">
                  {flow.failureReasons.map((reason) => (
                    <li key={reason.key}>{named(reason.text, reason.count)}</li>
                  ))}
                </ul>
                {flow.failureReasons.length > 0 ? <p className="mt-1 text-soft text-xs">{t("each")}</p> : null}
              </Box>
              {flow.undecided > 0 ? <Box label={t("undecided")} n={flow.undecided} /> : null}
              {flow.eligibleNotEnrolled > 0 ? <Box label={t("notEnrolled")} n={flow.eligibleNotEnrolled} /> : null}
            </div>
          }
        />
        <Step
          main={<Box label={t("enrolled")} n={flow.enrolled} />}
          aside={
            withdrawn > 0 ? (
              <Box label={t("withdrawn")} n={withdrawn}>
                <ul className="mt-1 list-disc pl-5 text-sm">
                  {withdrawalScope.options
                    .filter((scope) => flow.withdrawn[scope] > 0)
                    .map((scope) => (
                      <li key={scope}>{named(scopes(scope), flow.withdrawn[scope])}</li>
                    ))}
                </ul>
              </Box>
            ) : null
          }
        />
        {flow.inUse < flow.enrolled ? <Step main={<Box label={t("inUse")} n={flow.inUse} />} /> : null}
        <Step
          main={<Box label={t("nodesLocated")} n={flow.nodesLocated} />}
          aside={<Box label={t("nodesExcluded")} n={flow.nodesExcluded} />}
        />
        <Step
          main={<Box label={t("nodes")} n={flow.nodes} />}
          aside={<Box label={t("notFound")} n={flow.nodesNotFound ?? t("afterLock")} />}
        />
        <Step main={<Box label={t("crops")} n={flow.crops} />} />
      </ol>
    </>
  );
}
