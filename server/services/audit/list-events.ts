import { and, desc, eq, isNull, lt } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { auditEvent, person } from "@/db/schema";

const pageSize = 200;

/**
 * The audit trail of a study, or of what belongs to none (accounts and sessions), newest first, a page at a time. Events hold no blinded value; the
 * values themselves open at the lock.
 */
export async function listEvents(tx: Tx, actor: { studyId: string | null }, options: { before: number | null }) {
  const rows = await tx
    .select({
      id: auditEvent.id,
      at: auditEvent.at,
      by: person.name,
      role: auditEvent.role,
      action: auditEvent.action,
      entity: auditEvent.entity,
      entityId: auditEvent.entityId,
      reason: auditEvent.reason,
    })
    .from(auditEvent)
    .leftJoin(person, eq(person.id, auditEvent.personId))
    .where(
      and(
        actor.studyId === null ? isNull(auditEvent.studyId) : eq(auditEvent.studyId, actor.studyId),
        options.before === null ? undefined : lt(auditEvent.id, options.before),
      ),
    )
    .orderBy(desc(auditEvent.id))
    .limit(pageSize);
  return {
    events: rows.map((row) => ({ ...row, by: row.by ?? "–", role: row.role.replace(/^nw_/, "") })),
    next: rows.length === pageSize ? (rows.at(-1)?.id ?? null) : null,
  };
}
