import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { MyReading } from "./my-reading";
import { ReadingProgress } from "./reading-progress";

export const generateMetadata = pageTitle("reading.title");

export default async function ReadingPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const { actions } = await load((api) => api.study.frame({ study }));
  if (actions.includes("reading.read"))
    return (
      <MyReading
        study={study}
        lists={await load((api) => api.reading.mine({ study }))}
        practice={await load((api) => api.practice.mine({ study }))}
      />
    );
  return (
    <ReadingProgress
      study={study}
      progress={await load((api) => api.reading.progress({ study }))}
      practice={await load((api) => api.practice.progress({ study }))}
    />
  );
}
