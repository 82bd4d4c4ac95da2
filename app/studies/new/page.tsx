import { getTranslations } from "next-intl/server";
import { Frame } from "@/app/_components/frame";
import { PageHeader } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { CreateStudyForm } from "./create-study-form";

export const generateMetadata = pageTitle("studies.create.title");

export default async function NewStudyPage() {
  const t = await getTranslations("studies.create");
  const { protocols, studies, me } = await load(async (api) => ({
    protocols: await api.study.shippedProtocols(),
    studies: await api.study.list(),
    me: await api.person.me(),
  }));
  return (
    <Frame study={null} workplaces={[]} studies={studies} person={me} roles={[]}>
      <PageHeader title={t("title")} answer={t("answer")} />
      <CreateStudyForm protocols={protocols} />
    </Frame>
  );
}
