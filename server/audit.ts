import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";

/**
 * Every deed that the audit trail names. Person, role and study are taken from the signed claim by the database.
 * `detail` never holds a blinded value (size, pathology, score, call) or an identity.
 */
export type AuditAction =
  | "session.opened" // somebody signed in
  | "session.closed" // somebody signed out, or a session was revoked
  | "study.created"
  | "study.protocol_changed" // a new protocol version counts from here on
  | "study.locked"
  | "member.added"
  | "member.ended"
  | "subject.screened"
  | "subject.enrolled"
  | "consent.withdrawn" // and how far
  | "baseline.recorded" // values of a visit, or a correction
  | "identity.viewed" // somebody looked at who subjects are
  | "node.added"
  | "node.remeasured"
  | "node.excluded"
  | "crop.uploaded"
  | "crop.replaced"
  | "schedule.drawn"
  | "reading.closed" // what a reader had left to read is read no more
  | "case.shown" // a case was handed to a reader; written by nw.open_case() and nw.submit_read()
  | "case.shown_again" // the case read last was shown for a correction; written by nw.open_case()
  | "read.submitted" // written by nw.submit_read()
  | "read.corrected" // written by nw.correct_read()
  | "pathology.reported"
  | "pathology.corrected"
  | "records.imported" // command line or demonstration
  | "analysis.queued"
  | "analysis.computed" // written by the worker, with the hash of what went in
  | "run.queued"
  | "run.cancelled"
  | "run.resumed"
  | "run.task_queued" // a run was asked for scores, an explanation or a file
  | "run.file_taken" // an exported model or a model card was fetched
  | "scores.imported" // of a model that was trained elsewhere
  | "analysis.viewed"
  | "analysis.exported"
  | "command.run" // of the command line, with the operating system's user
  | "access.refused"; // written by nw.record_refusal()

/** Writes who did what, and why, in the transaction of the deed. */
export async function record(
  tx: Tx,
  action: AuditAction,
  about: { entity?: string; entityId?: string; reason?: string; detail?: Record<string, unknown> } = {},
): Promise<void> {
  const detail = about.detail ? JSON.stringify(about.detail) : null;
  await tx.execute(
    sql`select nw.record(${action}, ${about.entity ?? null}, ${about.entityId ?? null}, ${about.reason ?? null}, ${detail}::jsonb)`,
  );
}
