import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { MyReading } from "./my-reading";
import { ReadingProgress } from "./reading-progress";

export const generateMetadata = pageTitle("reading.title");

export default async function ReadingPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const { actions, study: about } = await load((api) => api.study.frame({ study }));
  if (actions.includes("reading.read")) {
    const { lists, me } = await load(async (api) => ({
      lists: await api.reading.mine({ study }),
      me: await api.person.me(),
    }));
    return <MyReading study={study} lists={lists} me={me} locked={about.state === "locked"} />;
  }
  return <ReadingProgress study={study} progress={await load((api) => api.reading.progress({ study }))} />;
}
