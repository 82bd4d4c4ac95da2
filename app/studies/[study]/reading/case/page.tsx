import type { Metadata } from "next";
import { load } from "@/app/_lib/api";
import { ReadingRoom } from "./reading-room";

export const metadata: Metadata = { title: "Read a case" };

export default async function CasePage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  return <ReadingRoom study={study} first={await load((api) => api.reading.open({ study }))} />;
}
