import { sql } from "drizzle-orm";
import { signInActor, withActor } from "@/server/door";
import { store } from "@/server/store";

/**
 * Deletes what was stored and never named: of a crop that was refused after all, or of a process that was killed between the two. Manages its own transaction,
 * as the worker: what could not be deleted comes again.
 */
export async function deleteUnnamedFiles(): Promise<void> {
  await withActor({ ...signInActor, role: "worker" }, async (tx) => {
    const files = await tx.execute<{ sha256: string }>(sql`select sha256 from nw.take_unnamed_files()`);
    for (const { sha256 } of files) await store.delete(sha256);
  });
}
