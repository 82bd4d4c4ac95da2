import { randomInt, randomUUID } from "node:crypto";
import { and, eq, isNull, max, sql } from "drizzle-orm";
import { drawSchedule, occasionOf } from "@/core/reading/schedule";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { membership, readingList, readingSlot } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { unitOfCases } from "./unit-of-cases";

const largestSeed = 2_147_483_647;
const rowsPerInsert = 2_000;

/**
 * Draws the reading order of every reader in every condition over the cases that no schedule holds yet, images or whole nodes as the protocol says:
 * seeded, stored, hashed, and different for each list. Cases that come later make a further batch.
 * @throws AppError "conflict" when there is no reader or nothing to schedule
 */
export async function drawSchedules(tx: Tx, actor: StudyActor) {
  await hold(tx, "reading schedule of a study", actor.studyId);
  const protocol = await studyProtocol(tx, actor);
  const { conditions } = protocol.document;
  const readers = await tx
    .select({ id: membership.id, code: membership.readerCode })
    .from(membership)
    .where(and(eq(membership.studyId, actor.studyId), eq(membership.role, "reader"), isNull(membership.endedAt)));
  if (readers.length === 0) throw new AppError("conflict", { key: "errors.no_reader" });
  const cases = (
    await tx.execute<{ case_id: string }>(
      sql`select case_id from nw.make_unscheduled(${unitOfCases(protocol.document)})`,
    )
  ).map((row) => row.case_id);
  if (cases.length === 0) throw new AppError("conflict", { key: "errors.nothing_to_schedule" });
  const [highest] = await tx
    .select({ batch: max(readingList.batch) })
    .from(readingList)
    .where(eq(readingList.studyId, actor.studyId));
  const batch = (highest?.batch ?? 0) + 1;
  for (const reader of readers) {
    for (const [conditionOrdinal, condition] of conditions.entries()) {
      const seed = randomInt(largestSeed);
      const order = drawSchedule({ items: cases, seed });
      const occasion = occasionOf(condition, conditions);
      const listId = randomUUID();
      await tx.insert(readingList).values({
        id: listId,
        studyId: actor.studyId,
        membershipId: reader.id,
        protocolVersionId: protocol.id,
        conditionKey: condition.key,
        conditionOrdinal,
        batch,
        shows: condition.shows,
        washOutDays: condition.washOutDays,
        seed,
        orderSha256: sha256(order.join("\n")),
      });
      const slots = order.map((caseId, index) => ({
        studyId: actor.studyId,
        listId,
        position: index + 1,
        caseId,
        occasion,
      }));
      for (let from = 0; from < slots.length; from += rowsPerInsert)
        await tx.insert(readingSlot).values(slots.slice(from, from + rowsPerInsert));
    }
  }
  await record(tx, "schedule.drawn", {
    detail: {
      cases: cases.length,
      readers: readers.map((reader) => reader.code),
      conditions: conditions.map((each) => each.key),
      batch,
    },
  });
  return { cases: cases.length, readers: readers.length };
}
