import { and, eq } from "drizzle-orm";
import { type Regimen, regimen } from "@/core/protocol/regimen";
import type { Tx } from "@/db/actor";
import { modelRun } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { CompanionKind } from "@/server/schemas/model";
import { queueRun } from "./queue-run";

/** What is fitted to sizes: little penalty, because there are one or two numbers. */
const ofSizes = { kind: "logistic", c: 1, epochs: 500 } as const;

/**
 * Queues a control or a baseline of a run, on the very snapshot of that run.
 * @throws AppError "not_found" without such a run, "conflict" for a control that the run itself is
 */
export async function queueCompanion(
  tx: Tx,
  actor: StudyActor,
  { runId, kind }: { runId: string; kind: CompanionKind },
): Promise<{ runId: string }> {
  const [row] = await tx
    .select({ config: modelRun.config, snapshotId: modelRun.snapshotId })
    .from(modelRun)
    .where(and(eq(modelRun.id, runId), eq(modelRun.studyId, actor.studyId)));
  if (!row) throw new AppError("not_found", { key: "errors.run_unknown", values: { run: runId } });
  const config = companionOf(regimen.parse(row.config), kind);
  if (!config) throw new AppError("conflict", { key: "errors.no_such_companion" });
  return { runId: await queueRun(tx, actor, { snapshotId: row.snapshotId, config, companionOf: runId }) };
}

function companionOf(config: Regimen, kind: CompanionKind): Regimen | null {
  if (config.trainable !== "head" && config.trainable !== "network") return null;
  if (kind === "shuffled-labels") return config.shuffledLabels ? null : { ...config, shuffledLabels: true };
  if (kind === "size-blind") return config.sizeBlind ? null : { ...config, sizeBlind: true };
  const { folds, splitUnit, threshold, seed } = config;
  return {
    trainable: "baseline",
    baseline: kind,
    folds,
    splitUnit,
    threshold,
    seed,
    shuffledLabels: false,
    optimiser: ofSizes,
  };
}
