import { asc, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { judgedImage } from "@/db/schema";

/**
 * Every crop with a reference standard (`nw.judged_image`), in a fixed order: the images that readers and network are judged on.
 * Rows come only after the lock (row policies of the actor's role).
 */
export async function findLabelledCrops(tx: Tx, actor: { studyId: string }) {
  return (
    tx
      .select({
        cropId: judgedImage.cropId,
        nodeId: judgedImage.nodeId,
        subjectId: judgedImage.subjectId,
        subject: judgedImage.subject,
        node: judgedImage.node,
        plane: judgedImage.plane,
        sha256: judgedImage.sha256,
        pixelSha256: judgedImage.pixelSha256,
        signature: judgedImage.signature,
        width: judgedImage.width,
        height: judgedImage.height,
        truth: judgedImage.truth,
        shortAxisMm: judgedImage.shortAxisMm,
      })
      .from(judgedImage)
      .where(eq(judgedImage.studyId, actor.studyId))
      // By code point, so that the order does not hang on the language of the server.
      .orderBy(sql`${judgedImage.subject} collate "C"`, asc(judgedImage.ordinal), sql`${judgedImage.plane} collate "C"`)
  );
}

export type LabelledCrop = Awaited<ReturnType<typeof findLabelledCrops>>[number];
