import { redirect } from "next/navigation";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { readingKeys } from "./keys";
import { ReadingRoom } from "./reading-room";

export const generateMetadata = pageTitle("reading.case.page");

export default async function CasePage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  // Who has nothing to read is refused here; the case itself is opened by the page, because whoever opens it is noted to have seen it.
  const { lists, frame, me, keys, due } = await load(async (api) => ({
    lists: await api.reading.mine({ study }),
    frame: await api.study.frame({ study }),
    me: await api.person.me(),
    keys: await api.person.keys({ name: readingKeys.name }),
    due: await api.reading.displayCheckDue({ study }),
  }));
  const practice = lists.find(({ state }) => state === "practice");
  if (practice && lists.every(({ state }) => state !== "open"))
    redirect(`/studies/${study}/reading/practice/${practice.condition.key}`);
  return (
    <ReadingRoom
      study={study}
      person={me.email}
      name={me.name}
      synthetic={frame.study.synthetic}
      chosenKeys={keys}
      displayCheck={due}
    />
  );
}
