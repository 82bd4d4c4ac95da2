import { checkValues, type ItemValue, isOutOfRange } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { baselineValue } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError, firstOf } from "@/server/errors";
import type { GivenValues } from "@/server/schemas/enrolment";
import { dayAtSite } from "@/server/services/study/day-at-site";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { ofItem } from "./of-item";
import { recordedValues } from "./recorded-values";

/**
 * The values' part of a screening, an enrolment or a later visit. The caller holds the records of the study.
 * @returns the keys of what was written
 */
export async function writeValues(
  tx: Tx,
  actor: StudyActor,
  {
    subjectId,
    values,
    reason,
    enrolled,
  }: { subjectId: string; values: GivenValues; reason: string | null; enrolled: boolean },
): Promise<string[]> {
  const { document, id: protocolVersionId } = await studyProtocol(tx, actor);
  const { items } = document.baseline;
  const labelOf = (key: string) => items.find((item) => item.key === key)?.label ?? key;
  const given = Object.entries(values);
  const withdrawn = given.filter(([, value]) => value === null).map(([key]) => key);
  const checked = checkValues(
    items,
    Object.fromEntries(given.filter(([, value]) => value !== null)),
    await dayAtSite(tx, actor),
    reason ? "taken" : "asked",
  );
  const before = await recordedValues(tx, { studyId: actor.studyId, subjectId });

  const after: [key: string, value: ItemValue | null][] = [
    ...Object.entries(checked.values).filter(([key, value]) => before[key] !== value),
    ...withdrawn.filter((key) => before[key] !== undefined).map((key): [string, null] => [key, null]),
  ];
  const liesOutside = (key: string, value: ItemValue | null) =>
    value !== null && items.some((item) => item.key === key && isOutOfRange(item, value));
  const problems = [
    ...Object.entries(checked.problems).map(([key, problem]) => ofItem(labelOf(key), problem)),
    ...withdrawn
      .filter((key) => enrolled && items.some((item) => item.key === key && item.required))
      .map((key) => ofItem(labelOf(key), { key: "fields.item_kept" })),
    ...after
      .filter(([key]) => before[key] !== undefined && !reason)
      .map(([key]) => ofItem(labelOf(key), { key: "fields.item_recorded", values: { value: before[key] ?? "" } })),
  ];
  if (problems.length > 0) throw new AppError("invalid", { key: "errors.values_refused" }, firstOf(problems));
  await insertInChunks(
    tx,
    baselineValue,
    after.map(([itemKey, value]) => ({
      studyId: actor.studyId,
      subjectId,
      protocolVersionId,
      itemKey,
      value,
      reason: before[itemKey] !== undefined || liesOutside(itemKey, value) ? reason : null,
    })),
  );
  return after.map(([key]) => key);
}
