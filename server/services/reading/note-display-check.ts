import { sql } from "drizzle-orm";
import { z } from "zod";
import type { DisplayCheckResult } from "@/core/reading/display-check";
import type { Tx } from "@/db/actor";

const noted = z.tuple([z.object({ passed: z.boolean() })]);

/** Keeps what came of looking at the reader's screen. @returns whether it is good enough for the protocol */
export async function noteDisplayCheck(tx: Tx, { dark, bright, width, height, pixelRatio }: DisplayCheckResult) {
  const rows = await tx.execute(
    sql`select nw.note_display_check(${dark}, ${bright}, ${width}, ${height}, ${pixelRatio}) as passed`,
  );
  return noted.parse([...rows])[0];
}
