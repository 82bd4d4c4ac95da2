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
import { lackingCases } from "./lacking-cases";
import { unitOfCases } from "./unit-of-cases";

const largestSeed = 2_147_483_647;
const rowsPerInsert = 2_000;

/**
 * Draws, for each reader in each condition, the order of the cases that this reader has in no list of it, images or whole nodes as the protocol says:
 * seeded, stored, hashed, and different for each list. Cases and readers that come later make a further batch.
 * What comes late for a node of which a reader is shown more already, in a later condition, is left out for that reader.
 * @returns how many cases were drawn for whoever lacked most, for how many readers, and how many were left out of which reader
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
  const [highest] = await tx
    .select({ batch: max(readingList.batch) })
    .from(readingList)
    .where(eq(readingList.studyId, actor.studyId));
  const batch = (highest?.batch ?? 0) + 1;
  const drawnFor = new Set<string | null>();
  let cases = 0;
  for (const reader of readers) {
    for (const [conditionOrdinal, condition] of conditions.entries()) {
      const lacking = await tx.execute<{ case_id: string }>(
        sql`select case_id from nw.make_lacking(${reader.id}, ${condition.key}, ${unitOfCases(protocol.document)})`,
      );
      if (lacking.length === 0) continue;
      cases = Math.max(cases, lacking.length);
      drawnFor.add(reader.code);
      const seed = randomInt(largestSeed);
      const order = drawSchedule({ items: lacking.map((row) => row.case_id), seed });
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
  const tooLate = (await lackingCases(tx, protocol.document)).flatMap((row) =>
    row.tooLate > 0 ? [{ readerCode: row.readerCode, cases: row.tooLate }] : [],
  );
  if (drawnFor.size === 0)
    throw new AppError(
      "conflict",
      { key: "errors.nothing_to_schedule" },
      tooLate.map((values) => ({
        key: "errors.comes_too_late",
        values: { reader: values.readerCode, cases: values.cases },
      })),
    );
  await record(tx, "schedule.drawn", {
    detail: { cases, readers: [...drawnFor], conditions: conditions.map((each) => each.key), batch, tooLate },
  });
  return { cases, readers: drawnFor.size, tooLate };
}
