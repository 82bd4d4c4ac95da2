import { comparison } from "@/server/schemas/analysis";
import { judgedRuns } from "@/server/schemas/model";
import { judgeRuns } from "@/server/services/model/judge-runs";
import { compareStudy } from "./compare-study";
import type { AnalysisInput } from "./load-analysis";

interface Options {
  onProgress?: (done: number, total: number) => void;
}

/** Every number of an analysis, computed in `core/stats`. Pure; takes up to half a minute. @throws ZodError when no page could show the result */
export function computeAnalysis(analysis: AnalysisInput, options: Options = {}): object {
  const result = analysis.of === "runs" ? judgeRuns(analysis.input, options) : compareStudy(analysis.input, options);
  (analysis.of === "runs" ? judgedRuns : comparison).parse(result);
  return result;
}
