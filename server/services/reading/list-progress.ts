import { and, asc, count, desc, eq, isNull, max, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import {
  membership,
  person,
  readingClosure,
  readingList,
  readingProgress,
  readingReminder,
  washOutOverride,
} from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { type ListSignature, listState } from "@/server/schemas/reading";
import { studyCounts } from "@/server/services/study/study-counts";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { lackingCases } from "./lacking-cases";
import { listSignatures } from "./list-signatures";

const dayMs = 86_400_000;

const moment = z.coerce.date().nullable();
const states = z.array(
  z.object({
    list_id: z.string(),
    opens_at: moment,
    state: listState,
    last_read_at: moment,
    has_left: z.boolean(),
  }),
);
const orders = z.array(z.object({ list_id: z.string(), seed: z.string(), order_sha256: z.string() }));

function standingOf(signature: ListSignature["signature"] | undefined): "none" | "stands" | "outdated" | null {
  if (signature === undefined) return null;
  if (signature === null) return "none";
  return signature.stands ? "stands" : "outdated";
}

/**
 * How far each reader is in each condition, and how fast: that cases were read, never what. In which order, once the database is locked.
 * A list is quiet since its reader, who is still here, could read it and read nothing, of it or of another.
 */
export async function listProgress(tx: Tx, actor: StudyActor) {
  const { document } = await studyProtocol(tx, actor);
  const done = tx
    .select({
      listId: readingProgress.listId,
      done: count().as("done"),
      last: max(readingProgress.submittedAt).as("last"),
      lastWeek:
        sql<number>`(count(*) filter (where ${readingProgress.submittedAt} > now() - interval '168 hours'))::int`.as(
          "last_week",
        ),
    })
    .from(readingProgress)
    .groupBy(readingProgress.listId)
    .as("done");
  const lists = await tx
    .select({
      readerCode: membership.readerCode,
      reader: person.name,
      condition: readingList.conditionKey,
      batch: readingList.batch,
      total: sql<number>`nw.list_length(${readingList.id})`,
      done: sql<number>`coalesce(${done.done}, 0)::int`,
      lastSubmittedAt: done.last,
      lastWeek: sql<number>`coalesce(${done.lastWeek}, 0)::int`,
      drawnAt: readingList.drawnAt,
      now: sql<Date>`now()`.mapWith(readingList.drawnAt),
      id: readingList.id,
      closed: readingClosure.reason,
    })
    .from(readingList)
    .innerJoin(membership, eq(membership.id, readingList.membershipId))
    .innerJoin(person, eq(person.id, membership.personId))
    .leftJoin(done, eq(done.listId, readingList.id))
    .leftJoin(readingClosure, eq(readingClosure.listId, readingList.id))
    .where(eq(readingList.studyId, actor.studyId))
    .orderBy(asc(membership.readerCode), asc(readingList.conditionOrdinal), asc(readingList.batch));
  const stateOf = new Map(
    states.parse([...(await tx.execute(sql`select * from nw.list_states()`))]).map((row) => [row.list_id, row]),
  );
  const readers = await tx
    .select({
      readerCode: sql<string>`${membership.readerCode}`,
      name: person.name,
      remindedAt:
        sql<Date | null>`(select max(${readingReminder.remindedAt}) from ${readingReminder} where ${readingReminder.membershipId} = ${membership.id})`.mapWith(
          readingReminder.remindedAt,
        ),
    })
    .from(membership)
    .innerJoin(person, eq(person.id, membership.personId))
    .where(and(eq(membership.studyId, actor.studyId), eq(membership.role, "reader"), isNull(membership.endedAt)))
    .orderBy(asc(membership.readerCode));
  const overrides = await tx
    .select({
      id: washOutOverride.id,
      listId: washOutOverride.listId,
      readerCode: sql<string>`${membership.readerCode}`,
      condition: readingList.conditionKey,
      batch: readingList.batch,
      opensAt: washOutOverride.opensAt,
      washOutDays: washOutOverride.washOutDays,
      reason: washOutOverride.reason,
      by: washOutOverride.signedName,
      at: washOutOverride.signedAt,
    })
    .from(washOutOverride)
    .innerJoin(readingList, eq(readingList.id, washOutOverride.listId))
    .innerJoin(membership, eq(membership.id, readingList.membershipId))
    .where(eq(washOutOverride.studyId, actor.studyId))
    .orderBy(desc(washOutOverride.signedAt));
  const overriddenAt = new Map(overrides.toReversed().map(({ listId, at }) => [listId, at]));
  const lacking = await lackingCases(tx, document);
  const drawn = orders.parse([...(await tx.execute(sql`select * from nw.drawn_orders()`))]);
  const orderOf = new Map(drawn.map(({ list_id, seed, order_sha256 }) => [list_id, { seed, sha256: order_sha256 }]));
  const signatures = new Map((await listSignatures(tx)).map((each) => [each.listId, each.signature]));
  const { counts } = await studyCounts(tx, actor);
  const { repeats } = document.reading;
  const labels = new Map(document.conditions.map((condition) => [condition.key, condition.label]));
  return {
    lists: lists.flatMap(({ id, drawnAt, now, ...list }) => {
      const state = stateOf.get(id);
      if (!state) return [];
      const isOpen = state.state === "open";
      // One that was opened before its wash-out was over has been open since.
      const openedAt =
        (isOpen && state.opens_at && state.opens_at > now ? overriddenAt.get(id) : state.opens_at) ?? null;
      const daysSince = (...moments: readonly (Date | null)[]) =>
        (now.getTime() - Math.max(...moments.map((at) => at?.getTime() ?? 0))) / dayMs;
      // Of a list that opened yesterday a week has not passed.
      const days = Math.min(7, Math.max(1, daysSince(drawnAt, openedAt)));
      return {
        ...list,
        id,
        state: state.state,
        opensAt: state.state === "wash-out" ? state.opens_at : null,
        doneAbout:
          isOpen && list.lastWeek > 0
            ? new Date(now.getTime() + ((list.total - list.done) / list.lastWeek) * days * dayMs)
            : null,
        quietDays: isOpen && !state.has_left ? Math.floor(daysSince(drawnAt, openedAt, state.last_read_at)) : null,
        signature: standingOf(signatures.get(id)),
        signedAt: signatures.get(id)?.at ?? null,
        order: orderOf.get(id) ?? null,
        readerCode: list.readerCode ?? "",
        condition: labels.get(list.condition) ?? list.condition,
      };
    }),
    readers,
    overrides: overrides.map(({ listId: _, ...each }) => ({
      ...each,
      condition: labels.get(each.condition) ?? each.condition,
    })),
    unit: document.reading.case,
    repeats: repeats ? { cases: repeats.cases, apart: repeats.apart } : null,
    checksDisplays: document.reading.displayCheck !== undefined,
    lacking: lacking.flatMap(({ readerCode, cases }) => (cases > 0 ? [{ readerCode, cases }] : [])),
    tooLate: lacking.flatMap(({ readerCode, tooLate }) => (tooLate > 0 ? [{ readerCode, cases: tooLate }] : [])),
    lackingCrops: counts.nodesLackingCrops,
  };
}
