import { randomUUID } from "node:crypto";
import { and, count, eq } from "drizzle-orm";
import { distance, toPixel } from "@/core/dicom/plane";
import { holdsInPatient } from "@/core/dicom/spacing";
import type { Vector } from "@/core/dicom/vector";
import type { Tx } from "@/db/actor";
import { measurement, nodeSize } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findPlane } from "./find-plane";

/** How far an end may lie off its image, mm and pixels: what is left of a place that went through a screen. */
const off = { millimetres: 0.1, pixels: 1 };
const millimetre = 100;

/**
 * Writes the size of a node down as it was measured in an image: the ends of its long and its short axis, from which the lengths are computed here. The earlier size
 * stays, the newest counts. Whoever calls holds "records of a node", or has just made it.
 * @param measured.ends of the long axis, then of the short one, in the patient's coordinates, mm
 * @throws AppError "invalid" for ends that do not lie in the image, or an image whose millimetres do not hold in the patient
 */
export async function writeMeasurement(
  tx: Tx,
  actor: StudyActor,
  measured: { nodeId: string; instanceId: string; frame: number; ends: readonly [Vector, Vector, Vector, Vector] },
): Promise<{ shortAxisMm: number; longAxisMm: number }> {
  const { nodeId, instanceId, frame, ends } = measured;
  const plane = await findPlane(tx, actor, { instanceId, frame });
  if (!holdsInPatient(plane.spacing)) throw new AppError("invalid", { key: "errors.image_without_millimetres" });
  for (const end of ends) {
    const at = toPixel(plane, end);
    const isInside =
      Math.abs(at.distance) <= off.millimetres &&
      [at.x + off.pixels, at.y + off.pixels, plane.width - at.x, plane.height - at.y].every((room) => room >= 0);
    if (!isInside) throw new AppError("invalid", { key: "errors.end_outside_image" });
  }
  const lengths = [distance(ends[0], ends[1]), distance(ends[2], ends[3])];
  const [shortAxisMm, longAxisMm] = [Math.min(...lengths), Math.max(...lengths)];
  const rounded = Math.round(shortAxisMm * millimetre) / millimetre;
  if (rounded <= 0) throw new AppError("invalid", { key: "errors.axis_without_length" });
  const sizeId = randomUUID();
  await tx.insert(nodeSize).values({ id: sizeId, studyId: actor.studyId, nodeId, shortAxisMm: rounded });
  const [before] = await tx
    .select({ repeats: count() })
    .from(measurement)
    .where(
      and(
        eq(measurement.studyId, actor.studyId),
        eq(measurement.nodeId, nodeId),
        eq(measurement.measuredBy, actor.personId),
      ),
    );
  await tx.insert(measurement).values({
    ...{ sizeId, studyId: actor.studyId, nodeId, instanceId, frame, longAxisMm },
    ends: ends.flat(),
    ...{ rowSpacing: plane.spacing.rows, columnSpacing: plane.spacing.columns, spacingSource: plane.spacing.source },
    repeat: (before?.repeats ?? 0) + 1,
  });
  return { shortAxisMm: rounded, longAxisMm };
}
