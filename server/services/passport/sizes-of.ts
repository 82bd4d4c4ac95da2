import { and, desc, eq } from "drizzle-orm";
import { toPixel } from "@/core/dicom/plane";
import type { PixelPoint } from "@/core/dicom/spacing";
import type { Tx } from "@/db/actor";
import { measurement, nodeSize, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { PassportSize } from "@/server/schemas/passport";
import { spacingSource } from "@/server/schemas/series";
import { type KnownSlice, slicesOf } from "./slices-of";

type Measurement = typeof measurement.$inferSelect;

/** The sizes of a node, the newest first, which counts; with where each was measured where the role sees that. */
export async function sizesOf(
  tx: Tx,
  actor: StudyActor,
  { nodeId, withSources }: { nodeId: string; withSources: boolean },
): Promise<PassportSize[]> {
  const sizes = await tx
    .select({ id: nodeSize.id, shortAxisMm: nodeSize.shortAxisMm, by: person.name, at: nodeSize.measuredAt })
    .from(nodeSize)
    .leftJoin(person, eq(person.id, nodeSize.measuredBy))
    .where(and(eq(nodeSize.studyId, actor.studyId), eq(nodeSize.nodeId, nodeId)))
    .orderBy(desc(nodeSize.measuredAt), nodeSize.id);
  const measurements = withSources
    ? await tx
        .select()
        .from(measurement)
        .where(and(eq(measurement.studyId, actor.studyId), eq(measurement.nodeId, nodeId)))
    : [];
  const sliceAt = await slicesOf(
    tx,
    actor,
    measurements.map(({ instanceId }) => instanceId),
  );
  const measured = new Map(
    measurements.map((each) => [each.sizeId, measuredIn(each, sliceAt(each.instanceId, each.frame))]),
  );
  return sizes.map((size, at) => ({ ...size, counts: at === 0, measured: measured.get(size.id) ?? null }));
}

function measuredIn(
  { longAxisMm, repeat, ends, rowSpacing, columnSpacing, spacingSource: from }: Measurement,
  known: KnownSlice | undefined,
): PassportSize["measured"] {
  if (!known) return null;
  const source = spacingSource.parse(from);
  const spacing = { rows: rowSpacing, columns: columnSpacing };
  return { longAxisMm, repeat, ends, spacing, spacingSource: source, slice: known.slice, axes: axesIn(known, ends) };
}

/** The ends of both axes in the picture, whose first pixel has its centre at 0.5. */
function axesIn({ plane }: KnownSlice, ends: readonly number[]) {
  if (!plane) return null;
  const [a, b, c, d] = [0, 3, 6, 9].map((at): PixelPoint => {
    const { x, y } = toPixel(plane, [ends[at] ?? 0, ends[at + 1] ?? 0, ends[at + 2] ?? 0]);
    return { x: x + 0.5, y: y + 0.5 };
  });
  return a && b && c && d
    ? { long: [a, b] as [PixelPoint, PixelPoint], short: [c, d] as [PixelPoint, PixelPoint] }
    : null;
}
