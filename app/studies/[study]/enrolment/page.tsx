import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { SubjectTable } from "./subject-table";

export const generateMetadata = pageTitle("enrolment.title");

export default async function EnrolmentPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("enrolment");
  const {
    table: { subjects, items },
    frame,
  } = await load(async (api) => ({
    table: await api.enrolment.list({ study }),
    frame: await api.study.frame({ study }),
  }));
  const having = (...states: string[]) => subjects.filter((subject) => states.includes(subject.status)).length;
  const mayScreen = frame.actions.includes("enrolment.edit") && frame.study.state !== "locked";
  const screen = mayScreen ? (
    <Button kind="primary" asChild>
      <Link href={`/studies/${study}/enrolment/screen`}>{t("screen")}</Link>
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={
          subjects.length > 0
            ? t("answer", {
                enrolled: having("enrolled"),
                screened: subjects.length,
                waiting: having("screening", "eligible"),
              })
            : undefined
        }
        action={
          <>
            <Button asChild>
              <Link href={`/studies/${study}/enrolment/flow`}>{t("flow")}</Link>
            </Button>
            {screen}
          </>
        }
      />
      <SubjectTable
        study={study}
        subjects={subjects}
        items={items}
        empty={
          <EmptyState title={t("empty")} action={screen}>
            {t("emptyHint")}
          </EmptyState>
        }
      />
    </>
  );
}
