import { and, eq, inArray } from "drizzle-orm";
import { orientationOf } from "@/core/dicom/plane";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { exam, examTime, imageInstance, imageSeries } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { toCsv } from "@/server/tables/to-csv";
import { listMeasurements } from "./list-measurements";
import { sizeColumns } from "./size-columns";

const place = ["subject", "node", "region", "exam", "plane", "instance", "frame"];
/** Seconds for which whoever measured worked on the exam in the viewer, all of it. */
const time = "exam_active_s";

/**
 * Every size of the nodes that are in the study as CSV, a row each, as far as this role sees them: where in which image it was measured, in the patient's coordinates,
 * by whom, as a number, and how long that person worked on the exam. A size that was typed has neither image nor ends.
 */
export async function measurementTable(tx: Tx, actor: StudyActor): Promise<string> {
  const rows = await listMeasurements(tx, actor);
  const ids = [...new Set(rows.flatMap(({ instanceId }) => instanceId ?? []))];
  const images = ids.length === 0 ? [] : await imagesOf(tx, actor, ids);
  const times = await tx.select().from(examTime).where(eq(examTime.studyId, actor.studyId));
  const secondsOf = new Map(times.map(({ examId, spentBy, seconds }) => [`${examId} ${spentBy}`, seconds]));
  const imageOf = new Map(images.map((image) => [image.id, image]));
  const records = rows.map((row) => {
    const image = imageOf.get(row.instanceId ?? "");
    const plane = image && row.frame ? image.planes[row.frame - 1] : null;
    return {
      ...{ subject: row.subject, node: row.node, region: row.region },
      ...{ exam: image?.exam ?? null, plane: plane ? orientationOf(plane).name : null },
      ...{ instance: image?.uid ?? null, frame: row.frame },
      ...Object.fromEntries(sizeColumns.map(({ name, of }) => [name, of(row)])),
      [time]: (image && secondsOf.get(`${image.examId} ${row.measuredBy}`)) ?? null,
    };
  });
  return toCsv(
    records.sort((a, b) => naturalOrder(a.subject, b.subject) || a.node - b.node),
    [...place, ...sizeColumns.map(({ name }) => name), time],
  );
}

const imagesOf = (tx: Tx, { studyId }: StudyActor, ids: string[]) =>
  tx
    .select({
      id: imageInstance.id,
      uid: imageInstance.uid,
      planes: imageInstance.planes,
      exam: exam.performedOn,
      examId: exam.id,
    })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .where(and(eq(imageInstance.studyId, studyId), inArray(imageInstance.id, ids)));
