import { getLocale, getTranslations } from "next-intl/server";
import { Card, PageHeader, Section } from "@/app/_components/page-header";
import { When } from "@/app/_components/values";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { SubjectState } from "../subject-state";
import { EnrolForm } from "./enrol-form";
import { ReassessForm } from "./reassess-form";
import { ShowIdentity } from "./show-identity";

export const generateMetadata = pageTitle("enrolment.columns.number");

export default async function SubjectPage({ params }: { params: Promise<{ study: string; number: string }> }) {
  const { study, number } = await params;
  const t = await getTranslations("enrolment");
  const { day, named } = formatIn(await getLocale());
  const { subject, frame } = await load(async (api) => ({
    subject: await api.enrolment.subject({ study, number: decodeURIComponent(number) }),
    frame: await api.study.frame({ study }),
  }));
  const mayEdit = frame.actions.includes("enrolment.edit") && frame.study.state !== "locked";
  const [latest] = subject.assessments;
  return (
    <>
      <PageHeader
        title={t("subject.title", { number: subject.number })}
        answer={<SubjectState status={subject.status} />}
        action={frame.actions.includes("identity.view") ? <ShowIdentity study={study} number={subject.number} /> : null}
      />
      <div className="grid gap-x-8 lg:grid-cols-2">
        <div>
          {mayEdit && subject.status === "eligible" ? (
            <Section title={t("subject.enrolTitle")}>
              <EnrolForm study={study} number={subject.number} tStages={subject.tStages} />
            </Section>
          ) : null}
          {subject.status === "enrolled" ? (
            <Section title={t("subject.record")}>
              <Card>
                <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-2">
                  <dt className="text-soft">{t("subject.sex")}</dt>
                  <dd>{subject.sex === "male" || subject.sex === "female" ? t(`sex.${subject.sex}`) : "–"}</dd>
                  <dt className="text-soft">{t("subject.age")}</dt>
                  <dd>{subject.ageYears === null ? "–" : `${subject.ageYears} ${t("subject.years")}`}</dd>
                  <dt className="text-soft">{t("subject.tStage")}</dt>
                  <dd>{subject.tStage ?? "–"}</dd>
                  {subject.consent ? (
                    <>
                      <dt className="text-soft">{t("subject.consent")}</dt>
                      <dd>
                        {t("subject.consentValue", {
                          date: day(subject.consent.signedOn),
                          version: subject.consent.formVersion,
                        })}
                      </dd>
                    </>
                  ) : null}
                  {subject.exam ? (
                    <>
                      <dt className="text-soft">{t("subject.exam")}</dt>
                      <dd>
                        {t("subject.examValue", { date: day(subject.exam.performedOn), scanner: subject.exam.scanner })}
                      </dd>
                    </>
                  ) : null}
                </dl>
              </Card>
            </Section>
          ) : null}
          {mayEdit && subject.status !== "enrolled" ? (
            <details>
              <summary className="mb-3 cursor-pointer font-medium">{t("subject.reassess")}</summary>
              <ReassessForm
                study={study}
                number={subject.number}
                criteria={subject.criteria}
                initial={latest?.answers ?? {}}
              />
            </details>
          ) : null}
        </div>
        <Section title={t("subject.assessments")}>
          <ol className="grid gap-3">
            {subject.assessments.map((assessment) => (
              <li key={assessment.at.toISOString()} className="rounded-md border border-line bg-surface p-4">
                <p>
                  {t("subject.assessment", {
                    verdict: t(`verdict.${assessment.verdict}`),
                    version: assessment.protocolVersion,
                    by: assessment.by,
                  })}
                </p>
                <p className="text-soft text-sm">
                  <When at={assessment.at} />
                </p>
                <ul className="mt-2 list-disc pl-5 text-sm">
                  {assessment.reasons.map((reason) => (
                    <li key={reason.key}>
                      {named(
                        subject.criteria.find((criterion) => criterion.key === reason.key)?.text ?? reason.key,
                        t(`answerOf.${reason.answer}`),
                      )}
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ol>
        </Section>
      </div>
    </>
  );
}
