import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { DisplayChecks } from "./display-checks";
import { MyReading } from "./my-reading";
import { ReadingProgress } from "./reading-progress";

export const generateMetadata = pageTitle("reading.title");

export default async function ReadingPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const { actions, study: about } = await load((api) => api.study.frame({ study }));
  if (actions.includes("reading.read")) {
    const { lists, practice, me } = await load(async (api) => ({
      lists: await api.reading.mine({ study }),
      practice: await api.practice.mine({ study }),
      me: await api.person.me(),
    }));
    return <MyReading study={study} lists={lists} practice={practice} me={me} locked={about.state === "locked"} />;
  }
  const { progress, practice, checks } = await load(async (api) => {
    const found = await api.reading.progress({ study });
    return {
      progress: found,
      practice: await api.practice.progress({ study }),
      checks: found.checksDisplays ? await api.reading.displayChecks({ study }) : null,
    };
  });
  return (
    <>
      <ReadingProgress study={study} progress={progress} practice={practice} />
      {checks ? <DisplayChecks checks={checks} /> : null}
    </>
  );
}
