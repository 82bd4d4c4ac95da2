import { and, asc, eq } from "drizzle-orm";
import { z } from "zod";
import type { Protocol } from "@/core/protocol/protocol";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { caseCrop, crop, read, readingCase } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { PassportRead } from "@/server/schemas/passport";

const found = z.record(z.string(), z.unknown()).catch({});

/** Every read of a node's images as it was given, by reader and condition; one that was corrected stands before what took its place. */
export async function readsOf(
  tx: Tx,
  { studyId }: StudyActor,
  { nodeId, document }: { nodeId: string; document: Protocol },
): Promise<PassportRead[]> {
  const rows = await tx
    .select({ read })
    .from(read)
    .innerJoin(readingCase, eq(readingCase.id, read.caseId))
    .where(and(eq(read.studyId, studyId), eq(readingCase.nodeId, nodeId)))
    .orderBy(asc(read.submittedAt), asc(read.id));
  const places = await tx
    .select({ caseId: caseCrop.caseId, plane: crop.plane })
    .from(caseCrop)
    .innerJoin(crop, eq(crop.id, caseCrop.cropId))
    .where(and(eq(caseCrop.studyId, studyId), eq(crop.nodeId, nodeId)))
    .orderBy(asc(caseCrop.ordinal));
  const corrected = new Set(rows.map((row) => row.read.supersedes));
  const order = document.conditions.map(({ key }) => key);
  const labelOf = (key: string) => document.conditions.find((each) => each.key === key)?.label ?? key;
  const reasonOf = (key: string | null) =>
    document.form.notEvaluable?.reasons.find((each) => each.key === key)?.label ?? key;
  return rows
    .map((row) => row.read)
    .sort(
      (a, b) =>
        naturalOrder(a.readerCode, b.readerCode) || order.indexOf(a.conditionKey) - order.indexOf(b.conditionKey),
    )
    .map((each) => ({
      id: each.id,
      reader: each.readerCode,
      condition: labelOf(each.conditionKey),
      occasion: each.occasion,
      planes: places.filter(({ caseId }) => caseId === each.caseId).map(({ plane }) => plane),
      call: each.call,
      notEvaluable: reasonOf(each.notEvaluable),
      signs: document.form.criteria
        .filter(({ key }) => found.parse(each.criteria)[key] === true)
        .map(({ label }) => label),
      confidence: each.confidence,
      rating: each.rating,
      source: each.source,
      at: each.submittedAt,
      correctionReason: each.correctionReason,
      counts: !corrected.has(each.id),
    }));
}
