import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { LiveRun } from "./live-run";

export const generateMetadata = pageTitle("models.run.title");

export default async function RunPage({ params }: { params: Promise<{ study: string; run: string }> }) {
  const { study, run } = await params;
  const { progress, contradictions, frame } = await load(async (api) => ({
    progress: await api.model.progress({ study, runId: run }),
    contradictions: await api.model.contradictions({ study, runId: run }),
    frame: await api.study.frame({ study }),
  }));
  return (
    <LiveRun
      key={run}
      study={study}
      initial={progress}
      contradictions={contradictions}
      mayTrain={frame.actions.includes("models.train")}
      synthetic={frame.study.synthetic}
    />
  );
}
