import { eq, sql } from "drizzle-orm";
import sharp from "sharp";
import { z } from "zod";
import { crop, cropCanvas } from "@/db/schema";
import { signInActor, withActor } from "@/server/door";
import { isLost, store } from "@/server/store";
import { canvasOf } from "./canvas-of";
import { canvasRendering, drawOnCanvas } from "./draw-on-canvas";
import { noteStored } from "./note-stored";
import { readImage } from "./read-image";

const lacking = z.array(z.object({ study_id: z.string(), crop_id: z.string(), sha256: z.string() }));

const worker = { ...signInActor, role: "worker" } as const;

/**
 * Draws the crops that came before canvases were stored, of every study that is still read, one after the other, until it is aborted. Manages its own
 * transactions, as the worker.
 * @returns how many were drawn, and the crops whose image is missing from the store or damaged
 */
export async function drawLackingCanvases(signal: AbortSignal): Promise<{ drawn: number; lost: string[] }> {
  const found = lacking.parse([
    ...(await withActor(worker, (tx) => tx.execute(sql`select * from nw.images_to_draw(${canvasRendering})`))),
  ]);
  const lost: string[] = [];
  let drawn = 0;
  for (const { study_id: studyId, crop_id: cropId, sha256 } of found) {
    if (signal.aborted) break;
    const png = await readImage(sha256).catch((error: unknown) => {
      if (isLost(error)) return null;
      throw error;
    });
    if (png === null) {
      lost.push(cropId);
      continue;
    }
    const file = await store.put(await drawOnCanvas(sharp(png), await sharp(png).metadata()));
    await withActor({ ...worker, studyId }, async (tx) => {
      await noteStored(tx, { studyId }, [{ ...file, mediaType: "image/png" }]);
      const [described] = await tx.select().from(crop).where(eq(crop.id, cropId));
      if (!described) return;
      const canvas = canvasOf(described, { ...described, canvasSha256: file.sha256 });
      // Two workers that start together draw the same.
      await tx.insert(cropCanvas).values(canvas).onConflictDoNothing();
    });
    drawn += 1;
  }
  return { drawn, lost };
}
