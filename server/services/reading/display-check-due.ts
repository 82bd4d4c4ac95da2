import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import { displayCheckAsked } from "@/server/schemas/reading";

const asked = z.tuple([z.object({ due: displayCheckAsked.nullable() })]);

/** What the protocol asks of the reader's screen before a case is opened; null: nothing, it was looked at in this session, or no case is to be read, of practice neither. */
export async function displayCheckDue(tx: Tx) {
  const rows = await tx.execute(
    sql`select case when exists (select from nw.my_lists() where state in ('open', 'practice')) then d.due end as due from nw.display_check_due() d (due)`,
  );
  return asked.parse([...rows])[0].due;
}
