import { and, eq } from "drizzle-orm";
import { analysis, analysisResult, bundle, job, study } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { isOutdated } from "@/server/services/computation/is-outdated";
import { isLost, type OpenObject, store } from "@/server/store";

/**
 * The file of a bundle, noted as handed out when there are bytes to hand out. One that was made before a patient withdrew is not handed out any more. The stream
 * fails before its end where the file is damaged.
 * @throws AppError "not_found" without such a bundle in the study, "conflict" while it is not made or when it is out of date, "unavailable" when the file is
 * missing
 */
export async function takeBundle(
  actor: StudyActor,
  { bundleId }: { bundleId: string },
): Promise<OpenObject & { sha256: string; name: string }> {
  const found = await withActor(actor, async (tx) => {
    const [row] = await tx
      .select({
        sha256: bundle.sha256,
        state: job.state,
        methods: analysis.methods,
        computedAt: analysisResult.createdAt,
        slug: study.slug,
        synthetic: study.synthetic,
      })
      .from(bundle)
      .innerJoin(job, eq(job.id, bundle.id))
      .innerJoin(analysis, eq(analysis.id, bundle.analysisId))
      .innerJoin(analysisResult, eq(analysisResult.analysisId, bundle.analysisId))
      .innerJoin(study, eq(study.id, bundle.studyId))
      .where(and(eq(bundle.id, bundleId), eq(bundle.studyId, actor.studyId)));
    if (!row) throw new AppError("not_found", { key: "errors.bundle_unknown", values: { bundle: bundleId } });
    if (await isOutdated(tx, actor, row)) throw new AppError("conflict", { key: "errors.bundle_outdated" });
    return row;
  });
  const { sha256 } = found;
  if (found.state !== "done" || sha256 === null) throw new AppError("conflict", { key: "errors.bundle_pending" });
  const file = await store.get(sha256).catch((error: unknown) => {
    throw isLost(error) ? new AppError("unavailable", { key: "errors.bundle_missing" }) : error;
  });
  await withActor(actor, (tx) =>
    record(tx, "bundle.taken", { entity: "bundle", entityId: bundleId, detail: { sha256 } }),
  ).catch((error: unknown) => {
    file.stream.destroy();
    throw error;
  });
  return { ...file, sha256, name: `${found.slug}-bundle${found.synthetic ? "-synthetic" : ""}.zip` };
}
