import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";

/** Whether accounts of the demonstration, whose password everybody knows, stand open beside a study that is no demonstration. Runs before signing in. */
export async function besideStudy(tx: Tx): Promise<boolean> {
  const [row] = await tx.execute<{ yes: boolean }>(sql`select nw.demonstration_beside_study() as yes`);
  return row?.yes ?? false;
}
