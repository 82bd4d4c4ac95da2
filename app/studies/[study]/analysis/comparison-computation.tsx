"use client";

import { useTRPCClient } from "@/app/_lib/trpc";
import type { AnalysisJob } from "@/server/schemas/analysis";
import { LiveComputation } from "../live-computation";

/** The comparison of readers and network while it is not there yet. */
export function ComparisonComputation({
  study,
  runId,
  initial,
}: {
  study: string;
  runId: string | undefined;
  initial: AnalysisJob | null;
}) {
  const client = useTRPCClient();
  return (
    <LiveComputation study={study} ask={() => client.analysis.compute.mutate({ study, runId })} initial={initial} />
  );
}
