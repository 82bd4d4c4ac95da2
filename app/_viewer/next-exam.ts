import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "@/app/_lib/trpc";
import { hasImages } from "./frames";

/** The name of the exam whose viewer is open when the page of its subject opens. */
export const openedExam = "viewer";

/** The exam with images, after that of a subject and round again, whose nodes still lack something: how many subjects lack it, with images or without, and the way to the first with images. */
export function useNextExam({ study, after }: { study: string; after: string | null }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const [state, setState] = useState<"idle" | "going" | "none">("idle");
  const { data } = useQuery(trpc.imaging.list.queryOptions({ study }));
  const targets = data?.nodes.filter(({ excluded }) => excluded === null) ?? [];
  const isDone = (number: string) => {
    const own = targets.filter(({ subject }) => subject === number);
    return own.length > 0 && own.every(({ crops }) => crops.length >= (data?.planes.length ?? 0));
  };
  const numbers = [...(data?.subjects ?? [])].sort();
  const [later, sooner] = [numbers.filter((each) => after === null || each > after), numbers];
  const waiting = [...new Set([...later, ...sooner])].filter((each) => each !== after && !isDone(each));
  async function go() {
    if (state !== "idle") return;
    setState("going");
    for (const number of waiting) {
      const exams = await queries.fetchQuery(trpc.series.list.queryOptions({ study, number }));
      const exam = exams.find(hasImages);
      if (!exam) continue;
      router.push(`/studies/${study}/imaging/${encodeURIComponent(number)}?${openedExam}=${exam.id}`);
      return;
    }
    setState("none");
  }
  return { waiting: waiting.length, state, go };
}
