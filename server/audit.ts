import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";

/**
 * Every deed that the audit trail names. Person, role and study are taken from the signed claim by the database, which also says who notes which, and what
 * must have been written for it (`nw.deeds()` in `db/functions/audit.sql`).
 * `detail` never holds a blinded value (size, pathology, score, call) or an identity.
 */
export const auditActions = [
  "command.run", // the command line took a study in hand; the person says which user of the operating system
  "account.created", // written by nw.note_account()
  "account.closed", // nobody signs in to it any more
  "account.opened", // ... and again they do
  "password.changed", // by its owner, who knew the one before; written by nw.change_password()
  "password.link_made", // somebody gave a person a link to set a new one
  "password.link_used",
  "session.opened", // somebody signed in
  "session.closed", // somebody signed out; written, as the next, by nw.close_session()
  "session.revoked", // ended by its person from another browser
  "sign_in.refused", // a wrong password, an unknown address or a closed account
  "sign_in.paused", // the last wrong password of many: for a while none is looked at
  "study.created",
  "study.protocol_changed", // another protocol version counts from here on; written by nw.note_protocol_change()
  "study.locked", // with its counts; written by nw.lock_study()
  "site.time_zone_set",
  "member.added", // in a role that counts at once; written, as the next and member.ended, by nw.note_member()
  "member.proposed", // in a role that waits for a second person
  "member.confirmed", // by that person, or by the operator of the server; written by nw.confirm_member()
  "member.ended",
  "subject.screened",
  "subject.enrolled",
  "consent.withdrawn", // and how far
  "baseline.recorded", // values of a visit, or a correction
  "identity.viewed", // somebody looked at who subjects are; written by nw.look_at_identity()
  "node.added",
  "node.remeasured",
  "node.excluded",
  "images.uploaded", // files of an exam began to come: a folder, an association, a request
  "images.turned_away", // sent over the network, of no subject or exam of the site: how many, for what reasons
  "inbox.viewed", // somebody looked at whose images wait; written by nw.look_at_inbox()
  "inbox.matched", // what waited was put into an exam, by a person or by rule
  "inbox.turned_away", // what waited was not taken
  "image.held", // somebody has to look at it: burned-in text, another patient; of letters that the worker saw, written by nw.note_look()
  "image.decided", // what a person decided of a held one
  "image_quality.judged",
  "crop.uploaded",
  "crop.replaced",
  "schedule.drawn",
  "reading.closed", // what a reader had left to read is read no more; written by nw.note_closure()
  "reader.reminded", // by mail, of what is open
  "case.shown", // a case was handed to a reader; written by nw.open_case() and with a read
  "case.shown_again", // the case read last was shown for a correction; written by nw.open_case()
  "read.submitted", // written by nw.submit_answer() and nw.submit_read()
  "read.corrected", // written by nw.correct_read()
  "practice.ended", // a reader answered the last case of a round; written by nw.submit_practice()
  "reading.wash_out_overridden", // a list was opened before its wash-out was over, signed with the password; written by nw.override_wash_out()
  "reads.signed", // those of a list, by their reader with the password; written by nw.sign_reads()
  "pathology.reported",
  "pathology.corrected",
  "records.imported", // command line or demonstration
  "analysis.queued",
  "analysis.computed", // written by the worker, with the hash of what went in
  "bundle.queued", // the data of a comparison were asked for as a file
  "bundle.taken", // ... and fetched; its hash stands there
  "images.exported", // the command line wrote the images of the study for other programs; the hash of their sums stands there
  "report.queued", // the paper was asked for, out of a comparison
  "report.made", // written by the worker, with the hashes of its files
  "run.queued", // written by nw.note_run()
  "run.cancelled",
  "run.resumed",
  "run.task_queued", // a run was asked for scores, an explanation or a file
  "run.file_taken", // an exported model or a model card was fetched
  "scores.imported", // of a model that was trained elsewhere; written by nw.note_run()
  "scores.exported", // command line: scores and truth of every image
  "analysis.viewed", // each look at readers and network against the truth
  "figures.viewed", // each look at what runs are worth, alone or beside each other, at scores beside the truth, at cases, and at the truth by imported scores that bring one, by contradictions or by why a run failed; an open page is one look a quarter of an hour
  "unblinding.recorded", // somebody was told before the lock what is hidden, on purpose or in an emergency; what kind of thing, never the value
  "study.unblinded", // the first of these looks and exports; written by nw.note_unblinding()
  "analysis.exported", // its table as a file, the whole by the command line, or a report
  "access.refused", // the first of an action a quarter of an hour; written by nw.record_refusal()
] as const;
export type AuditAction = (typeof auditActions)[number];

/** What a deed can be about. */
export const auditEntities = [
  "action", // what was refused; written by nw.record_refusal()
  "analysis",
  "bundle",
  "command",
  "comparison",
  "demonstration",
  "exam",
  "image",
  "manifest",
  "model_run",
  "node",
  "person",
  "protocol_version",
  "reader",
  "reading_list", // written by nw.sign_reads()
  "reading_slot", // written by the functions that readers work through
  "reads",
  "report",
  "run_task",
  "site",
  "study",
  "subject",
] as const;
export type AuditEntity = (typeof auditEntities)[number];

/** Writes who did what, and why, in the transaction of the deed. */
export async function record(
  tx: Tx,
  action: AuditAction,
  about: { entity?: AuditEntity; entityId?: string; reason?: string; detail?: Record<string, unknown> } = {},
): Promise<void> {
  const detail = about.detail ? JSON.stringify(about.detail) : null;
  await tx.execute(
    sql`select nw.record(${action}, ${about.entity ?? null}, ${about.entityId ?? null}, ${about.reason ?? null}, ${detail}::jsonb)`,
  );
}
