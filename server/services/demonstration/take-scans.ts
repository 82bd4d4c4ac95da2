import { and, count, eq } from "drizzle-orm";
import { scanPhantom } from "@/core/phantom/exam";
import { exam, imageInstance, imageSeries, subject } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { beginUpload } from "@/server/services/series/begin-upload";
import { takeFile } from "@/server/services/series/take-file";
import { hospitalNumberOf } from "./hospital-number";
import type { Demonstration } from "./populations";

/**
 * Scans the phantoms whose images are there, and takes the files in as those of a scanner: de-identified, held against the protocol, stored. An exam that has
 * them is left as it is. Runs as the coordinator. Manages its own transactions.
 */
export async function takeScans(actor: StudyActor, { subjects, seed }: Demonstration): Promise<void> {
  for (const { number, scanned, phantom } of subjects) {
    if (!scanned) continue;
    const [found] = await withActor(actor, (tx) =>
      tx
        .select({ examId: exam.id, performedOn: exam.performedOn, images: count(imageInstance.id) })
        .from(exam)
        .innerJoin(subject, eq(subject.id, exam.subjectId))
        .leftJoin(imageSeries, eq(imageSeries.examId, exam.id))
        .leftJoin(imageInstance, eq(imageInstance.seriesId, imageSeries.id))
        .where(and(eq(exam.studyId, actor.studyId), eq(subject.number, number)))
        .groupBy(exam.id),
    );
    if (!found) continue;
    const files = scanPhantom({
      seed: seed + Number(number),
      nodes: phantom.nodes,
      hospitalNumber: hospitalNumberOf(number),
      performedOn: found.performedOn.replaceAll("-", ""),
    });
    if (found.images >= files.length) continue;
    const { uploadId } = await withActor(actor, (tx) =>
      beginUpload(tx, actor, { examId: found.examId, source: "command_line" }),
    );
    for (const [at, bytes] of files.entries()) await takeFile(actor, { uploadId, ordinal: at + 1, bytes });
  }
}
