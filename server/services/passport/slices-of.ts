import { and, eq, inArray } from "drizzle-orm";
import { orientationOf, type Plane } from "@/core/dicom/plane";
import type { ActorRole, Tx } from "@/db/actor";
import { currentImage, exam, heldImage, imageInstance, imageSeries, imageUpload, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { permissions } from "@/server/permissions";
import type { PassportSlice } from "@/server/schemas/passport";

/** Who sees the images of the scanner themselves. */
const seesPictures: readonly ActorRole[] = permissions["series.view"];

/** A frame of an image as a passport shows it, and where it lies in the patient. */
export interface KnownSlice {
  slice: PassportSlice;
  plane: Plane | null;
}

/** The images of the scanner with these ids, to be asked for frame by frame; undefined for one that is not there. */
export async function slicesOf(
  tx: Tx,
  actor: StudyActor,
  ids: readonly string[],
): Promise<(instanceId: string, frame: number) => KnownSlice | undefined> {
  const asked = [...new Set(ids)];
  const rows =
    asked.length === 0
      ? []
      : await tx
          .select({
            id: currentImage.id,
            frames: currentImage.frames,
            number: currentImage.number,
            planes: currentImage.planes,
            width: currentImage.columns,
            height: currentImage.rows,
            sha256: currentImage.sha256,
            at: currentImage.createdAt,
            series: imageSeries.number,
            description: imageSeries.description,
            exam: exam.performedOn,
          })
          .from(currentImage)
          .innerJoin(imageSeries, eq(imageSeries.id, currentImage.seriesId))
          .innerJoin(exam, eq(exam.id, imageSeries.examId))
          .where(and(eq(currentImage.studyId, actor.studyId), inArray(currentImage.id, asked)));
  const brought = new Map(
    seesPictures.includes(actor.role) && asked.length > 0
      ? (
          await tx
            .select({ id: imageInstance.id, held: heldImage.instanceId, by: person.name })
            .from(imageInstance)
            .innerJoin(imageUpload, eq(imageUpload.id, imageInstance.uploadId))
            .leftJoin(person, eq(person.id, imageUpload.createdBy))
            .leftJoin(heldImage, eq(heldImage.instanceId, imageInstance.id))
            .where(and(eq(imageInstance.studyId, actor.studyId), inArray(imageInstance.id, asked)))
        ).map((row) => [row.id, row])
      : [],
  );
  const images = new Map(rows.map((row) => [row.id, row]));
  return (instanceId, frame) => {
    const image = images.get(instanceId);
    if (!image) return undefined;
    const { id, planes, ...facts } = image;
    const plane = planes[frame - 1] ?? null;
    const bringing = brought.get(id);
    const picture = bringing === undefined ? "role" : bringing.held === null ? "shown" : "held";
    return {
      plane,
      slice: {
        ...facts,
        ...{ instanceId: id, frame, picture, by: bringing?.by ?? null },
        orientation: plane && orientationOf(plane).name,
        spacing: plane && { rows: plane.spacing.rows, columns: plane.spacing.columns },
      },
    };
  };
}
