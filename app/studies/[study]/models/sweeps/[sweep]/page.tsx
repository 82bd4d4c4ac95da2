import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { LiveSweep } from "./live-sweep";

export const generateMetadata = pageTitle("models.sweep.title");

export default async function SweepPage({ params }: { params: Promise<{ study: string; sweep: string }> }) {
  const { study, sweep } = await params;
  const { initial, frame } = await load(async (api) => ({
    initial: await api.model.sweep({ study, sweepId: sweep }),
    frame: await api.study.frame({ study }),
  }));
  return (
    <LiveSweep
      study={study}
      initial={initial}
      mayTrain={frame.actions.includes("models.train")}
      synthetic={frame.study.synthetic}
    />
  );
}
