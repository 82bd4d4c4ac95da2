import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { enqueue } from "@/server/jobs";

/** Takes a failed or cancelled run up again, from its last checkpoint. @throws AppError "conflict" when it is neither */
export async function resumeRun(tx: Tx, actor: StudyActor, { runId }: { runId: string }): Promise<void> {
  const jobId = randomUUID();
  const [answer] = await tx.execute<{ resumed: boolean }>(sql`select nw.resume_run(${runId}, ${jobId}) as resumed`);
  if (!answer?.resumed) throw new AppError("conflict", { key: "errors.run_not_stopped" });
  await enqueue(tx, "train", jobId, { runId, studyId: actor.studyId });
  await record(tx, "run.resumed", { entity: "model_run", entityId: runId });
}
