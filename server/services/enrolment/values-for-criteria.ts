import { and, eq, max } from "drizzle-orm";
import type { Values } from "@/core/eligibility/evaluate";
import type { Protocol } from "@/core/protocol/protocol";
import type { ItemValue } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { currentSize, studiedNode } from "@/db/schema";
import { currentExam } from "./current-exam";
import { recordedValues } from "./recorded-values";

/** What the record holds of a subject for computed criteria (`core/protocol/criteria.ts`): items, size and exam, as far as this role may see them. */
export async function valuesForCriteria(
  tx: Tx,
  subject: { studyId: string; subjectId: string },
  { items }: Protocol["baseline"],
): Promise<Record<string, ItemValue | null>> {
  const recorded = await recordedValues(tx, subject);
  const [largest] = await tx
    .select({ shortAxisMm: max(currentSize.shortAxisMm) })
    .from(currentSize)
    .innerJoin(studiedNode, and(eq(studiedNode.id, currentSize.nodeId), eq(studiedNode.studyId, currentSize.studyId)))
    .where(and(eq(studiedNode.studyId, subject.studyId), eq(studiedNode.subjectId, subject.subjectId)));
  const values: Values = {
    ...Object.fromEntries(items.map((item) => [item.key, ofItsType(item.type, recorded[item.key])])),
    short_axis_mm: largest?.shortAxisMm ?? null,
    mri_date: (await currentExam(tx, subject))?.performedOn ?? null,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? null]));
}

/** A version may have given an item another type: what was recorded under the older one answers no criterion of this one. */
const ofItsType = (type: Protocol["baseline"]["items"][number]["type"], value: ItemValue | undefined) =>
  typeof value === (type === "number" ? "number" : "string") ? value : null;
