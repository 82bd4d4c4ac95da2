import type { PgTable } from "drizzle-orm/pg-core";
import type { z } from "zod";

/** How the rows of a table are kept; the migration step makes the triggers (`db/guards.ts`). */
export interface Keeping {
  /** Nothing changes and nothing goes: a correction is a new row. */
  appendOnly?: true;
  /** Above the model: written until the database of the study is locked. */
  untilLock?: true;
  /** Each change stands in `audit_change`; of an update, not where these columns alone changed (SQL names). */
  audited?: true | { exceptFor: readonly string[] };
  /** The functions of the database remove what says nothing any more: of no table else do they remove anything. */
  forgotten?: true;
  /** What a document of it is that pages read again, by its column (SQL name): a row that comes in is of that (`nw.refuse_unreadable`). */
  documents?: Readonly<Record<string, z.ZodType>>;
  /** Bytes of the texts and documents of its largest row; left out: `bounded`. */
  largest?: number;
}

/**
 * Bytes of the texts and documents of the largest row of most tables: many times what the services take (`server/schemas`), and too little to fill a disk at once
 * for whoever writes without them.
 */
export const bounded = 65_536;

const keepings = new Map<PgTable, Keeping>();

/** Says how a table's rows are kept: stands below the table. A table of which nothing is said may be changed by whoever has a grant, without a trace. */
export function kept(table: PgTable, keeping: Keeping): void {
  keepings.set(table, keeping);
}

export const keepingOf = (table: PgTable): Keeping => keepings.get(table) ?? {};
