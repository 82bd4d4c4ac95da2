import { and, eq } from "drizzle-orm";
import type { ItemValue } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { currentBaseline } from "@/db/schema";

/** The values of a subject that count now, by item. */
export async function recordedValues(
  tx: Tx,
  { studyId, subjectId }: { studyId: string; subjectId: string },
): Promise<Record<string, ItemValue>> {
  const rows = await tx
    .select({ key: currentBaseline.itemKey, value: currentBaseline.value })
    .from(currentBaseline)
    .where(and(eq(currentBaseline.studyId, studyId), eq(currentBaseline.subjectId, subjectId)));
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}
