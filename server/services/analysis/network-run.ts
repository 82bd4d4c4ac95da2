import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { regimen } from "@/core/protocol/regimen";
import type { Tx } from "@/db/actor";
import { datasetSnapshot, job, modelRun } from "@/db/schema";
import { AppError } from "@/server/errors";
import { leakage } from "@/server/schemas/leakage";
import { cautionsOf } from "@/server/services/model/cautions-of";

export type InStudy = { studyId: string };

/**
 * The run that speaks for the network: the newest finished one that is neither a companion of another (control, baseline) nor one depth of a
 * sweep, nor scores of a model trained elsewhere. Those are taken only when `runId` names them: a choice among several runs is the person's.
 * @throws AppError "not_found" when `runId` names no finished run of the study, "conflict" when it names a control on exchanged labels: these
 * are no truth to judge readers by, and the truth is none to judge the control by
 */
export async function networkRun(tx: Tx, actor: InStudy, { runId }: { runId?: string | undefined }) {
  const config = (key: string) => sql`${modelRun.config} ->> ${key}`;
  const [row] = await tx
    .select({
      id: modelRun.id,
      config: modelRun.config,
      endedAt: job.endedAt,
      sweepId: modelRun.sweepId,
      companionOf: modelRun.companionOf,
      folds: datasetSnapshot.folds,
      leakage: datasetSnapshot.leakage,
      lookAlikes: datasetSnapshot.lookAlikes,
    })
    .from(modelRun)
    .innerJoin(job, eq(job.id, modelRun.id))
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, modelRun.snapshotId))
    .where(
      and(
        eq(modelRun.studyId, actor.studyId),
        eq(job.state, "done"),
        ...(runId
          ? [eq(modelRun.id, runId)]
          : [
              isNull(modelRun.companionOf),
              isNull(modelRun.sweepId),
              sql`${config("trainable")} in ('head', 'network')`,
              sql`coalesce(${config("shuffledLabels")}, 'false') <> 'true'`,
              eq(datasetSnapshot.splitUnit, "patient"),
            ]),
      ),
    )
    .orderBy(desc(job.endedAt))
    .limit(1);
  if (!row && runId) throw new AppError("not_found", { key: "errors.run_unfinished", values: { run: runId } });
  if (!row) return null;
  const parsed = regimen.parse(row.config);
  if (parsed.shuffledLabels) throw new AppError("conflict", { key: "errors.run_is_control", values: { run: row.id } });
  const run = { ...row, config: parsed, leakage: leakage.nullable().parse(row.leakage) };
  const cautions = cautionsOf(run);
  if (row.sweepId) cautions.push({ key: "model.caution.one_depth" });
  if (row.companionOf) cautions.push({ key: "model.caution.companion" });
  return { ...run, cautions };
}
