import { getTranslations } from "next-intl/server";
import { PageHeader, Section } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { AddNode } from "./add-node";
import { ExamImages } from "./exam-images";
import { NodeCard } from "./node-card";
import { SelectionNotice } from "./selection-notice";

export const generateMetadata = pageTitle("enrolment.diagram.nodes");

export default async function SubjectImagingPage({ params }: { params: Promise<{ study: string; number: string }> }) {
  const { study, number: encoded } = await params;
  const number = decodeURIComponent(encoded);
  const t = await getTranslations("imaging.subject");
  const { view, exams, frame, me } = await load(async (api) => ({
    view: await api.imaging.list({ study, number }),
    exams: await api.series.list({ study, number }),
    frame: await api.study.frame({ study }),
    me: await api.person.me(),
  }));
  const mayBring = frame.actions.includes("series.bring") && frame.study.state !== "locked";
  const mayEdit = frame.actions.includes("imaging.edit") && frame.study.state !== "locked";
  return (
    <>
      <PageHeader title={t("title", { number })} answer={t("answer", { count: view.nodes.length })} />
      <div className="mb-6 grid gap-6">
        {exams.map((exam) => (
          <ExamImages
            key={exam.id}
            {...{ study, number, exam, mayBring, mayEdit }}
            person={me.email}
            nodes={view.nodes}
            regions={view.regions}
            planes={view.planes}
          />
        ))}
      </div>
      <SelectionNotice selection={view.selection} />
      <div className="grid gap-6">
        {view.nodes.map((node) => (
          <NodeCard key={node.id} study={study} node={node} planes={view.planes} mayEdit={mayEdit} />
        ))}
      </div>
      {mayEdit && view.subjects.includes(number) ? (
        <div className="mt-8">
          <Section title={t("add", { lesion: view.lesion })}>
            <AddNode study={study} number={number} regions={view.regions} />
          </Section>
        </div>
      ) : null}
    </>
  );
}
