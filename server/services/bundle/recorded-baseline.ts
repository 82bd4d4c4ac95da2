import { and, asc, eq, inArray } from "drizzle-orm";
import type { ProtocolDocument } from "@/core/protocol/protocol";
import { readProtocol } from "@/core/protocol/read-protocol";
import type { ItemValue } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { currentBaseline, protocolVersion } from "@/db/schema";

type Items = ProtocolDocument["baseline"]["items"];

/**
 * What is recorded of the baseline items that are numbers or choices, by item. A value counts as what it was by the version of the protocol in which it was recorded:
 * a day or a free text of then is neither, whatever a later version calls its item.
 * @returns `value` null: it was no number, or none of the options, when it was recorded
 */
export async function recordedBaseline(
  tx: Tx,
  { studyId, document }: { studyId: string; document: ProtocolDocument },
): Promise<{ subjectId: string; key: string; value: ItemValue | null }[]> {
  const typeOf = new Map(document.baseline.items.map(({ key, type }) => [key, type]));
  const rows = await tx
    .select({
      subjectId: currentBaseline.subjectId,
      key: currentBaseline.itemKey,
      value: currentBaseline.value,
      versionId: currentBaseline.protocolVersionId,
    })
    .from(currentBaseline)
    .where(eq(currentBaseline.studyId, studyId))
    .orderBy(asc(currentBaseline.itemKey));
  const versions = await tx
    .select({ id: protocolVersion.id, document: protocolVersion.document })
    .from(protocolVersion)
    .where(
      and(
        eq(protocolVersion.studyId, studyId),
        inArray(protocolVersion.id, [...new Set(rows.map(({ versionId }) => versionId))]),
      ),
    );
  const itemsOf = new Map<string, Items>(
    versions.map(({ id, document }) => [id, readProtocol(document).baseline.items]),
  );
  return rows.flatMap(({ versionId, value, ...row }) => {
    const type = typeOf.get(row.key);
    if (type !== "number" && type !== "choice") return [];
    const recordedAs = itemsOf.get(versionId)?.find(({ key }) => key === row.key);
    return [{ ...row, value: recordedAs?.type === type && isValueOf(recordedAs, value) ? value : null }];
  });
}

function isValueOf(item: Items[number], value: ItemValue): boolean {
  return item.type === "choice" ? item.options.some(({ key }) => key === value) : typeof value === "number";
}
