import { and, asc, desc, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { crop, cropSource, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { PassportCrop } from "@/server/schemas/passport";
import { type KnownSlice, slicesOf } from "./slices-of";

/** The crops of a node by plane, those that count before those that were replaced; with where each was cut where the role sees that. */
export async function cropsOf(
  tx: Tx,
  actor: StudyActor,
  { nodeId, withSources }: { nodeId: string; withSources: boolean },
): Promise<PassportCrop[]> {
  const crops = await tx
    .select({
      id: crop.id,
      plane: crop.plane,
      sha256: crop.sha256,
      originalSha256: crop.originalSha256,
      width: crop.width,
      height: crop.height,
      bitDepth: crop.bitDepth,
      scaledFromWidth: crop.scaledFromWidth,
      scaledFromHeight: crop.scaledFromHeight,
      supersededAt: crop.supersededAt,
      by: person.name,
      at: crop.createdAt,
    })
    .from(crop)
    .leftJoin(person, eq(person.id, crop.createdBy))
    .where(and(eq(crop.studyId, actor.studyId), eq(crop.nodeId, nodeId)))
    .orderBy(asc(crop.plane), sql`${crop.supersededAt} desc nulls first`, desc(crop.createdAt));
  const sources = withSources
    ? await tx
        .select({ source: cropSource, by: person.name })
        .from(cropSource)
        .innerJoin(crop, eq(crop.id, cropSource.cropId))
        .leftJoin(person, eq(person.id, cropSource.cutBy))
        .where(and(eq(cropSource.studyId, actor.studyId), eq(crop.nodeId, nodeId)))
    : [];
  const sliceAt = await slicesOf(
    tx,
    actor,
    sources.map(({ source }) => source.instanceId),
  );
  const cut = new Map(
    sources.map((each) => [each.source.cropId, cutFrom(each, sliceAt(each.source.instanceId, each.source.frame))]),
  );
  return crops.map(({ scaledFromWidth: width, scaledFromHeight: height, ...each }) => ({
    ...each,
    scaledFrom: width === null || height === null ? null : { width, height },
    source: cut.get(each.id) ?? null,
  }));
}

function cutFrom(
  { source, by }: { source: typeof cropSource.$inferSelect; by: string | null },
  known: KnownSlice | undefined,
): PassportCrop["source"] {
  if (!known) return null;
  const { boxLeft, boxTop, boxWidth, boxHeight, windowLow, windowHigh, rowSpacing, columnSpacing } = source;
  return {
    box: { left: boxLeft, top: boxTop, width: boxWidth, height: boxHeight },
    window: { low: windowLow, high: windowHigh },
    spacing: rowSpacing === null || columnSpacing === null ? null : { rows: rowSpacing, columns: columnSpacing },
    slice: known.slice,
    ...{ by, at: source.cutAt },
  };
}
