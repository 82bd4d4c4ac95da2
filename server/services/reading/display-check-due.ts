import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import { displayCheckAsked } from "@/server/schemas/reading";

const asked = z.tuple([z.object({ due: displayCheckAsked.nullable() })]);

/** What the protocol asks of the reader's screen before a case is opened; null: nothing, or it was looked at in this session. */
export async function displayCheckDue(tx: Tx) {
  return asked.parse([...(await tx.execute(sql`select nw.display_check_due() as due`))])[0].due;
}
