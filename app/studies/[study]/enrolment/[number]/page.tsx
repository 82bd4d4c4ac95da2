import { getTranslations } from "next-intl/server";
import { PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { SubjectState } from "../subject-state";
import { Assessments } from "./assessments";
import { EnrolForm } from "./enrol-form";
import { ReassessForm } from "./reassess-form";
import { RecordValues } from "./record-values";
import { ShowIdentity } from "./show-identity";
import { SubjectRecord } from "./subject-record";
import { WithdrawConsent } from "./withdraw-consent";

export const generateMetadata = pageTitle("enrolment.columns.number");

export default async function SubjectPage({ params }: { params: Promise<{ study: string; number: string }> }) {
  const { study, number } = await params;
  const t = await getTranslations("enrolment");
  const { subject, frame } = await load(async (api) => ({
    subject: await api.enrolment.subject({ study, number: decodeURIComponent(number) }),
    frame: await api.study.frame({ study }),
  }));
  const isCoordinator = frame.actions.includes("enrolment.edit");
  const mayEdit = isCoordinator && frame.study.state !== "locked" && subject.withdrawn === null;
  return (
    <>
      <PageHeader
        title={t("subject.title", { number: subject.number })}
        answer={<SubjectState status={subject.status} withdrawn={subject.withdrawn} />}
        action={frame.actions.includes("identity.view") ? <ShowIdentity study={study} number={subject.number} /> : null}
      />
      <div className="grid gap-x-8 lg:grid-cols-2">
        <div>
          {mayEdit && subject.status === "eligible" ? (
            <Section title={t("subject.enrolTitle")}>
              <EnrolForm study={study} subject={subject} />
            </Section>
          ) : null}
          <Section title={t("subject.record")}>
            <div className="grid gap-3">
              <SubjectRecord subject={subject} />
              {mayEdit && subject.baseline.items.length > 0 ? <RecordValues study={study} subject={subject} /> : null}
              {isCoordinator ? <WithdrawConsent study={study} subject={subject} /> : null}
            </div>
          </Section>
          {mayEdit && subject.status !== "enrolled" ? (
            <details>
              <summary className="mb-3 cursor-pointer font-medium">{t("subject.reassess")}</summary>
              <ReassessForm key={String(subject.assessments[0]?.at)} study={study} subject={subject} />
            </details>
          ) : null}
        </div>
        <Section title={t("subject.assessments")}>
          <Assessments subject={subject} />
        </Section>
      </div>
    </>
  );
}
