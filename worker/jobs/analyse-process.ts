import { setPriority } from "node:os";
import { computeAnalysis } from "@/server/services/analysis/compute-analysis";
import type { AnalysisInput } from "@/server/services/analysis/load-analysis";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { sha256 } from "@/server/sha256";
import { serveIsolated } from "@/worker/isolated";

export type AnalyseMessage =
  | { kind: "progress"; done: number; total: number }
  | { kind: "result"; inputSha256: string; result: object };

const progressMilliseconds = 300;

/** One analysis: nothing but numbers, for as long as it takes. */
serveIsolated<AnalysisInput, AnalyseMessage>(async (analysis, send) => {
  // Pages come first where cores are few.
  setPriority(10);
  let last = 0;
  const result = computeAnalysis(analysis, {
    onProgress(done, total) {
      const now = performance.now();
      if (now - last < progressMilliseconds) return;
      last = now;
      send({ kind: "progress", done, total });
    },
  });
  await send({ kind: "result", inputSha256: sha256(canonicalJson(analysis.input)), result });
});
