import { asc, eq, type GetColumnData, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import type { Tx } from "@/db/actor";
import { judgedImage } from "@/db/schema";

/** A column of the view, of what the function gives. */
const of = <C extends AnyPgColumn>(column: C) => sql`${column}`.mapWith(column) as SQL<GetColumnData<C>>;

/**
 * Every crop with a reference standard (`nw.judged_image`), in a fixed order: the images that readers and network are judged on.
 * Rows come only after the lock (`nw.labelled_images`).
 */
export async function findLabelledCrops(tx: Tx, actor: { studyId: string }) {
  return (
    tx
      .select({
        cropId: of(judgedImage.cropId),
        nodeId: of(judgedImage.nodeId),
        subjectId: of(judgedImage.subjectId),
        subject: of(judgedImage.subject),
        node: of(judgedImage.node),
        plane: of(judgedImage.plane),
        sha256: of(judgedImage.sha256),
        pixelSha256: of(judgedImage.pixelSha256),
        signature: of(judgedImage.signature),
        width: of(judgedImage.width),
        height: of(judgedImage.height),
        truth: of(judgedImage.truth),
        shortAxisMm: of(judgedImage.shortAxisMm),
      })
      .from(sql`nw.labelled_images() as judged_image`)
      .where(eq(judgedImage.studyId, actor.studyId))
      // By code point, so that the order does not hang on the language of the server.
      .orderBy(sql`${judgedImage.subject} collate "C"`, asc(judgedImage.ordinal), sql`${judgedImage.plane} collate "C"`)
  );
}

export type LabelledCrop = Awaited<ReturnType<typeof findLabelledCrops>>[number];
