import { and, asc, eq, gt } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { runFold, runLog, runMetric } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { RunProgress } from "@/server/schemas/model";
import { findRuns } from "./find-runs";
import { noteLook } from "./note-look";

/**
 * One run with its curves, its folds and the log lines after `afterLogId`, on a page or a terminal. Losses, AUCs and thresholds come from the truth, on the
 * curves and in the log: that somebody looked is written down as soon as there is one, whatever the run's state.
 * @throws AppError "not_found" without such a run in the study
 */
export async function viewRun(
  tx: Tx,
  actor: StudyActor,
  options: { runId: string; afterLogId: number },
): Promise<RunProgress> {
  const [run] = await findRuns(tx, actor, options);
  if (!run) throw new AppError("not_found", { key: "errors.run_unknown", values: { run: options.runId } });
  const metrics = await tx
    .select()
    .from(runMetric)
    .where(eq(runMetric.runId, run.id))
    .orderBy(asc(runMetric.fold), asc(runMetric.epoch));
  const log = await tx
    .select({ id: runLog.id, at: runLog.at, line: runLog.line })
    .from(runLog)
    .where(and(eq(runLog.runId, run.id), gt(runLog.id, options.afterLogId)))
    .orderBy(asc(runLog.id));
  const folds = await tx.select().from(runFold).where(eq(runFold.runId, run.id)).orderBy(asc(runFold.fold));
  if (metrics.length > 0 || folds.length > 0) await noteLook(tx, [run.id]);
  return { run, metrics, folds, log: log.map(({ line, ...entry }) => ({ ...entry, line: fromStored(line) })) };
}
