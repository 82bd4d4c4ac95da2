import { and, count, countDistinct, desc, eq } from "drizzle-orm";
import { fromStored } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { datasetItem, datasetSnapshot, job, modelRun, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { type Run, run as runSchema } from "@/server/schemas/model";
import { noteLook } from "./note-look";
import { tellsTruth } from "./tells-truth";

/**
 * The runs of a study, newest first; with `runId` that one only, with `sweepId` those of a sweep. That somebody looked is written down where one failed by what
 * the truths are.
 */
export async function findRuns(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string; sweepId?: string } = {},
): Promise<Run[]> {
  const sizes = tx
    .select({
      snapshotId: datasetItem.snapshotId,
      images: count().as("images"),
      patients: countDistinct(datasetItem.subject).as("patients"),
    })
    .from(datasetItem)
    .groupBy(datasetItem.snapshotId)
    .as("sizes");
  const rows = await tx
    .select({
      run: modelRun,
      job,
      snapshot: datasetSnapshot,
      images: sizes.images,
      patients: sizes.patients,
      createdBy: person.name,
    })
    .from(modelRun)
    .innerJoin(job, eq(job.id, modelRun.id))
    .innerJoin(datasetSnapshot, eq(datasetSnapshot.id, modelRun.snapshotId))
    .innerJoin(sizes, eq(sizes.snapshotId, modelRun.snapshotId))
    .leftJoin(person, eq(person.id, job.createdBy))
    .where(
      and(
        eq(modelRun.studyId, actor.studyId),
        options.runId ? eq(modelRun.id, options.runId) : undefined,
        options.sweepId ? eq(modelRun.sweepId, options.sweepId) : undefined,
      ),
    )
    .orderBy(desc(job.createdAt));
  const runs = rows.map((row) =>
    runSchema.parse({
      ...row.job,
      ...row.run,
      createdBy: row.createdBy,
      phase: row.job.phase && fromStored(row.job.phase),
      error: row.job.error && fromStored(row.job.error),
      images: row.images,
      patients: row.patients,
      folds: row.snapshot.folds,
      seed: row.snapshot.seed,
      snapshotSha256: row.snapshot.sha256,
      nearDuplicates: Array.isArray(row.snapshot.nearDuplicates) ? row.snapshot.nearDuplicates.length : 0,
      leakage: row.snapshot.leakage,
      lookAlikes: row.snapshot.lookAlikes,
    }),
  );
  const telling = runs.filter(({ error }) => error && tellsTruth(error)).map(({ id }) => id);
  if (telling.length > 0) await noteLook(tx, telling);
  return runs;
}
