import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { membership } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { lackingCases } from "./lacking-cases";

/**
 * Draws, for each reader in each condition, the order of the cases that this reader has in no list of it, images or whole nodes as the protocol says:
 * seeded, stored, hashed, and different for each list. The database draws (`nw.draw_list()`): nobody who asks for it sees the order.
 * Cases and readers that come later make a further batch.
 * What comes late for a node of which a reader is shown more already, in a later condition, is left out for that reader.
 * @returns how many cases were drawn for whoever lacked most, for how many readers, and how many were left out of which reader
 * @throws AppError "conflict" when there is no reader or nothing to schedule, or when conditions differ in their modality
 */
export async function drawSchedules(tx: Tx, actor: StudyActor) {
  await hold(tx, "reading schedule of a study", actor.studyId);
  const protocol = await studyProtocol(tx, actor);
  const { conditions } = protocol.document;
  if (new Set(conditions.map(({ modality }) => modality)).size > 1)
    throw new AppError("conflict", { key: "errors.modalities_are_imported" });
  const readers = await tx
    .select({ id: membership.id, code: membership.readerCode })
    .from(membership)
    .where(and(eq(membership.studyId, actor.studyId), eq(membership.role, "reader"), isNull(membership.endedAt)));
  if (readers.length === 0) throw new AppError("conflict", { key: "errors.no_reader" });
  const drawnFor = new Set<string | null>();
  let cases = 0;
  for (const reader of readers) {
    for (const condition of conditions) {
      const [list] = await tx.execute<{ cases: number }>(
        sql`select nw.draw_list(${reader.id}, ${condition.key}) as cases`,
      );
      if (!list?.cases) continue;
      cases = Math.max(cases, list.cases);
      drawnFor.add(reader.code);
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
    detail: { cases, readers: [...drawnFor], conditions: conditions.map((each) => each.key), tooLate },
  });
  return { cases, readers: drawnFor.size, tooLate };
}
