import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { readingKeys } from "./keys";
import { ReadingRoom } from "./reading-room";

export const generateMetadata = pageTitle("reading.case.page");

export default async function CasePage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  // Who has nothing to read is refused here; the case itself is opened by the page, because whoever opens it is noted to have seen it.
  const { frame, me, keys } = await load(async (api) => {
    await api.reading.mine({ study });
    return {
      frame: await api.study.frame({ study }),
      me: await api.person.me(),
      keys: await api.person.keys({ name: readingKeys.name }),
    };
  });
  return (
    <ReadingRoom study={study} person={me.email} name={me.name} synthetic={frame.study.synthetic} chosenKeys={keys} />
  );
}
