import { Frame } from "@/app/_components/frame";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { AuditTable } from "./audit-table";

export const generateMetadata = pageTitle("auditTable.title");

export default async function AuditTablePage() {
  const { example, studies, me } = await load(async (api) => ({
    example: await api.paper.example(),
    studies: await api.study.list(),
    me: await api.person.me(),
  }));
  return (
    <Frame study={null} workplaces={[]} studies={studies} person={me} roles={[]}>
      <AuditTable example={example} />
    </Frame>
  );
}
