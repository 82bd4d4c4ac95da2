import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { noteLook } from "./note-look";
import { runProgress } from "./run-progress";

/**
 * As `runProgress`, for the eyes of a person: a look at curves of an AUC is written down. (Of a run that is done the page shows its figures with
 * them, which is noted there: `findJudgedRuns`.)
 */
export async function viewRun(
  tx: Tx,
  actor: StudyActor,
  options: { runId: string; afterLogId: number },
): ReturnType<typeof runProgress> {
  const progress = await runProgress(tx, actor, options);
  const hasAuc = progress.metrics.some(({ tuningAuc, validationAuc }) => (tuningAuc ?? validationAuc) !== null);
  if (hasAuc && progress.run.state !== "done") await noteLook(tx, [progress.run.id]);
  return progress;
}
