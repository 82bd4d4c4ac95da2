import { eq } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import type { Tx } from "@/db/actor";
import { node } from "@/db/schema";
import { findLabelledCrops, type LabelledCrop } from "@/server/services/dataset/find-labelled-crops";
import type { InStudy } from "./network-run";

/** An image with a reference standard and the region of its node; null: not recorded. */
export type RegionedCrop = LabelledCrop & { region: string | null };

/**
 * The images that every number of the analysis rests on: those with a reference standard, less what the plan excludes. Both in the order of
 * `findLabelledCrops`; none before the lock.
 */
export async function analysedCrops(
  tx: Tx,
  { studyId }: InStudy,
  { analysis }: Pick<Protocol, "analysis">,
): Promise<{ crops: RegionedCrop[]; excluded: RegionedCrop[] }> {
  const regions = await tx.select({ id: node.id, region: node.region }).from(node).where(eq(node.studyId, studyId));
  const regionOf = new Map(regions.map(({ id, region }) => [id, region]));
  const labelled = (await findLabelledCrops(tx, { studyId })).map((crop) => ({
    ...crop,
    region: regionOf.get(crop.nodeId) ?? null,
  }));
  return {
    crops: labelled.filter((crop) => !isExcluded(crop, analysis)),
    excluded: labelled.filter((crop) => isExcluded(crop, analysis)),
  };
}

function isExcluded({ plane, region, shortAxisMm }: RegionedCrop, { exclusions = {} }: Protocol["analysis"]): boolean {
  const { planes = [], regions = [], shortAxisBelowMm = 0 } = exclusions;
  return (
    planes.includes(plane) ||
    (region !== null && regions.includes(region)) ||
    (shortAxisMm !== null && shortAxisMm < shortAxisBelowMm)
  );
}
