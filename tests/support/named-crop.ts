import { randomUUID } from "node:crypto";
import type { Tx } from "@/db/actor";
import { crop, cropCanvas } from "@/db/schema";
import { canvasOf } from "@/server/services/imaging/canvas-of";

/**
 * Adds a crop whose file is named and not sent, with the voucher that the server would give it, had it drawn it: what is refused then is refused for something else.
 * Its canvas is its own file.
 */
export async function addNamedCrop(
  tx: Tx,
  {
    id = randomUUID(),
    plane = randomUUID(),
    ...given
  }: Pick<typeof crop.$inferInsert, "studyId" | "nodeId"> & { sha256: string } & Partial<typeof crop.$inferInsert>,
): Promise<string> {
  const image = {
    ...{ originalSha256: null, bitDepth: null, windowLow: null, windowHigh: null, windowRule: null },
    ...{ pixelSha256: "p", signature: null, width: 9, height: 9, ...given },
  };
  await tx.insert(crop).values({ ...image, id, plane });
  await tx
    .insert(cropCanvas)
    .values(canvasOf({ id, studyId: given.studyId }, { ...image, canvasSha256: given.sha256 }));
  return id;
}
