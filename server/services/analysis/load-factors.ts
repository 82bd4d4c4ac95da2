import { sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import type { Tx } from "@/db/actor";
import type { RegionedCrop } from "./analysed-crops";
import { factorsOf } from "./factors-of";

/** What the records divide the images by (`factorsOf`). */
export async function loadFactors(
  tx: Tx,
  about: { document: Protocol; crops: readonly RegionedCrop[] },
): Promise<ReturnType<typeof factorsOf>> {
  const recorded = await tx.execute<{ subject_id: string; factor: string; value: string }>(
    sql`select subject_id, factor, value from nw.subject_groups()`,
  );
  return factorsOf({ ...about, recorded });
}
