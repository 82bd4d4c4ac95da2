import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { job } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** Asks a run to stop; its worker does so before the next step and keeps the last checkpoint. */
export async function cancelRun(tx: Tx, actor: StudyActor, options: { runId: string }): Promise<void> {
  const changed = await tx
    .update(job)
    .set({ cancelRequestedAt: new Date() })
    .where(
      and(
        eq(job.id, options.runId),
        eq(job.studyId, actor.studyId),
        eq(job.kind, "train"),
        inArray(job.state, ["queued", "running"]),
        isNull(job.cancelRequestedAt),
      ),
    )
    .returning({ id: job.id });
  if (changed.length === 0) throw new AppError("conflict", { key: "errors.run_ended" });
  await record(tx, "run.cancelled", { entity: "model_run", entityId: options.runId });
}
