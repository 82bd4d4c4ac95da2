"use client";

import { useTRPCClient } from "@/app/_lib/trpc";
import type { PendingJudgement } from "@/server/schemas/model";
import { LiveComputation } from "../live-computation";

/** Figures of runs while they are not there yet. `onDone` left out: the page is loaded anew. */
export function Judging({
  study,
  pending: { runIds, job },
  onDone,
}: {
  study: string;
  pending: PendingJudgement;
  onDone?: () => void;
}) {
  const client = useTRPCClient();
  return (
    <LiveComputation
      key={runIds.join()}
      study={study}
      ask={() => client.model.compute.mutate({ study, runIds })}
      initial={job}
      {...(onDone && { onDone })}
    />
  );
}
