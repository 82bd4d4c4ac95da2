import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { runProgress } from "./run-progress";

/**
 * As `runProgress`, for the eyes of a person: a look at curves of an AUC is written down. (Of a run that is done the page shows its figures with
 * them, which is noted there: `findJudgedRuns`.)
 * @param options.noted the same look was noted before, and goes on
 */
export async function viewRun(
  tx: Tx,
  actor: StudyActor,
  { noted, ...options }: { runId: string; afterLogId: number; noted: boolean },
): ReturnType<typeof runProgress> {
  const progress = await runProgress(tx, actor, options);
  const hasAuc = progress.metrics.some(({ tuningAuc, validationAuc }) => (tuningAuc ?? validationAuc) !== null);
  if (hasAuc && progress.run.state !== "done" && !noted)
    await record(tx, "figures.viewed", { entity: "model_run", entityId: progress.run.id });
  return progress;
}
