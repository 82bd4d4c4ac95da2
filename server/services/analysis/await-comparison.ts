import { setTimeout as wait } from "node:timers/promises";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { StoredComparison } from "@/server/schemas/analysis";
import { analysisProgress } from "./analysis-progress";
import { requestComparison } from "./request-comparison";
import { takeComparison } from "./take-comparison";

const lookEveryMilliseconds = 500;
const patienceMilliseconds = 55_000;

/**
 * The stored comparison for a file, for whoever cannot look at its progress: has it computed where it is not there, and waits for it for a minute, between
 * transactions.
 * @throws AppError "unavailable" when it failed or takes longer, and as `requestComparison`
 */
export async function awaitComparison(
  actor: StudyActor,
  options: { runId?: string | undefined },
): Promise<StoredComparison> {
  const { analysisId } = await withActor(actor, (tx) => requestComparison(tx, actor, options));
  for (const until = Date.now() + patienceMilliseconds; Date.now() < until; await wait(lookEveryMilliseconds)) {
    const { state, error } = await withActor(actor, (tx) => analysisProgress(tx, actor, { analysisId }));
    if (state === "done") break;
    if (state === "failed" || state === "cancelled")
      throw new AppError(
        "unavailable",
        error
          ? { key: "errors.comparison_failed_because", values: { reason: error } }
          : { key: "errors.comparison_failed" },
      );
  }
  return withActor(actor, (tx) => takeComparison(tx, actor, options));
}
