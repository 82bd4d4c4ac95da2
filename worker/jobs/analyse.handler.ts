import { fileURLToPath } from "node:url";
import { eq } from "drizzle-orm";
import { methodsVersion } from "@/core/stats/methods-version";
import { SaidError } from "@/core/words/said";
import { analysis, analysisResult } from "@/db/schema";
import { record } from "@/server/audit";
import { loadAnalysis } from "@/server/services/analysis/load-analysis";
import { currentMethods } from "@/server/services/computation/current-methods";
import { runIsolated } from "@/worker/isolated";
import type { Work } from "@/worker/lease";
import type { AnalyseMessage } from "./analyse-process";

/**
 * Computes one analysis in a process of its own, outside any transaction, and stores it with the hash of what went in. Nothing of an
 * interrupted attempt is kept: the same input gives the same numbers. A question that names other methods than this worker's, or other
 * withdrawals than the study's, fails.
 */
export const analyse: Work = {
  async run(lease) {
    const payload = await lease.read(async (tx) => {
      const [question] = await tx.select().from(analysis).where(eq(analysis.id, lease.jobId));
      if (!question) throw new SaidError({ key: "worker.job_without_analysis" });
      // A result stands under the methods that were asked for: other ones than this worker's would give it other numbers.
      const [methods = ""] = question.methods.split("-");
      if (methods !== methodsVersion)
        throw new SaidError({
          key: "worker.analysis_of_other_methods",
          values: { asked: methods, here: methodsVersion },
        });
      // Nor is it computed under the name of other withdrawals: it would be handed out as one that heeds them.
      if (question.methods !== (await currentMethods(tx, question)))
        throw new SaidError({ key: "worker.analysis_of_other_withdrawals" });
      return loadAnalysis(tx, question);
    });
    let result: Extract<AnalyseMessage, { kind: "result" }> | undefined;
    await runIsolated<AnalyseMessage>({
      module: fileURLToPath(new URL("./analyse-process.ts", import.meta.url)),
      payload,
      async onMessage(message) {
        if (message.kind === "result") result = message;
        else await lease.write({ done: message.done, total: message.total });
      },
      signal: lease.signal,
    });
    if (!result) throw new SaidError({ key: "worker.analysis_without_result" });
    const { inputSha256 } = result;
    const row = { analysisId: lease.jobId, studyId: lease.studyId, inputSha256, result: result.result };
    return {
      async write(tx) {
        await tx.insert(analysisResult).values(row);
        await record(tx, "analysis.computed", {
          entity: "analysis",
          entityId: lease.jobId,
          detail: { input: inputSha256 },
        });
      },
    };
  },
};
