import { createHmac } from "node:crypto";
import { DrizzleQueryError, sql } from "drizzle-orm";
import { z } from "zod";
import { connect, type Tx } from "./client";
import type { ActorRole } from "./schema/roles";

export type { Tx } from "./client";
export { type ActorRole, type StudyRole, studyRoles } from "./schema/roles";

/** On whose behalf a transaction runs. Ids are UUIDs; `siteId` null means every site of the study. */
export interface Actor {
  role: ActorRole;
  personId: string | null;
  studyId: string | null;
  siteId: string | null;
  membershipId: string | null;
}

/** What Postgres said, without the statement and its values: those may be somebody's data. */
export class DatabaseError extends Error {
  override name = "DatabaseError";
  constructor(
    readonly code: string,
    message: string,
    /** The constraint that was hurt; where a function of ours refused (SQLSTATE NW...), the key of its sentence. */
    readonly constraint: string | undefined,
    /** The values of that sentence. */
    readonly values: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** The database did not answer, or ended the connection: nothing was wrong with what was asked. */
  get isOfConnection(): boolean {
    return /^(08|57P|CONNECTION_|CONNECT_|ECONN|EPIPE|ETIMEDOUT)/.test(this.code);
  }
}

/** Seconds for which a claim counts: longer than any transaction, too short to be of use in a log. */
const claimSeconds = 900;

/** @param transaction as `nw.this_transaction()` names it: in any other the claim counts for nothing */
function sign(actor: Actor, transaction: string, secret: string): string {
  const expires = Math.floor(Date.now() / 1000) + claimSeconds;
  const payload = [actor.role, actor.personId, actor.studyId, actor.siteId, actor.membershipId, transaction, expires]
    .map((part) => part ?? "")
    .join("|");
  return `${payload}|${createHmac("sha256", secret).update(payload).digest("hex")}`;
}

/** As a word of a statement: SET takes no parameters, and nobody may call `set_config` (db/migrate.ts). */
function literal(text: string): string {
  if (!/^[\w|:.-]+$/.test(text)) throw new Error("An actor has ids and nothing else.");
  return `'${text}'`;
}

/** The detail of our own refusals is an object of values; that of Postgres's may hold somebody's data and stays here. */
function valuesOf(cause: Error & { code?: unknown; detail?: unknown }): Record<string, unknown> {
  if (typeof cause.code !== "string" || !cause.code.startsWith("NW") || typeof cause.detail !== "string") return {};
  return z.record(z.string(), z.unknown()).parse(JSON.parse(cause.detail));
}

function toDatabaseError(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  // SQLSTATEs and the driver's codes are capitals and digits; an error of our own has other codes and passes as it is.
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string" && /^[0-9A-Z_]+$/.test(cause.code)) {
    const constraint =
      "constraint_name" in cause && typeof cause.constraint_name === "string" ? cause.constraint_name : undefined;
    return new DatabaseError(cause.code, cause.message, constraint, valuesOf(cause));
  }
  return error instanceof DrizzleQueryError
    ? new DatabaseError("unknown", "The database refused the statement.", undefined)
    : error;
}

/**
 * What an earlier transaction may have set for its whole connection is not the next person's: settings, statements with names, cursors that outlive their transaction,
 * channels that it listens to, and how a transaction begins. (Its role and claim are set anew.)
 */
const asAtFirst = sql.raw(
  "reset all; set transaction isolation level read committed, read write, not deferrable; deallocate all; close all; unlisten *",
);

/**
 * Opens the only door to data. `withActor(actor, fn)` runs `fn` in one transaction as the Postgres role of the actor, with the
 * actor's signed claim; both end with the transaction. Keep `fn` short: no upload, image decoding or model call inside.
 * @throws DatabaseError with the SQLSTATE (NW001 locked, NW003 leaky membership, ... see db/CONVENTIONS.md)
 */
export function openDoor({ url, secret, max }: { url: string; secret: string; max?: number }) {
  let current = connect(url, max);
  return {
    async withActor<T>(actor: Actor, fn: (tx: Tx) => Promise<T>): Promise<T> {
      const used = current;
      try {
        return await used.db.transaction(async (tx) => {
          // One after the other, in one round trip.
          const [, [now]] = await Promise.all([
            tx.execute(asAtFirst),
            tx.execute<{ transaction: string }>(
              sql`select pg_backend_pid() || ':' || extract(epoch from transaction_timestamp()) as transaction`,
            ),
          ]);
          const claim = literal(sign(actor, now?.transaction ?? "", secret));
          // Sent now; the first statement of `fn` goes behind it without waiting, and says nothing in a transaction in which this one failed: that ends once `fn` has.
          const claimed = tx
            .execute(sql.raw(`set local role ${literal(`nw_${actor.role}`)}; set local nodewise.actor = ${claim}`))
            .execute();
          const [stands, result] = await Promise.allSettled([claimed, (async () => fn(tx))()]);
          if (stands.status === "rejected") throw stands.reason;
          if (result.status === "rejected") throw result.reason;
          return result.value;
        });
      } catch (error) {
        const known = toDatabaseError(error);
        if (known instanceof DatabaseError && known.isOfConnection && used === current) {
          // A pool that has lost a connection waits ever longer before it connects again, and may never (postgres.js 3.4.9 clears a pending
          // write without forgetting it). What runs on its other connections ends there.
          current = connect(url, max);
          used.pool.end({ timeout: 60 }).catch(() => {});
        }
        throw known;
      }
    },
    close: () => current.pool.end({ timeout: 5 }),
  };
}

export type Door = ReturnType<typeof openDoor>;
