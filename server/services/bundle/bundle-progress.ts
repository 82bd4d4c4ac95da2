import { and, eq } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { job } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { type BundleJob, bundleJob } from "@/server/schemas/bundle";

/**
 * How far the making of a bundle is.
 * @throws AppError "not_found" without such a bundle in the study
 */
export async function bundleProgress(
  tx: Tx,
  actor: StudyActor,
  { bundleId }: { bundleId: string },
): Promise<BundleJob> {
  const [row] = await tx
    .select()
    .from(job)
    .where(and(eq(job.id, bundleId), eq(job.studyId, actor.studyId), eq(job.kind, "bundle")));
  if (!row) throw new AppError("not_found", { key: "errors.bundle_unknown", values: { bundle: bundleId } });
  return bundleJob.parse({ ...row, error: row.error && fromStored(row.error) });
}
