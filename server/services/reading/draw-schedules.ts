import { randomInt, randomUUID } from "node:crypto";
import { and, eq, isNull, max, sql } from "drizzle-orm";
import { drawSchedule } from "@/core/reading/schedule";
import { asWritten } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { membership, readingList, readingSlot } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { showsSize } from "./shows-size";

const largestSeed = 2_147_483_647;
const rowsPerInsert = 2_000;

/**
 * Draws the reading order of every reader in every condition over the crops that no schedule holds yet: seeded, stored, hashed, and
 * different for each list. Crops that come later make a further batch.
 * @throws AppError "conflict" when there is no reader or nothing to schedule
 */
export async function drawSchedules(tx: Tx, actor: StudyActor) {
  const protocol = await studyProtocol(tx, actor);
  if (protocol.document.reading.case === "node")
    throw new AppError(
      "unavailable",
      asWritten("The protocol reads node by node, which this version does not do yet. Nothing was drawn."),
    );
  const crops = (await tx.execute<{ crop_id: string }>(sql`select crop_id from nw.schedulable_crops()`)).map(
    (row) => row.crop_id,
  );
  if (crops.length === 0) throw new AppError("conflict", { key: "errors.nothing_to_schedule" });
  const readers = await tx
    .select({ id: membership.id, code: membership.readerCode })
    .from(membership)
    .where(and(eq(membership.studyId, actor.studyId), eq(membership.role, "reader"), isNull(membership.endedAt)));
  if (readers.length === 0) throw new AppError("conflict", { key: "errors.no_reader" });
  const [highest] = await tx
    .select({ batch: max(readingList.batch) })
    .from(readingList)
    .where(eq(readingList.studyId, actor.studyId));
  const batch = (highest?.batch ?? 0) + 1;
  for (const reader of readers) {
    for (const [conditionOrdinal, condition] of protocol.document.conditions.entries()) {
      const seed = randomInt(largestSeed);
      const order = drawSchedule({ items: crops, seed });
      const listId = randomUUID();
      await tx.insert(readingList).values({
        id: listId,
        studyId: actor.studyId,
        membershipId: reader.id,
        protocolVersionId: protocol.id,
        conditionKey: condition.key,
        conditionOrdinal,
        batch,
        showsSize: showsSize(condition.shows),
        washOutDays: condition.washOutDays,
        seed,
        orderSha256: sha256(order.join("\n")),
      });
      const slots = order.map((cropId, index) => ({ studyId: actor.studyId, listId, position: index + 1, cropId }));
      for (let from = 0; from < slots.length; from += rowsPerInsert)
        await tx.insert(readingSlot).values(slots.slice(from, from + rowsPerInsert));
    }
  }
  await record(tx, "schedule.drawn", {
    detail: {
      crops: crops.length,
      readers: readers.map((reader) => reader.code),
      conditions: protocol.document.conditions.map((each) => each.key),
      batch,
    },
  });
  return { crops: crops.length, readers: readers.length };
}
