import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";

const made = z.array(z.object({ id: z.string() }));

/**
 * The cases of these sets of crops, made where they are not there yet: ids in the order of `sets`. The same crops are the same case.
 * @param sets ids of current crops of one node each, as they are shown from left to right
 */
export async function makeCases(tx: Tx, sets: readonly (readonly string[])[]): Promise<string[]> {
  const rows = await tx.execute(sql`select id from nw.make_cases(${JSON.stringify(sets)}::jsonb) order by place`);
  return made.parse([...rows]).map(({ id }) => id);
}
