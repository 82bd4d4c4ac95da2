import { setPriority } from "node:os";
import { compareStudy } from "@/server/services/analysis/compare-study";
import type { ComparisonInput } from "@/server/services/analysis/load-comparison";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { sha256 } from "@/server/sha256";
import { serveIsolated } from "@/worker/isolated";

export type AnalyseMessage =
  | { kind: "progress"; done: number; total: number }
  | { kind: "result"; inputSha256: string; comparison: ReturnType<typeof compareStudy> };

const progressMilliseconds = 300;

/** One comparison: nothing but numbers, for as long as it takes. */
serveIsolated<ComparisonInput, AnalyseMessage>(async (input, send) => {
  // Pages come first where cores are few.
  setPriority(10);
  let last = 0;
  const comparison = compareStudy(input, {
    onProgress(done, total) {
      const now = performance.now();
      if (now - last < progressMilliseconds) return;
      last = now;
      send({ kind: "progress", done, total });
    },
  });
  await send({ kind: "result", inputSha256: sha256(canonicalJson(input)), comparison });
});
