import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { sayIn } from "@/core/words";
import type { Tx } from "@/db/actor";
import { imageHold, imageInstance, imageUpload, person, uploadedFile } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** What came of the files of an exam, upload by upload, the newest first: how many ended alike, and why. What the worker saw in them later stands beside. No file is named, because people write names of patients into those. */
export async function uploadsOf(tx: Tx, { studyId, locale }: StudyActor, { examId }: { examId: string }) {
  const say = sayIn(locale ?? "en");
  const rows = await tx
    .select({
      id: imageUpload.id,
      source: imageUpload.source,
      at: imageUpload.createdAt,
      by: person.name,
      outcome: uploadedFile.outcome,
      reason: uploadedFile.reason,
      files: sql<number>`count(*)::int`,
      bytes: sql<number>`sum(${uploadedFile.bytes})::float8`,
    })
    .from(imageUpload)
    .innerJoin(uploadedFile, eq(uploadedFile.uploadId, imageUpload.id))
    .leftJoin(person, eq(person.id, imageUpload.createdBy))
    .where(and(eq(imageUpload.studyId, studyId), eq(imageUpload.examId, examId)))
    .groupBy(imageUpload.id, person.name, uploadedFile.outcome, uploadedFile.reason)
    .orderBy(desc(imageUpload.createdAt), imageUpload.id, uploadedFile.outcome, desc(sql`count(*)`));
  const held = await tx
    .select({
      uploadId: imageInstance.uploadId,
      reason: imageHold.reason,
      images: sql<number>`count(distinct ${imageInstance.id})::int`,
    })
    .from(imageHold)
    .innerJoin(imageInstance, eq(imageInstance.id, imageHold.instanceId))
    .innerJoin(imageUpload, eq(imageUpload.id, imageInstance.uploadId))
    .where(
      and(
        ...[eq(imageUpload.studyId, studyId), eq(imageUpload.examId, examId)],
        inArray(imageHold.reason, ["letters_seen", "not_looked_at"]),
      ),
    )
    .groupBy(imageInstance.uploadId, imageHold.reason);
  const heldFor = (upload: string, reason: string) =>
    held.find((each) => each.uploadId === upload && each.reason === reason)?.images ?? 0;
  const uploads = new Map(rows.map(({ id, source, at, by }) => [id, { id, source, at, by }]));
  return [...uploads.values()].map((upload) => ({
    ...upload,
    lettersSeen: heldFor(upload.id, "letters_seen"),
    notLookedAt: heldFor(upload.id, "not_looked_at"),
    ended: rows
      .filter(({ id }) => id === upload.id)
      .map(({ outcome, reason, files, bytes }) => ({ outcome, reason: reason && say(reason), files, bytes })),
  }));
}
