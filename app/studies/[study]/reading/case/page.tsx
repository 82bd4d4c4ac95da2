import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { ReadingRoom } from "./reading-room";

export const generateMetadata = pageTitle("reading.case.page");

export default async function CasePage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const { first, frame } = await load(async (api) => ({
    first: await api.reading.open({ study }),
    frame: await api.study.frame({ study }),
  }));
  return <ReadingRoom study={study} first={first} synthetic={frame.study.synthetic} />;
}
