import { sql } from "drizzle-orm";
import type { SizesShown } from "@/core/reading/sizes-shown";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { studyProtocol } from "@/server/services/study/study-protocol";

/**
 * Nodes that were measured again between two reads, so that readers judged the same cases by different sizes (`nw.sizes_that_differ()`). Before the lock
 * without the sizes, and of a condition once every list of it is read.
 * @returns nothing for a role that may not know them
 */
export async function sizesThatDiffer(tx: Tx, actor: Pick<StudyActor, "studyId" | "locale">): Promise<SizesShown[]> {
  const { document } = await studyProtocol(tx, actor);
  const labels = new Map(document.conditions.map(({ key, label }) => [key, label]));
  const rows = await tx.execute<{
    subject: string;
    node: string;
    condition: string;
    cases: number;
    shown: [string, number | null][];
  }>(sql`select * from nw.sizes_that_differ()`);
  return rows.map(({ condition, shown, ...row }) => ({
    ...row,
    condition: { key: condition, label: labels.get(condition) ?? condition },
    shown: shown.map(([reader, shortAxisMm]) => ({ reader, shortAxisMm })),
  }));
}
