import { setTimeout as wait } from "node:timers/promises";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { analysisProgress } from "./analysis-progress";

const lookEveryMilliseconds = 500;
const patienceMilliseconds = 55_000;

/**
 * Waits, between transactions, for an analysis that was asked for: for whoever cannot look at its progress, and for a minute.
 * @throws AppError "unavailable" when it failed or takes longer
 */
export async function awaitAnalysis(actor: StudyActor, analysisId: string): Promise<void> {
  for (const until = Date.now() + patienceMilliseconds; Date.now() < until; await wait(lookEveryMilliseconds)) {
    const { state, error } = await withActor(actor, (tx) => analysisProgress(tx, actor, { analysisId }));
    if (state === "done") return;
    if (state === "failed" || state === "cancelled")
      throw new AppError(
        "unavailable",
        error
          ? { key: "errors.analysis_failed_because", values: { reason: error } }
          : { key: "errors.analysis_failed" },
      );
  }
  throw new AppError("unavailable", { key: "errors.analysis_pending" });
}
