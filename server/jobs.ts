import { type SQL, sql } from "drizzle-orm";
import PgBoss from "pg-boss";
import type { Tx } from "@/db/actor";
import { queues } from "@/db/queues";

/** pg-boss gives `$1, $2, ...` and values; drizzle wants a template. */
function statement(text: string, values: readonly unknown[]): SQL {
  const parts = text.split(/\$(\d+)/);
  const chunks = parts.map((part, i) => {
    if (i % 2 === 0) return sql.raw(part);
    const value = values[Number(part) - 1];
    return sql`${typeof value === "object" && value !== null ? JSON.stringify(value) : (value ?? null)}`;
  });
  return sql.join(chunks);
}

let sender: PgBoss | undefined;

/**
 * Adds a job in the transaction of the deed that needs it: both are there, or neither.
 * @param id makes the job findable by the record it works on; the payload holds ids only
 */
export async function enqueue(
  tx: Tx,
  queue: keyof typeof queues,
  id: string,
  payload: Record<string, string>,
): Promise<void> {
  const db = {
    executeSql: async (text: string, values: unknown[]) => ({ rows: [...(await tx.execute(statement(text, values)))] }),
  };
  sender ??= new PgBoss({ db });
  await sender.send(queues[queue].name, payload, { id, db });
}
