import { checkValues, type ItemValue, today } from "@/core/protocol/values";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { baselineValue } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { insertInChunks } from "@/server/services/import/insert-in-chunks";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { findSubject } from "./find-subject";
import { recordedValues } from "./subject-values";

/** Values as they come in, by item: text or number; "" is no value, null withdraws what is recorded. */
export type GivenValues = Readonly<Record<string, string | number | null>>;

/** A problem with the item that it is about. */
export const ofItem = (item: string, problem: Said): Said => ({ key: "errors.of_item", values: { item, problem } });

/**
 * Records values of a subject, all or none. What is recorded already and the same is passed over.
 * @param options.reason for corrections: a value that replaces or withdraws another. Kept with the value alone: it may say what was recorded, and
 * the trail is seen by those who may not see that
 * @throws AppError "invalid" naming every value that the protocol refuses, or a correction without a reason
 */
export async function recordValues(
  tx: Tx,
  actor: StudyActor,
  options: { number: string; values: GivenValues; reason: string | null },
): Promise<void> {
  await hold(tx, "records of a study", actor.studyId);
  const { id: subjectId, number, status } = await findSubject(tx, actor, options);
  const changed = await writeValues(tx, actor, { ...options, subjectId, enrolled: status === "enrolled" });
  if (changed.length === 0) return;
  await record(tx, "baseline.recorded", {
    entity: "subject",
    entityId: number,
    detail: { items: changed },
  });
}

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
  const checked = checkValues(items, Object.fromEntries(given.filter(([, value]) => value !== null)), today());
  const before = await recordedValues(tx, { studyId: actor.studyId, subjectId });

  const after: [key: string, value: ItemValue | null][] = [
    ...Object.entries(checked.values).filter(([key, value]) => before[key] !== value),
    ...withdrawn.filter((key) => before[key] !== undefined).map((key): [string, null] => [key, null]),
  ];
  const problems = [
    ...Object.entries(checked.problems).map(([key, problem]) => ofItem(labelOf(key), problem)),
    ...withdrawn
      .filter((key) => enrolled && items.some((item) => item.key === key && item.required))
      .map((key) => ofItem(labelOf(key), { key: "fields.item_kept" })),
    ...after
      .filter(([key]) => before[key] !== undefined && !reason)
      .map(([key]) => ofItem(labelOf(key), { key: "fields.item_recorded", values: { value: before[key] ?? "" } })),
  ];
  if (problems.length > 0) throw new AppError("invalid", { key: "errors.values_refused" }, problems);
  await insertInChunks(
    tx,
    baselineValue,
    after.map(([itemKey, value]) => ({
      studyId: actor.studyId,
      subjectId,
      protocolVersionId,
      itemKey,
      value,
      reason: before[itemKey] === undefined ? null : reason,
    })),
  );
  return after.map(([key]) => key);
}
