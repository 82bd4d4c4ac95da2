import { sql } from "drizzle-orm";
import type postgres from "postgres";
import type { Tx } from "./client";

/**
 * What is written by one transaction at a time, and of what: whoever looks and then writes holds it. SQL functions hold theirs, too (`nw.take_lock`):
 * "roles of a person" (`db/functions/membership.sql`), "reads of a reader" (`db/functions/reading.sql`), "refusals of a person" (`db/functions/audit.sql`),
 * "images to look at" (`db/functions/look.sql`, by the worker's claim of no study) and those of a check on one row. A lock is one of the claim's study, but for an address and a slug, which all studies share (`db/functions/lock.sql` names those
 * two as well).
 */
export type Purpose =
  /** Subjects and what hangs on them, of a study: numbers are given and files are imported one after the other. */
  | "records of a study"
  /** Cases are put into schedules once, of a study. */
  | "reading schedule of a study"
  /** A reader is reminded once, of a code. */
  | "reminders of a reader"
  /** Ordinals of nodes are given one after the other, of a subject. */
  | "nodes of a subject"
  /** Images from the scanner, of an exam. */
  | "images of an exam"
  /** What a person decides of a held image, of its id. */
  | "a held image"
  /** Images come to what waits in the inbox, or it is decided, of what waits. */
  | "what waits"
  /** A picture that comes is held against those that are there, of a study. */
  | "pictures of a study"
  /** Crops, the exclusion and reports, of a node. */
  | "records of a node"
  /** A file is named by a row, or deleted because none names it, of its hash. */
  | "a stored file"
  /** Somebody without an account gets one, of an address. */
  | "account of an address"
  /** A study is founded, of an address among the pages. */
  | "study of a slug"
  /** Scores, explanations and files are asked for once, of a run. */
  | "tasks of a run"
  /** A code is given to a reader, of a study. */
  | "reader codes of a study"
  /** A question of numbers is asked once, of a study. */
  | "analyses of a study"
  /** A report is made once at a time, of a study. */
  | "reports of a study"
  /** Scores of models that were trained elsewhere, of a study. */
  | "imported scores of a study";

/** Waits for the advisory lock of this purpose and keeps it to the end of the transaction. */
export async function hold(tx: Tx, purpose: Purpose, id: string): Promise<void> {
  await tx.execute(sql`select nw.hold(${purpose}, ${id})`);
}

/** Waits until nobody else migrates on this cluster; kept until the connection ends. */
export async function holdForMigration(admin: postgres.Sql): Promise<void> {
  await admin`select pg_advisory_lock(7236401)`;
}
