import { and, eq } from "drizzle-orm";
import type { Plane } from "@/core/dicom/plane";
import type { Tx } from "@/db/actor";
import { imageInstance } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** Where a frame lies in the patient. @throws AppError "not_found" for a frame that is not there, "invalid" for one of which the file does not tell */
export async function findPlane(
  tx: Tx,
  actor: StudyActor,
  { instanceId, frame }: { instanceId: string; frame: number },
): Promise<Plane> {
  const [found] = await tx
    .select({ planes: imageInstance.planes })
    .from(imageInstance)
    .where(and(eq(imageInstance.studyId, actor.studyId), eq(imageInstance.id, instanceId)));
  const plane = found?.planes[frame - 1];
  if (!found || plane === undefined) throw new AppError("not_found", { key: "errors.image_unknown" });
  if (plane === null) throw new AppError("invalid", { key: "errors.image_without_millimetres" });
  return plane;
}
