import { methodsVersion } from "@/core/stats/methods-version";
import type { AnalysisQuestion } from "@/server/services/computation/analysis-question";

/** What runs are asked about, in this order: first less second. */
export const questionOfRuns = ({ studyId }: { studyId: string }, runIds: readonly string[]): AnalysisQuestion => ({
  studyId,
  runId: null,
  protocolVersionId: null,
  runIds: [...runIds],
  methods: methodsVersion,
});
