import { and, eq, inArray } from "drizzle-orm";
import { orientationOf } from "@/core/dicom/plane";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { exam, imageInstance, imageSeries, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { toCsv } from "@/server/tables/to-csv";
import { listMeasurements } from "./list-measurements";

/** Of the axes, in the order in which they are recorded. */
const ends = ["long_start", "long_end", "short_start", "short_end"].flatMap((end) =>
  ["x", "y", "z"].map((axis) => `${end}_${axis}_mm`),
);

const columns = [
  ...["subject", "node", "region", "exam", "plane", "instance", "frame", "short_axis_mm", "long_axis_mm"],
  ...[...ends, "row_spacing_mm", "column_spacing_mm", "spacing_source", "repeat", "measurer", "counts"],
];

/**
 * Every size of the nodes that are in the study as CSV, a row each, as far as this role sees them: where in which image it was measured, in the patient's coordinates,
 * and by whom, as a number. A size that was typed has neither image nor ends.
 */
export async function measurementTable(tx: Tx, actor: StudyActor): Promise<string> {
  const rows = await listMeasurements(tx, actor);
  const numbers = await tx
    .select({ id: subject.id, number: subject.number })
    .from(subject)
    .where(eq(subject.studyId, actor.studyId));
  const numberOf = new Map(numbers.map(({ id, number }) => [id, number]));
  const ids = [...new Set(rows.flatMap(({ instanceId }) => instanceId ?? []))];
  const images = ids.length === 0 ? [] : await imagesOf(tx, actor, ids);
  const imageOf = new Map(images.map((image) => [image.id, image]));
  const records = rows.map((row) => {
    const image = imageOf.get(row.instanceId ?? "");
    const plane = image && row.frame ? image.planes[row.frame - 1] : null;
    return {
      ...{ subject: numberOf.get(row.subjectId) ?? null, node: row.node, region: row.region },
      ...{ exam: image?.exam ?? null, plane: plane ? orientationOf(plane).name : null },
      ...{ instance: image?.uid ?? null, frame: row.frame },
      ...{ short_axis_mm: row.shortAxisMm, long_axis_mm: row.longAxisMm },
      ...Object.fromEntries(ends.map((name, at) => [name, row.ends?.[at] ?? null])),
      ...{ row_spacing_mm: row.rowSpacing, column_spacing_mm: row.columnSpacing, spacing_source: row.spacingSource },
      ...{ repeat: row.repeat, measurer: row.measurer, counts: Number(row.counts) },
    };
  });
  return toCsv(
    records.sort((a, b) => naturalOrder(a.subject ?? "", b.subject ?? "") || a.node - b.node),
    columns,
  );
}

const imagesOf = (tx: Tx, { studyId }: StudyActor, ids: string[]) =>
  tx
    .select({
      id: imageInstance.id,
      uid: imageInstance.uid,
      planes: imageInstance.planes,
      exam: exam.performedOn,
    })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .where(and(eq(imageInstance.studyId, studyId), inArray(imageInstance.id, ids)));
