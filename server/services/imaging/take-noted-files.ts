import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { AppError } from "@/server/errors";

/**
 * Begins the transaction that names the files of an attempt: to its end nobody deletes them.
 * @throws AppError "unavailable" when that took so long that they may be gone
 */
export async function takeNotedFiles(tx: Tx, attempt: string): Promise<void> {
  const [answer] = await tx.execute<{ taken: boolean }>(sql`select nw.take_noted_files(${attempt}) as taken`);
  if (!answer?.taken) throw new AppError("unavailable", { key: "errors.stored_too_long_ago" });
}
