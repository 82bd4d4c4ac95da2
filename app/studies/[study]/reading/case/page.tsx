import type { Metadata } from "next";
import { load } from "@/app/_lib/api";
import { ReadingRoom } from "./reading-room";

export const metadata: Metadata = { title: "Read a case" };

export default async function CasePage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const { first, frame } = await load(async (api) => ({
    first: await api.reading.open({ study }),
    frame: await api.study.frame({ study }),
  }));
  return <ReadingRoom study={study} first={first} synthetic={frame.study.synthetic} />;
}
